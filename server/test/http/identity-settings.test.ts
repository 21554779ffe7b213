/** Settings of identity types, the order of trust and identity datasets, over HTTP. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { defineDataset } from '../../src/administration/dataset/define-dataset.ts';
import { usualDefinition } from '../../src/domain/dataset/dataset-definition.ts';
import { callApi } from './call-api.ts';
import { readProblem } from './problem-shape.ts';
import { startApi } from './start-api.ts';

type Json = Record<string, unknown>;

const organization = '/admin/v1/organization';
const scopes = ['admin:read', 'admin:write'] as const;

/** The API with a second dataset, `shop`, and the identity type `user_id`. */
async function start(t: TestContext) {
  const api = await startApi(t);
  const token = await api.token({ scopes });
  const call = async (method: string, path: string, body?: Json, by = token) => {
    const answer = await callApi(api, { method, path, token: by, ...(body && { body }) });
    const parsed = answer.body === '' ? {} : (JSON.parse(answer.body) as Json);
    return { status: answer.status, body: parsed, answer };
  };
  await call('POST', '/admin/v1/identity-types', { name: 'user_id' });
  await defineDataset(api.administration, 1, {
    name: 'shop',
    definition: {
      ...usualDefinition,
      identifiers: [{ identityType: 'email', column: 'mail' }],
      columns: [{ column: 'last_order', field: 'last_order' }],
    },
    fields: new Map([['last_order', { type: 'string' }]]),
  });
  return { api, token, call };
}

const typePath = (name: string) => `/admin/v1/identity-types/${name}`;

test('settings of an identity type change alone, and email-hash follows email', async (t) => {
  const { call } = await start(t);
  const stable = await call('PATCH', typePath('user_id'), { stable: true, max_per_contact: 1 });
  assert.deepEqual([stable.status, stable.body['stable'], stable.body['joins']], [200, true, true]);
  const joins = await call('PATCH', typePath('user_id'), { joins: false, shared_limit: 50 });
  assert.deepEqual(joins.body, { ...stable.body, joins: false, shared_limit: 50 });
  assert.deepEqual((await call('GET', typePath('user_id'))).body, joins.body);
  await call('PATCH', typePath('email'), { max_per_contact: 5 });
  const hash = (await call('GET', typePath('email-hash'))).body;
  assert.deepEqual([hash['max_per_contact'], hash['blocked']], [5, []]);
  assert.equal((await call('GET', typePath('id'))).body['joins'], undefined);
});

test('settings that an identity type cannot have are refused with their place', async (t) => {
  const { call } = await start(t);
  await call('PATCH', typePath('user_id'), { stable: true });
  for (const [name, body, path] of [
    ['email', { max_per_contact: 0 }, '/max_per_contact'],
    ['email', { max_per_contact: 101 }, '/max_per_contact'],
    ['email', { shared_limit: 51 }, '/shared_limit'],
    ['email', { shared_limit: 1.5 }, '/shared_limit'],
    ['email', { joins: 'no' }, '/joins'],
    ['email', { stable: true }, '/stable'],
    ['email', { stabel: true }, '/stabel'],
    ['email-hash', { joins: false }, ''],
    ['id', { stable: true }, ''],
  ] as const) {
    const { answer } = await call('PATCH', typePath(name), body);
    const problem = readProblem(answer);
    assert.equal(problem.code, 'definition_invalid', `${name} ${JSON.stringify(body)}`);
    assert.deepEqual(
      (problem['problems'] as Json[]).map((one) => one['path']),
      [path],
      JSON.stringify(body),
    );
  }
});

test('a change of an identity type without a setting is refused', async (t) => {
  const { call } = await start(t);
  const { answer } = await call('PATCH', typePath('email'), {});
  assert.equal(readProblem(answer).code, 'body_malformed');
});

test('a second stable identity type is refused, and named only to those who may see it', async (t) => {
  const { api, call } = await start(t);
  await call('PATCH', typePath('user_id'), { stable: true });
  const named = await call('PATCH', typePath('email'), { stable: true });
  assert.match(String(named.body['detail']), /user_id is stable already, and only one can be/);
  const narrow = await api.token({ scopes, identityTypes: ['email'] });
  const hidden = await call('PATCH', typePath('email'), { stable: true }, narrow);
  assert.equal(hidden.status, named.status);
  assert.doesNotMatch(hidden.answer.body, /user_id/);
  const again = await call('PATCH', typePath('user_id'), { stable: true });
  assert.equal(again.status, 200, 'the stable type itself may be set again');
});

test('the order of trust is changed by names and kept by id', async (t) => {
  const { api, call } = await start(t);
  assert.deepEqual((await call('GET', organization)).body['trust'], []);
  const set = await call('PATCH', organization, { trust: ['shop', 'crm'] });
  assert.deepEqual([set.status, set.body['trust']], [200, ['shop', 'crm']]);
  const { catalog } = api.administration;
  const state = (await catalog.loadState()).organizations.get(1);
  const ids = ['shop', 'crm'].map((name) => state?.datasets.get(name)?.id);
  assert.deepEqual(state?.identityRules.trust, ids);
  await call('PATCH', organization, { currency: 'EUR' });
  assert.deepEqual((await call('GET', organization)).body['trust'], ['shop', 'crm']);
  const wrong = await call('PATCH', organization, { trust: ['shop', 'cmr', 'shop'] });
  assert.deepEqual(wrong.body['problems'], [
    { path: '/trust/1', detail: 'There is no dataset cmr. Did you mean crm?' },
    { path: '/trust/2', detail: 'shop is named twice.' },
  ]);
  assert.equal((await call('DELETE', '/admin/v1/datasets/shop')).status, 204);
  assert.deepEqual((await call('GET', organization)).body['trust'], ['crm']);
});

test('a token that may not see every dataset does not see their order, and cannot change it', async (t) => {
  const { api, call } = await start(t);
  await call('PATCH', organization, { trust: ['crm', 'shop'] });
  for (const lists of [{ dataset: 'shop' }, { fields: ['last_order'] }]) {
    const narrow = await api.token({ scopes: [...scopes, 'contacts:write'], ...lists });
    const seen = await call('GET', organization, undefined, narrow);
    assert.deepEqual(seen.body['trust'], ['shop']);
    const refused = await call('PATCH', organization, { trust: ['shop'] }, narrow);
    assert.equal(readProblem(refused.answer).code, 'scope_missing');
    const other = await call('PATCH', organization, { token_pool_max: 9 }, narrow);
    assert.equal(other.status, 200, other.answer.body);
  }
  assert.deepEqual((await call('GET', organization)).body['trust'], ['crm', 'shop']);
});

test('an identity dataset is defined and shown, and its faults have a place', async (t) => {
  const { call } = await start(t);
  const path = '/admin/v1/datasets/same';
  const identifiers = { user_id: 'User', email: ['Mail', 'Old mail'] };
  const definition = { kind: 'identity', identifiers, mode: 'snapshot' };
  const made = await call('PUT', path, { definition });
  assert.equal(made.status, 200, made.answer.body);
  assert.deepEqual((await call('GET', path)).body['definition'], definition);
  const wrong = {
    ...definition,
    fields: { age: { type: 'integer' } },
    identifiers: { email: 'M' },
  };
  const refused = await call('POST', `${path}/validate`, { definition: wrong });
  assert.deepEqual(
    (refused.body['problems'] as Json[]).map((one) => one['path']),
    ['/definition/identifiers', '/definition/fields'],
  );
  const pushed = await call('POST', '/ingest/v1/contacts', {
    dataset: 'same',
    rows: [{ User: '1' }],
  });
  assert.ok(pushed.status >= 400, pushed.answer.body);
  assert.equal((await call('DELETE', path)).status, 204);
});
