/** Flows, exclusion groups and the global holdout over real sockets. */
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

async function startFlows(t: Parameters<typeof startApi>[0]) {
  const api = await startApi(t);
  const token = await api.token({ scopes: ['admin:read', 'admin:write'] });
  const body = { name: 'Buyers', rule: 'total_spend > 10' };
  await must(api, { method: 'POST', path: '/admin/v1/segments', token, body }, 201);
  return { api, token };
}

const flows = '/admin/v1/flows';
const spring = {
  ...{ id: 142_309, name: 'Spring', segment: 'Buyers', status: 'live', holdout: 10 },
  variants: [
    { name: 'A', weight: 50 },
    { name: 'B', weight: 50 },
  ],
};

test('a flow is created, shown, changed with its version, and removed', async (t) => {
  const { api, token } = await startFlows(t);
  const made = await callApi(api, { method: 'POST', path: flows, token, body: spring });
  assert.equal(made.status, 201, made.body);
  const path = `${flows}/142309`;
  assert.equal(made.headers.get('location'), path);
  const flow = JSON.parse(made.body) as Json;
  assert.equal(flow['held_out'], '4500-4999, 9500-9999');
  const shown = await callApi(api, { path, token });
  assert.deepEqual(JSON.parse(shown.body), flow);
  const headers = { 'if-match': shown.headers.get('etag') ?? '' };
  const body = { name: 'Summer', holdout: 0 };
  const changed = await must(api, { method: 'PATCH', path, token, body, headers });
  assert.deepEqual([changed['name'], changed['held_out']], ['Summer', '']);
  const late = await callApi(api, { method: 'PATCH', path, token, body: spring, headers });
  assert.equal(readProblem(late).code, 'definition_invalid', 'an id cannot be changed');
  const stale = await callApi(api, { method: 'PATCH', path, token, body, headers });
  assert.equal(readProblem(stale).code, 'precondition_failed');
  const plain = { variants: null, branches: null };
  const ended = await callApi(api, { method: 'PATCH', path, token, body: plain });
  assert.match(readProblem(ended).detail, /A variant of a live flow cannot be renamed or removed/);
  const paused = { ...{ method: 'PATCH', path, token }, body: { status: 'paused' } };
  await must(api, paused);
  const without = await must(api, { method: 'PATCH', path, token, body: plain });
  assert.equal(without['variants'], null);
  const listed = await must(api, { path: flows, token });
  assert.deepEqual(listed, { data: [without], next_cursor: null });
  const history = await must(api, { path: `${path}/history`, token });
  assert.equal((history['data'] as Json[]).length, 4);
  const removed = await callApi(api, { method: 'DELETE', path, token });
  assert.equal(removed.status, 204, removed.body);
  assert.equal(readProblem(await callApi(api, { path, token })).code, 'resource_not_found');
});

test('bad flows are refused with every fault', async (t) => {
  const { api, token } = await startFlows(t);
  const post = (body: unknown) => callApi(api, { method: 'POST', path: flows, token, body });
  const weights = [
    { name: 'A', weight: 70 },
    { name: 'B', weight: 20 },
  ];
  const bad = readProblem(await post({ name: 'x', variants: weights, segment: 'None' }));
  assert.deepEqual(
    [bad.code, (bad['problems'] as Json[]).map(({ path }) => path)],
    ['definition_invalid', ['/segment', '/variants']],
  );
  const rule = await post({ name: 'x', branches: [{ rule: 'citi == ""', variant: 'A' }] });
  assert.equal(readProblem(rule).code, 'rule_invalid');
  for (const body of [{ name: 'x', status: 'on' }, { name: 'x', holdout: 'a' }, { id: 5 }, []]) {
    const { code } = readProblem(await post(body));
    assert.ok(code === 'definition_invalid' || code === 'body_malformed', code);
  }
});

test('groups and the global holdout are set with their versions', async (t) => {
  const { api, token } = await startFlows(t);
  // A draft has no members whose move needs approval.
  const draft = { ...spring, status: 'draft' };
  await must(api, { method: 'POST', path: flows, token, body: draft }, 201);
  const path = `/admin/v1/exclusion-groups/${encodeURIComponent('Mails 2026')}`;
  const body = { salt: 'mails', flows: [{ flow: 'Spring', share: 40 }] };
  const group = await must(api, { method: 'PUT', path, token, body });
  assert.deepEqual(group, {
    ...{ name: 'Mails 2026', unit: 'contact', salt: 'mails' },
    flows: [{ flow: 'Spring', share: 40, slots: '0-3999' }],
  });
  assert.deepEqual(await must(api, { path, token }), group);
  const used = await callApi(api, { method: 'DELETE', path: `${flows}/142309`, token });
  assert.equal(readProblem(used).code, 'definition_in_use');
  const headers = { 'if-match': '"other"' };
  const stale = await callApi(api, { method: 'PUT', path, token, body, headers });
  assert.equal(readProblem(stale).code, 'precondition_failed');
  const list = await must(api, { path: '/admin/v1/exclusion-groups', token });
  assert.deepEqual(list['data'], [group]);
  assert.equal((await callApi(api, { method: 'DELETE', path, token })).status, 204);
  const holdout = { path: '/admin/v1/global-holdout', token };
  assert.equal((await must(api, holdout))['percent'], 0);
  const set = await must(api, { ...holdout, method: 'PATCH', body: { percent: 5 } });
  assert.deepEqual(await must(api, holdout), set);
  const wrong = await callApi(api, { ...holdout, method: 'PATCH', body: { percent: 0.001 } });
  assert.equal(readProblem(wrong).code, 'definition_invalid');
});
