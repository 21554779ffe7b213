/** Plans over real sockets: counts, the member `plan`, and the scope of whoever approves. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { editFlow } from '../../src/administration/flow/flows.ts';
import { setGlobalHoldout } from '../../src/administration/flow/global-holdout.ts';
import { editSegment } from '../../src/administration/rule/segments.ts';
import { callApi } from './call-api.ts';
import { readProblem } from './problem-shape.ts';
import { startComputed } from './start-computed.ts';

const halves = [
  { name: 'A', weight: 50 },
  { name: 'B', weight: 50 },
];

test('a change that moves members of a live flow answers 409 with counts, and is carried out with the plan', async (t) => {
  const { api, segment } = await startComputed(t);
  const { administration } = api;
  const token = await api.token({ scopes: ['admin:read', 'admin:write'] });
  const approver = await api.token({ scopes: ['admin:read', 'admin:write', 'admin:approve'] });
  await segment('Buyers', 'total_spend > 100');
  const call = (method: 'POST' | 'PATCH' | 'PUT', path: string, body: object, by = token) =>
    callApi(api, { method, path: `/admin/v1/${path}`, token: by, body });
  const flow = { id: 7, name: 'Spring', segment: 'Buyers', status: 'live', variants: halves };
  assert.equal((await call('POST', 'flows', flow)).status, 201);
  const changes = [
    ['PATCH', 'segments/1', { rule: 'total_spend > 1000' }],
    ['PATCH', 'flows/7', { holdout: 100 }],
    ['PATCH', 'global-holdout', { percent: 100 }],
    ['PUT', 'exclusion-groups/Mails', { unit: 'user_id', flows: [{ flow: '7', share: 10 }] }],
  ] as const;
  for (const [method, path, body] of changes) {
    const asked = await call(method, path, body);
    const problem = readProblem(asked);
    assert.deepEqual([asked.status, problem.code], [409, 'approval_required'], path);
    const { plan, moves } = JSON.parse(asked.body) as { plan: string; moves: object[] };
    const counts = { members: 1, moved: 1, joined: 0, left: 1, changed: 0, margin: 0 };
    assert.deepEqual(moves, [{ flow: 7, name: 'Spring', ...counts }], path);
    const refused = await call(method, path, { ...body, plan });
    assert.deepEqual([refused.status, readProblem(refused).code], [403, 'scope_missing'], path);
    const done = await call(method, path, { ...body, plan }, approver);
    assert.equal(done.status, 200, done.body);
    await editFlow(administration, 1, { reference: '7', status: 'paused' });
    await editSegment(administration, 1, { reference: '1', rule: 'total_spend > 100' });
    await setGlobalHoldout(administration, 1, { percent: 0 });
    await editFlow(administration, 1, { reference: '7', status: 'live', holdout: 0 });
  }
  // The group, of which Tom has no unit, keeps him out. Without it he would join.
  const path = '/admin/v1/exclusion-groups/Mails';
  const removed = await callApi(api, { method: 'DELETE', path, token });
  assert.equal(removed.status, 204, 'a flow without members has none that could be moved');
});

test('force does not replace a plan', async (t) => {
  const { api, segment, computed } = await startComputed(t);
  const approver = await api.token({ scopes: ['admin:read', 'admin:write', 'admin:approve'] });
  await computed('rich', 'total_spend > 100');
  await segment('Rich', 'rich');
  const flow = { name: 'Spring', segment: 'Rich', status: 'live' };
  const made = { method: 'POST', path: '/admin/v1/flows', token: approver, body: flow } as const;
  assert.equal((await callApi(api, made)).status, 201);
  const path = '/admin/v1/computed-fields/rich';
  const body = { rule: 'total_spend > 1000', force: true };
  const forced = await callApi(api, { method: 'PATCH', path, token: approver, body });
  assert.equal(readProblem(forced).code, 'approval_required');
  const { plan } = JSON.parse(forced.body) as { plan: string };
  const { force: _, ...given } = body;
  const sent = { method: 'PATCH', path, token: approver, body: { ...given, plan } } as const;
  assert.equal((await callApi(api, sent)).status, 200);
});
