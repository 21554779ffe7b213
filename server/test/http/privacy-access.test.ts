/** Who may erase, export and correct people over HTTP, and what is told of them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { scopes } from '../../src/domain/token/token.ts';
import { callApi } from './call-api.ts';
import { codeOf, type Json } from './start-joins.ts';
import { startPrivacy } from './start-privacy.ts';

const posts: Readonly<Record<string, Json>> = {
  requests: { kind: 'erase', identity: 'user_id:1' },
  export: { identity: 'user_id:1' },
  verify: {
    receipt: {
      ...{ version: 1, request_id: '019ab4c2-d1e0-7001-8f8b-2c1e6c1f0a4b' },
      ...{ organization: 'default', kind: 'erase', key_id: '0a'.repeat(8), counts: {} },
      ...{ received_at: '2026-01-01T00:00:00Z', ended_at: '2026-01-01T00:00:00Z' },
      ...{ subjects: [], mac: '0a'.repeat(32) },
    },
  },
};
const gets = ['requests', 'requests/019ab4c2-d1e0-7001-8f8b-2c1e6c1f0a4b'];

test('no other scope implies the one for people', async (t) => {
  const { api, ask, push, names, read } = await startPrivacy(t);
  await push('shop', { user: '1', name: 'Ann' });
  const token = await api.token({ scopes: scopes.filter((scope) => scope !== 'privacy:write') });
  for (const [path, body] of Object.entries(posts)) {
    const refused = await ask(path, body, token);
    assert.deepEqual(codeOf(refused), [403, 'scope_missing'], path);
    assert.equal(refused.body['scope'], 'privacy:write');
  }
  for (const path of gets) {
    assert.deepEqual(codeOf(await read(path, token)), [403, 'scope_missing'], path);
  }
  assert.deepEqual(await names('user_id:1'), ['Ann', null]);
});

test('a token with lists may do nothing with people', async (t) => {
  const { api, ask, push, names, read } = await startPrivacy(t);
  await push('shop', { user: '1', name: 'Ann' });
  for (const lists of [
    { fields: ['shop_name', 'web_name'] },
    { identityTypes: ['user_id'] },
    { dataset: 'shop' },
  ]) {
    const token = await api.token({ scopes, ...lists });
    for (const [path, body] of Object.entries(posts)) {
      assert.deepEqual(codeOf(await ask(path, body, token)), [403, 'scope_missing'], path);
    }
    for (const path of gets) {
      assert.deepEqual(codeOf(await read(path, token)), [403, 'scope_missing'], path);
    }
  }
  assert.deepEqual(await names('user_id:1'), ['Ann', null]);
});

test('a token with lists is refused before its request is looked at', async (t) => {
  const { api, ask, read } = await startPrivacy(t);
  const token = await api.token({ scopes, fields: ['shop_name'] });
  for (const path of Object.keys(posts)) {
    assert.deepEqual(codeOf(await ask(path, { nonsense: 1 }, token)), [403, 'scope_missing'], path);
  }
  assert.deepEqual(codeOf(await read('requests?limit=x', token)), [403, 'scope_missing']);
});

test('the scope for people gives no other right', async (t) => {
  const { api, officer, send } = await startPrivacy(t);
  for (const path of ['/audience/v2/contacts/lookup', '/admin/v1/contacts/identities']) {
    const refused = await send(path, { identity: 'user_id:1' }, officer);
    assert.deepEqual(codeOf(refused), [403, 'scope_missing'], path);
  }
  for (const path of ['/admin/v1/tokens', '/admin/v1/fields', '/admin/v1/organization']) {
    const refused = await callApi(api, { path, token: officer });
    assert.equal(refused.status, 403, path);
  }
});

test('a token without the scope creates none with it', async (t) => {
  const { api, send } = await startPrivacy(t);
  const admin = await api.token({ scopes: scopes.filter((scope) => scope !== 'privacy:write') });
  const body = { created_by: 'eve@example.com', scopes: ['privacy:write'] };
  assert.deepEqual(codeOf(await send('/admin/v1/tokens', body, admin)), [403, 'scope_missing']);
});

test('bad requests name what is wrong and no value', async (t) => {
  const { api, request, ask, read, push } = await startPrivacy(t);
  await push('shop', { user: '1', name: 'Ann' });
  const secret = 'Zaphod-Secret';
  const cases: readonly (readonly [Json, string, RegExp])[] = [
    [{ kind: 'erase' }, 'definition_invalid', /either identity or identities/],
    [
      { kind: 'erase', identity: 'user_id:1', identities: ['user_id:2'] },
      'definition_invalid',
      /either/,
    ],
    [
      { kind: 'erase', identity: 'user_id:1', fields: { shop_name: secret } },
      'definition_invalid',
      /has no fields/,
    ],
    [
      { kind: 'erase', identities: ['user_id:1', `email:${secret}`] },
      'identity_value_invalid',
      /\/identities\/1: /,
    ],
    [{ kind: 'erase', identities: [`${secret}:1`] }, 'identity_type_unknown', /\/identities\/0: /],
    [{ kind: 'erase', identities: [] }, 'definition_invalid', /identities/],
    [
      { kind: 'erase', identities: Array.from({ length: 10_001 }, (_, n) => `user_id:${n}`) },
      'definition_invalid',
      /10000 items/,
    ],
    [{ kind: 'amend', identity: 'user_id:1' }, 'definition_invalid', /a field to amend or to lift/],
    [
      { kind: 'amend', identity: 'user_id:1', fields: { shop_nam: secret } },
      'definition_invalid',
      /no field shop_nam. Did you mean shop_name/,
    ],
    [
      { kind: 'amend', identity: 'user_id:1', fields: { [secret]: 'x' } },
      'definition_invalid',
      /not the name of a field/,
    ],
    [
      { kind: 'amend', identity: 'user_id:1', fields: { shop_name: [secret] } },
      'definition_invalid',
      /shop_name \(string\) is a list/,
    ],
    [
      { kind: 'amend', identity: 'user_id:1', fields: { shop_name: secret }, lift: ['shop_name'] },
      'definition_invalid',
      /same request/,
    ],
    [
      { kind: 'amend', identity: 'user_id:99', fields: { shop_name: secret } },
      'contact_not_found',
      /Check its type/,
    ],
    [{ kind: 'lift', identity: `user_id:${secret}` }, 'resource_not_found', /not suppressed/],
    [{ kind: 'export', identity: 'user_id:1' }, 'definition_invalid', /kind/],
  ];
  for (const [body, code, words] of cases) {
    const { body: problem } = await request(body);
    assert.equal(problem['code'], code, JSON.stringify([body, problem]).slice(0, 500));
    assert.match(String(problem['detail']), words);
    assert.doesNotMatch(JSON.stringify(problem), new RegExp(secret));
  }
  const unknown = await ask('export', { identity: `user_id:${secret}` });
  assert.deepEqual(codeOf(unknown), [404, 'contact_not_found']);
  const missing = await read('requests/019ab4c2-d1e0-7001-8f8b-2c1e6c1f0a4b');
  assert.deepEqual(codeOf(missing), [404, 'resource_not_found']);
  assert.doesNotMatch(api.logged.join('\n'), new RegExp(secret));
});

test('a list of requests refuses filters that it cannot read', async (t) => {
  const { read } = await startPrivacy(t);
  for (const query of [
    'cursor=bm9wZQ',
    'since=yesterday',
    'since=2026-02-31T08:00:00Z',
    'kind=x',
  ]) {
    assert.deepEqual(codeOf(await read(`requests?${query}`)), [400, 'parameter_invalid'], query);
  }
});
