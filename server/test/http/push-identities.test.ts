/** `POST /ingest/v1/identities` over HTTP, with a real store and its writer's socket. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { defineDataset } from '../../src/administration/dataset/define-dataset.ts';
import { usualDefinition } from '../../src/domain/dataset/dataset-definition.ts';
import { callApi } from './call-api.ts';
import { codeOf, type Json, startJoins } from './start-joins.ts';

const path = '/ingest/v1/identities';

/** A dataset `same` of identities, and contacts `user_id:1` and `email:a@x.org`. */
async function start(t: TestContext) {
  const joins = await startJoins(t);
  const { api, token } = joins;
  await defineDataset(api.administration, 1, {
    name: 'same',
    definition: {
      ...usualDefinition,
      kind: 'identity',
      source: { kind: 'push' },
      identifiers: [
        { identityType: 'user_id', column: 'user' },
        { identityType: 'email', column: 'mail' },
        { identityType: 'email', column: 'old_mail' },
      ],
    },
    fields: new Map(),
  });
  await api.token();
  await joins.push('shop', { user: '1', name: 'Ann' });
  await joins.push('web', { email: 'a@x.org', name: 'Anna' });
  const pushIdentities = async (
    rows: unknown,
    headers: Record<string, string> = {},
    by = token,
  ) => {
    const body = { dataset: 'same', rows };
    const answer = await callApi(api, { method: 'POST', path, token: by, body, headers });
    return { status: answer.status, body: JSON.parse(answer.body) as Json, answer };
  };
  return { ...joins, pushIdentities };
}

test('a row joins the contacts of its identities, and later rows add to what it says', async (t) => {
  const { pushIdentities, push, names } = await start(t);
  const pushed = await pushIdentities([{ user: 1, mail: 'A@x.org', old_mail: 'b@x.org' }]);
  const { revision, ...counts } = pushed.body;
  assert.match(String(revision), /^[0-9a-f]{16}$/);
  assert.deepEqual(counts, {
    ...{ status: 'success', dataset: 'same', received: 1, added: 0, changed: 1, unchanged: 0 },
    ...{ rejected: 0, rejections: [], field_unknown: 0, unknown_columns: [] },
    ...{ joined: 1, refused_claims: {} },
  });
  for (const identity of ['user_id:1', 'email:a@x.org', 'email:b@x.org']) {
    assert.deepEqual(await names(identity), ['Ann', 'Anna'], identity);
  }
  await pushIdentities([{ user: 1, mail: 'c@x.org', old_mail: null }]);
  for (const identity of ['email:a@x.org', 'email:b@x.org', 'email:c@x.org']) {
    assert.deepEqual(await names(identity), ['Ann', 'Anna'], identity);
  }
  await push('web', { email: 'a@x.org', name: 'Annie' });
  assert.deepEqual(await names('user_id:1'), ['Ann', 'Annie']);
});

test('bad rows are rejected with their place, and the others are applied', async (t) => {
  const { pushIdentities, names } = await start(t);
  const { status, body, answer } = await pushIdentities([
    { user: null, mail: ' ' },
    { user: 7, mail: 'no address' },
    { user: 'guest' },
    { user: 2 ** 60, mail: 'a@x.org' },
    { user: 1, mail: 'a@x.org', plan: 'gold' },
  ]);
  assert.equal(status, 200);
  const rejections = body['rejections'] as Json[];
  assert.deepEqual(
    rejections.map(({ row, code, column }) => [row, code, column]),
    [
      [0, 'identity_missing', null],
      [1, 'identity_invalid', 'mail'],
      [2, 'identity_missing', null],
      [3, 'identity_invalid', 'user'],
    ],
  );
  assert.deepEqual(
    [body['rejected'], body['field_unknown'], body['unknown_columns']],
    [4, 1, ['plan']],
  );
  assert.doesNotMatch(answer.body, /no address|a@x/);
  assert.deepEqual(await names('user_id:1'), ['Ann', 'Anna']);
});

test('a repeated request with the same key gets the same answer and is applied once', async (t) => {
  const { pushIdentities, send, names } = await start(t);
  const key = { 'idempotency-key': 'same-1' };
  const rows = [{ user: 1, mail: 'a@x.org' }];
  const first = await pushIdentities(rows, key);
  assert.equal(first.status, 200);
  await send('/admin/v1/contacts/split', { identity: 'user_id:1' });
  assert.equal((await pushIdentities(rows, key)).answer.body, first.answer.body);
  assert.deepEqual(await names('user_id:1'), ['Ann', null]);
  const other = await pushIdentities([{ user: 2, mail: 'a@x.org' }], key);
  assert.deepEqual(codeOf(other), [409, 'idempotency_conflict']);
});

test('each kind of rows has its own route, and the lists of a token apply', async (t) => {
  const { api, pushIdentities, send, names } = await start(t);
  const rows = [{ user: 1, mail: 'a@x.org' }];
  const wrong = await send('/ingest/v1/contacts', { dataset: 'same', rows });
  assert.deepEqual(codeOf(wrong), [422, 'definition_invalid']);
  assert.match(String(wrong.body['detail']), /Push its rows to \/ingest\/v1\/identities\.$/);
  const contact = await send(path, { dataset: 'web', rows: [{ email: 'a@x.org' }] });
  assert.match(String(contact.body['detail']), /Push its rows to \/ingest\/v1\/contacts\.$/);
  const scopes = ['contacts:write'] as const;
  const ofWeb = await api.token({ scopes, dataset: 'web' });
  assert.deepEqual(codeOf(await pushIdentities(rows, {}, ofWeb)), [403, 'dataset_not_allowed']);
  const reads = await api.token();
  assert.deepEqual(codeOf(await pushIdentities(rows, {}, reads)), [403, 'scope_missing']);
  const ids = await api.token({ scopes, identityTypes: ['id'] });
  assert.deepEqual(codeOf(await pushIdentities(rows, {}, ids)), [403, 'identity_type_not_allowed']);
  const emails = await api.token({ scopes, dataset: 'same', identityTypes: ['email'] });
  const pushed = await pushIdentities(rows, {}, emails);
  assert.deepEqual([pushed.status, pushed.body['unknown_columns']], [200, ['user']]);
  assert.deepEqual(await names('user_id:1'), ['Ann', null], 'the user id was not read');
  const many = Array.from({ length: 1_001 }, () => rows[0]);
  assert.deepEqual(codeOf(await pushIdentities(many)), [400, 'batch_too_large']);
  assert.equal((await pushIdentities(many.slice(1))).status, 200);
});

test('the answer counts the claims of its rows that have no effect', async (t) => {
  const { pushIdentities, api, token } = await start(t);
  const rules = { max_per_contact: 1 };
  const method = 'PATCH';
  const changed = { method, path: '/admin/v1/identity-types/email', token, body: rules };
  assert.equal((await callApi(api, changed)).status, 200);
  await api.token();
  const rows = [{ user: 1, mail: 'b@x.org', old_mail: 'c@x.org' }];
  const headers = { 'idempotency-key': 'one' };
  for (const _ of ['first', 'repeated']) {
    const { body } = await pushIdentities(rows, headers);
    assert.deepEqual([body['joined'], body['refused_claims']], [0, { identity_limit: 1 }]);
  }
});
