/** Segments and computed fields over real sockets. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ApiCall, callApi } from './call-api.ts';
import { readProblem } from './problem-shape.ts';
import { type RunningApi, startApi } from './start-api.ts';

type Json = Record<string, unknown>;

async function must(api: RunningApi, call: ApiCall, status = 200): Promise<Json> {
  const answer = await callApi(api, call);
  assert.equal(answer.status, status, answer.body);
  return JSON.parse(answer.body) as Json;
}

async function startAdmin(t: Parameters<typeof startApi>[0]) {
  const api = await startApi(t);
  const token = await api.token({ scopes: ['contacts:read', 'admin:read', 'admin:write'] });
  return { api, token };
}

/** Of an entry of a history. */
function differencesOf(edit: Json | undefined): readonly Json[] {
  return edit?.['differences'] as Json[];
}

const segments = '/admin/v1/segments';
const computed = '/admin/v1/computed-fields';
const buyers = { name: 'Big spenders', rule: 'total_spend > 1000' };

test('a segment is created, shown, changed with its version, and removed', async (t) => {
  const { api, token } = await startAdmin(t);
  const made = await callApi(api, { method: 'POST', path: segments, token, body: buyers });
  assert.equal(made.status, 201, made.body);
  assert.equal(made.headers.get('location'), `${segments}/1`);
  const segment = { id: 1, ...buyers, description: null, rule: 'total_spend > 1000.0' };
  assert.deepEqual(JSON.parse(made.body), segment);
  const path = `${segments}/1`;
  const shown = await callApi(api, { path, token });
  const etag = shown.headers.get('etag') ?? '';
  const headers = { 'if-match': etag };
  assert.equal(
    (await callApi(api, { path, token, headers: { 'if-none-match': etag } })).status,
    304,
  );
  const body = { name: 'Spenders', description: 'by total' };
  const changed = await must(api, { method: 'PATCH', path, token, body, headers });
  assert.deepEqual(changed, { ...segment, ...body });
  const late = await callApi(api, { method: 'PATCH', path, token, body, headers });
  assert.equal(readProblem(late).code, 'precondition_failed');
  const listed = await must(api, { path: segments, token });
  assert.deepEqual(listed, { data: [changed], next_cursor: null });
  const history = await must(api, { path: `${path}/history?limit=1`, token });
  const [edit] = history['data'] as Json[];
  assert.equal(edit?.['number'], 2);
  assert.match(String(edit?.['author']), /^token:/);
  assert.deepEqual(
    differencesOf(edit).map((one) => one['path']),
    ['/name', '/description'],
  );
  assert.notEqual(history['next_cursor'], null);
  const removed = await callApi(api, { method: 'DELETE', path, token });
  assert.equal(removed.status, 204, removed.body);
  assert.equal(readProblem(await callApi(api, { path, token })).code, 'resource_not_found');
  const all = await must(api, { path: `${path}/history`, token });
  assert.equal((all['data'] as Json[])[0]?.['definition'], null);
});

test('a bad rule is answered with its place, and a used segment with its users', async (t) => {
  const { api, token } = await startAdmin(t);
  const post = (body: unknown) => callApi(api, { method: 'POST', path: segments, token, body });
  const wrong = readProblem(await post({ name: 'x', rule: 'true &&\n  total_spent > 5' }));
  assert.deepEqual(
    [wrong.code, wrong['line'], wrong['column'], wrong['suggestion']],
    ['rule_invalid', 2, 3, 'total_spend'],
  );
  await post(buyers);
  await post({ name: 'VIPs', rule: 'in_segment("Big spenders")' });
  assert.equal(readProblem(await post(buyers)).code, 'name_taken');
  const used = await callApi(api, { method: 'DELETE', path: `${segments}/1`, token });
  const problem = readProblem(used);
  assert.deepEqual(
    [used.status, problem.code, problem['users']],
    [409, 'definition_in_use', [{ kind: 'segment', id: 2, name: 'VIPs' }]],
  );
  const body = { rule: 'in_segment("VIPs")' };
  const cycle = await callApi(api, { method: 'PATCH', path: `${segments}/1`, token, body });
  assert.deepEqual([cycle.status, readProblem(cycle).code], [422, 'definition_cycle']);
  for (const bad of [{}, { name: 'x' }, { ...buyers, extra: 1 }, { name: '<i>', rule: 'true' }]) {
    assert.equal(readProblem(await post(bad)).code, 'definition_invalid', JSON.stringify(bad));
  }
  const deep = await post({ name: 'x', rule: `${'('.repeat(1_000)}true${')'.repeat(1_000)}` });
  assert.equal(readProblem(deep).code, 'rule_invalid');
});

test('a computed field is created, found among the fields, changed and removed', async (t) => {
  const { api, token } = await startAdmin(t);
  const body = {
    name: 'tier',
    rule: 'total_spend > 100 ? "gold" : "basic"',
    sensitivity: 'public',
  };
  const made = await callApi(api, { method: 'POST', path: computed, token, body });
  assert.equal(made.status, 201, made.body);
  const path = `${computed}/tier`;
  assert.equal(made.headers.get('location'), path);
  const field = JSON.parse(made.body) as Json;
  assert.deepEqual(
    [field['type'], field['rule'], field['dataset']],
    ['string', 'total_spend > 100.0 ? "gold" : "basic"', null],
  );
  assert.deepEqual(await must(api, { path: '/admin/v1/fields/tier', token }), field);
  assert.deepEqual(await must(api, { path: computed, token }), {
    data: [field],
    next_cursor: null,
  });
  const { headers } = await callApi(api, { path, token });
  const changed = await must(api, {
    ...{ method: 'PATCH', path, token, body: { content: false } },
    headers: { 'if-match': headers.get('etag') ?? '' },
  });
  assert.equal(changed['content'], false);
  const patch = { method: 'PATCH', path: '/admin/v1/fields/tier', token };
  const again = await must(api, { ...patch, body: { content: true, display_name: 'Tier' } });
  assert.deepEqual([again['content'], again['display_name']], [true, 'Tier']);
  const history = await must(api, { path: `${path}/history`, token });
  assert.equal((history['data'] as Json[]).length, 3);
  const taken = await callApi(api, { method: 'POST', path: computed, token, body });
  assert.equal(readProblem(taken).code, 'name_taken');
  const removed = await callApi(api, { method: 'DELETE', path, token });
  assert.equal(removed.status, 204, removed.body);
  assert.equal(readProblem(await callApi(api, { path, token })).code, 'resource_not_found');
});

test('a field that a rule uses cannot be turned off over HTTP, not even with force', async (t) => {
  const { api, token } = await startAdmin(t);
  await must(api, { method: 'POST', path: segments, token, body: buyers }, 201);
  const path = '/admin/v1/fields/total_spend';
  for (const body of [{ condition: false }, { condition: false, force: true }]) {
    const answer = await callApi(api, { method: 'PATCH', path, token, body });
    assert.equal(readProblem(answer).code, 'definition_in_use');
  }
});
