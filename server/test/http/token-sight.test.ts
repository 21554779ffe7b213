/**
 * A token with lists learns nothing outside them: not from answers, headers, documents, lists or
 * problems.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defineDataset } from '../../src/administration/dataset/define-dataset.ts';
import { createComputedField } from '../../src/administration/rule/computed-fields.ts';
import { createSegment } from '../../src/administration/rule/segments.ts';
import { listTokens } from '../../src/administration/token/tokens.ts';
import { usualDefinition } from '../../src/domain/dataset/dataset-definition.ts';
import { email, patch } from '../stores/sample-changes.ts';
import { type ApiCall, callApi } from './call-api.ts';
import { type RunningApi, startApi, waitFor } from './start-api.ts';

const look = '/audience/v2/contacts?identity=email:tom@hello.com';
const lookup = '/audience/v2/contacts/lookup';
const admin = ['contacts:read', 'contacts:write', 'admin:read', 'admin:write'] as const;

const crmFields = ['email_address', 'first_name', 'total_spend', 'shoe_size'];

/** The API with a second dataset, `shop`, that fills `last_order`. */
async function startTwo(t: Parameters<typeof startApi>[0]): Promise<RunningApi> {
  const api = await startApi(t);
  await defineDataset(api.administration, 1, {
    name: 'shop',
    definition: {
      ...usualDefinition,
      source: { kind: 'push' },
      identifiers: [{ identityType: 'email', column: 'mail' }],
      columns: [{ column: 'last_order', field: 'last_order' }],
      format: {},
    },
    fields: new Map([['last_order', { type: 'string' }]]),
  });
  await waitFor(() => api.fieldId('last_order') > 0);
  return api;
}

test('a token with a list of fields does not learn when a contact changed', async (t) => {
  const api = await startTwo(t);
  const whole = await api.token();
  const narrow = await api.token({ fields: ['first_name'] });
  const ask = (token: string, call: Partial<ApiCall> = {}) =>
    callApi(api, { path: look, token, ...call });
  const since = { 'if-modified-since': new Date(Date.now() + 86_400_000).toUTCString() };
  const post = { method: 'POST', path: lookup, body: { identity: 'email:tom@hello.com' } };
  const forms: Partial<ApiCall>[] = [
    {},
    { headers: { accept: 'application/json, */*' } },
    { headers: since },
    { method: 'HEAD' },
    post,
  ];
  const before = [];
  for (const form of forms) {
    assert.ok((await ask(whole, form)).headers.has('last-modified'));
    const answer = await ask(narrow, form);
    assert.deepEqual([answer.status, answer.headers.has('last-modified')], [200, false]);
    before.push(comparable(answer.headers));
  }
  const tag = (await ask(narrow)).headers.get('etag') ?? '';
  const known = await ask(narrow, { headers: { 'if-none-match': tag } });
  assert.deepEqual([known.status, known.headers.has('last-modified')], [304, false]);
  const change = patch([email('tom@hello.com')], { [api.fieldId('total_spend')]: 999 });
  await api.writer.push(1, 1, [change], { atMs: Date.now() });
  const after = [];
  for (const form of forms) after.push(comparable((await ask(narrow, form)).headers));
  assert.deepEqual(after, before, 'a change of another field shows nowhere');
  assert.equal((await ask(narrow, { headers: { 'if-none-match': tag } })).status, 304);
});

/** The headers without those that depend on the moment or on the single call. */
function comparable(headers: ReadonlyMap<string, string>) {
  const own = new Set(['date', 'ratelimit', 'x-request-id', 'connection', 'keep-alive']);
  return [...headers].filter(([name]) => !own.has(name));
}

async function documentOf(api: RunningApi, token: string) {
  const { body } = await callApi(api, { path: '/openapi.json', token });
  const document = JSON.parse(body);
  const fields = Object.keys(document.components.schemas.Contact.properties);
  return { fields: fields.sort(), body };
}

test('the OpenAPI document shows a token what its lists allow, and nothing else', async (t) => {
  const api = await startTwo(t);
  const own = ['email_address', 'first_name', 'shoe_size', 'total_spend'];
  const all = await documentOf(api, await api.token());
  for (const name of [...own, 'last_order']) assert.ok(all.fields.includes(name));
  const pushing = await api.token({ scopes: ['contacts:write'], dataset: 'shop' });
  assert.deepEqual((await documentOf(api, pushing)).fields, ['last_order']);
  const both = { scopes: ['contacts:read', 'contacts:write'], dataset: 'crm' } as const;
  assert.deepEqual((await documentOf(api, await api.token({ ...both }))).fields, own);
  const narrow = await api.token({ ...both, fields: ['first_name', 'last_order'] });
  const { fields, body } = await documentOf(api, narrow);
  assert.deepEqual(fields, ['first_name']);
  assert.doesNotMatch(body, /last_order|total_spend/);
  const emailOnly = await documentOf(api, await api.token({ identityTypes: ['email'] }));
  assert.match(emailOnly.body, /identity types of this organization: email\./);
});

test('lists of definitions show a token what its lists allow', async (t) => {
  const api = await startTwo(t);
  const lists = { fields: ['last_order'], identityTypes: ['email'], dataset: 'shop' };
  const token = await api.token({ scopes: admin, ...lists });
  const names = async (path: string) => {
    const { status, body } = await callApi(api, { path, token });
    assert.equal(status, 200, body);
    return JSON.parse(body).data.map(({ name }: { name: string }) => name);
  };
  assert.deepEqual(await names('/admin/v1/fields'), ['last_order']);
  assert.deepEqual(await names('/admin/v1/identity-types'), ['email']);
  assert.deepEqual(await names('/admin/v1/datasets'), ['shop']);
  const hidden: readonly ApiCall[] = [
    { path: '/admin/v1/fields/first_name' },
    { method: 'PATCH', path: '/admin/v1/fields/first_name', body: { content: false } },
    { method: 'PATCH', path: '/admin/v1/fields/flow_membership', body: { content: false } },
    { path: '/admin/v1/identity-types/phone' },
    { path: '/admin/v1/datasets/crm' },
    { path: '/admin/v1/datasets/crm/versions' },
    { path: '/admin/v1/datasets/crm/runs' },
    { method: 'DELETE', path: '/admin/v1/datasets/crm' },
  ];
  for (const call of hidden) {
    const { status, body } = await callApi(api, { ...call, token });
    assert.equal(status, 404, `${call.method} ${call.path}: ${body}`);
    assert.equal(JSON.parse(body).code, 'resource_not_found');
  }
  const seen = await callApi(api, { path: '/admin/v1/datasets/shop', token });
  assert.equal(seen.status, 200);
  const { definition } = JSON.parse(seen.body);
  for (const path of ['/admin/v1/datasets/crm', '/admin/v1/datasets/crm/validate']) {
    const method = path.endsWith('validate') ? 'POST' : 'PUT';
    const { status, body } = await callApi(api, { method, path, token, body: { definition } });
    assert.equal(status, 404, body);
  }
});

test('a dataset with a field outside the list is hidden whole', async (t) => {
  const api = await startTwo(t);
  const token = await api.token({ scopes: admin, fields: ['first_name'] });
  const { body } = await callApi(api, { path: '/admin/v1/datasets', token });
  assert.deepEqual(JSON.parse(body).data, []);
  assert.equal((await callApi(api, { path: '/admin/v1/datasets/crm', token })).status, 404);
});

test('problems of identities name no type outside the list', async (t) => {
  const api = await startTwo(t);
  const token = await api.token({ identityTypes: ['email'] });
  const codes = [];
  for (const type of ['email-hash', 'simonid', 'nope']) {
    const identity = `${type}:${'0'.repeat(64)}`;
    const path = `/audience/v2/contacts?identity=${identity}`;
    const { body } = await callApi(api, { path, token });
    const posted = await callApi(api, { method: 'POST', path: lookup, token, body: { identity } });
    codes.push(JSON.parse(body).code, JSON.parse(posted.body).code);
    assert.doesNotMatch(body + posted.body, /simonid|phone|email-hash/);
  }
  const twice = (code: string) => [code, code];
  const refused = twice('identity_type_not_allowed');
  assert.deepEqual(codes, [...refused, ...refused, ...twice('identity_type_unknown')]);
});

test('a refusal counts the rules that use a field, and names those that the token may see', async (t) => {
  const api = await startTwo(t);
  const secret = { name: 'Secret offers', rule: 'first_name == "Ann"' };
  await createSegment(api.administration, 1, secret);
  const letter = { name: 'initial', rule: 'first_name.trim()', settings: {} };
  await createComputedField(api.administration, 1, letter);
  const sights = [
    [{ dataset: 'crm' }, [], /: 2 definitions\. Ask/],
    [
      { fields: [...crmFields, 'initial'] },
      ['initial'],
      /: computed field initial and 1 more\. Ask/,
    ],
    [{}, ['Secret offers', 'initial'], /segment Secret offers/],
  ] as const;
  for (const [lists, names, words] of sights) {
    const token = await api.token({ scopes: admin, ...lists });
    const call = { method: 'PATCH', path: '/admin/v1/fields/first_name', body: { type: 'text' } };
    const { status, body } = await callApi(api, { ...call, token });
    assert.equal(status, 409, body);
    const { detail, users } = JSON.parse(body);
    assert.match(detail, words);
    assert.deepEqual(users.map(({ name }: { name: string }) => name).sort(), names);
  }
});

test('who may not see other tokens learns only how many may push to a dataset', async (t) => {
  const api = await startTwo(t);
  for (const name of ['one', 'two']) {
    await api.token({ name, scopes: ['contacts:write'], dataset: 'shop' });
  }
  const { administration } = api;
  const tokens = await listTokens(administration, 1);
  const bound = tokens.filter(({ dataset }) => dataset === 'shop');
  assert.equal(bound.length, 2);
  const remove = async (rights: Parameters<RunningApi['token']>[0]) => {
    const token = await api.token(rights);
    const path = '/admin/v1/datasets/shop';
    const { status, body } = await callApi(api, { method: 'DELETE', path, token });
    assert.equal(status, 409, body);
    return body;
  };
  const named = await remove({ scopes: admin });
  for (const { id } of bound) assert.ok(named.includes(id), named);
  const hidden = [
    await remove({ scopes: ['admin:write'] }),
    await remove({ scopes: admin, fields: ['last_order'] }),
  ];
  for (const body of hidden) {
    assert.match(body, /2 tokens may push to shop only, .* Ask somebody who may see all tokens/);
    for (const { id, last_characters } of bound) {
      assert.ok(!body.includes(id) && !body.includes(`...${last_characters}`), body);
    }
  }
});
