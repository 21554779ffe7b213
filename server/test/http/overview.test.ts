/** The overview over real sockets. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { overviewSchema } from '@usher/contract/overview-schema';
import { createFlow } from '../../src/administration/flow/flows.ts';
import { createOrganization } from '../../src/administration/organizations.ts';
import type { Overview } from '../../src/administration/overview/read-overview.ts';
import { createToken } from '../../src/administration/token/tokens.ts';
import { noPeople } from '../../src/domain/dataset/people-counts.ts';
import { shapeFaults } from '../../src/http/call/check-shape.ts';
import { callApi } from './call-api.ts';
import { readProblem } from './problem-shape.ts';
import type { startApi } from './start-api.ts';
import { limitAge, startComputed } from './start-computed.ts';

const path = '/admin/v1/overview';
const base = '/audience/v2/contacts';

async function startOverview(t: Parameters<typeof startApi>[0]) {
  const started = await startComputed(t, { rateLimit: 100 });
  const { api } = started;
  const reader = await api.token({ scopes: ['admin:read'] });
  const overview = async (): Promise<Overview> => {
    const answer = await callApi(api, { path, token: reader });
    assert.equal(answer.status, 200, answer.body);
    const read = JSON.parse(answer.body) as Overview;
    assert.deepEqual(shapeFaults(overviewSchema, read), []);
    return read;
  };
  return { ...started, overview };
}

test('look-ups of both doors count by token, with their units and statuses', async (t) => {
  const { api, overview } = await startOverview(t);
  const token = await api.token({ name: 'shop', maxShare: 0.5 });
  const idle = await api.token();
  const handedOver = api.handedOver();
  const look = (identity: string, more: object = {}) =>
    callApi(api, { path: `${base}?identity=${identity}`, token, ...more });
  await look('email:tom@hello.com');
  await look('email:nobody@hello.com');
  assert.equal(api.handedOver(), handedOver);
  await look('email:tom@hello.com', { headers: { 'content-length': '0' } });
  const body = { identities: Array.from({ length: 10 }, () => 'email:tom@hello.com') };
  await callApi(api, { method: 'POST', path: `${base}/batch`, token, body });
  await callApi(api, { path: `${base}?identity=email:tom@hello.com`, token: `${idle}x` });
  const { now, limit } = await overview();
  assert.deepEqual(now.statuses, { 200: 3, 404: 1 });
  assert.ok((now.latency?.p50_ms ?? 0) > 0);
  assert.equal(limit.units_per_second, 100);
  const [shop, ...others] = limit.tokens;
  assert.deepEqual([shop?.name, shop?.max_share, others.length], ['shop', 0.5, 0]);
  const perSecond = 13 / now.seconds;
  assert.ok(Math.abs((shop?.units_per_second ?? 0) - perSecond) < 0.001);
  assert.ok(Math.abs((shop?.share ?? 0) - perSecond / 100) < 0.001);
  assert.ok(Math.abs(limit.free_per_second - (100 - perSecond)) < 0.001);
});

test('calls over the limit count, and take no units', async (t) => {
  const { api, overview } = await startOverview(t);
  const token = await api.token({ maxShare: 0.01 });
  const statuses: number[] = [];
  while (!statuses.includes(429) && statuses.length < 50) {
    const answer = await callApi(api, { path: `${base}?identity=email:tom@hello.com`, token });
    statuses.push(answer.status);
  }
  const granted = statuses.filter((status) => status === 200).length;
  const { now, limit } = await overview();
  assert.deepEqual(now.statuses, { 200: granted, 429: 1 });
  const units = Math.round((limit.tokens[0]?.units_per_second ?? 0) * now.seconds);
  assert.equal(units, granted);
});

test('administration and pushes take nothing of the limit', async (t) => {
  const { api, push, overview } = await startOverview(t);
  await push({ user: '1', city: 'Bern' });
  await overview();
  const { now, limit } = await overview();
  assert.deepEqual([now.requests_per_second, limit.used_per_second, limit.tokens], [0, 0, []]);
  assert.ok([...api.usageHistory.recent(1).tokens.values()].some((one) => one.otherCalls > 1));
});

test('datasets show their age, and what waits is named with its reasons', async (t) => {
  const { api, overview } = await startOverview(t);
  const { administration } = api;
  await limitAge(api, { ms: 60_000, policy: 'withhold' });
  const run = { id: 'run-1', organizationId: 1, datasetId: 1, definitionVersion: 1 };
  const { catalog } = administration;
  await catalog.startRun({
    ...run,
    ...{ kind: 'sync', trigger: 'schedule', startedAtMs: Date.now(), approvalOf: null },
  });
  const end = { endedAtMs: Date.now(), errorCode: null, errorDetail: null };
  const counts = {
    ...{ rowsRead: 9, added: 0, changed: 0, unchanged: 0, stale: 0, cleared: 0, rejected: 0 },
    ...{ rejections: {}, bytes: 1 },
    people: noPeople,
  };
  await catalog.saveRunPlan('run-1', {
    ...{ contactsBefore: 10, wouldAdd: 0, wouldChange: 9, wouldClear: 0, wouldVanish: 0 },
    ...{ share: 0.9, maxShare: 0.3, emptiedFields: [], rejections: null, joins: null },
  });
  await catalog.endRun('run-1', { ...end, state: 'waiting', counts });
  const soon = { createdBy: 'ann@example.com', name: 'ends', expires: '1d' };
  const { token } = await createToken(administration, 1, soon);
  await catalog.recordLastUsed([{ rowId: await rowOf(api, token.id), atMs: Date.now() }]);
  const shown = await overview();
  const crm = shown.datasets.find(({ name }) => name === 'crm');
  assert.deepEqual([crm?.status, crm?.contacts, crm?.is_waiting], ['withheld', 2, true]);
  assert.equal(crm?.max_age_seconds, 60);
  const shop = shown.datasets.find(({ name }) => name === 'shop');
  assert.deepEqual([shop?.source, shop?.status, shop?.as_of], ['push', 'unknown', null]);
  assert.deepEqual(
    shown.runs.map(({ run_id, dataset, state }) => [run_id, dataset, state]),
    [['run-1', 'crm', 'waiting']],
  );
  const [waiting] = shown.waiting.runs;
  assert.equal(waiting?.dataset, 'crm');
  assert.match(waiting?.reasons.join() ?? '', /90 % of the 10 contacts/);
  assert.deepEqual(waiting?.causes, [
    {
      ...{ code: 'contacts_change', contacts_before: 10, share: 0.9, max_share: 0.3 },
      ...{ would_change: 9, would_clear: 0, would_vanish: 0 },
    },
  ]);
  assert.deepEqual(
    shown.waiting.tokens.map(({ name }) => name),
    ['ends'],
  );
  const troubles = ({ waiting: { datasets } }: Overview) =>
    datasets.map(({ dataset, trouble, error_code: code }) => [dataset, trouble, code]);
  assert.deepEqual(troubles(shown), [['shop', 'no_rows', null]]);
  const later = {
    ...run,
    id: 'run-2',
    kind: 'sync',
    trigger: 'schedule',
    approvalOf: null,
  } as const;
  await catalog.startRun({ ...later, startedAtMs: Date.now() + 1 });
  const failure = { ...end, errorCode: 'source_unavailable', errorDetail: 'It is away.' };
  await catalog.endRun('run-2', { ...failure, state: 'failed', counts });
  assert.deepEqual(troubles(await overview()), [
    ['crm', 'run_failed', 'source_unavailable'],
    ['shop', 'no_rows', null],
  ]);
});

async function rowOf(api: Awaited<ReturnType<typeof startApi>>, id: string): Promise<number> {
  const tokens = await api.administration.catalog.read((view) => view.listTokens(1));
  return tokens.find((token) => token.id === id)?.rowId ?? 0;
}

test('a change that waits for approval is shown until it is approved', async (t) => {
  const { api, push, segment, overview } = await startOverview(t);
  const { administration } = api;
  await push(...Array.from({ length: 20 }, (_, n) => ({ user: `u${n}`, city: 'Bern' })));
  const { id } = await segment('All', 'shop_city == "Bern"');
  await createFlow(administration, 1, {
    ...{ name: 'Spring', segment: 'All', status: 'live' },
    variants: [{ name: 'A', weight: 100 }],
  });
  const writer = await api.token({ scopes: ['admin:read', 'admin:write', 'admin:approve'] });
  const change = { method: 'PATCH', path: `/admin/v1/segments/${id}`, token: writer };
  const body = { rule: 'shop_city == "Basel"' };
  const refused = readProblem(await callApi(api, { ...change, body }));
  assert.equal(refused.code, 'approval_required');
  const [plan] = (await overview()).waiting.plans;
  assert.equal(plan?.id, refused['plan']);
  assert.deepEqual(plan?.flows, [
    { name: 'Spring', members: 20, moved: 20, moved_at_least: 20, moved_at_most: 20 },
  ]);
  const told = plan?.changes.map(({ action, target, before, after }) => {
    return { action, target, rules: [before, after].map((one) => (one as { rule: string }).rule) };
  });
  const rules = ['shop_city == "Bern"', 'shop_city == "Basel"'];
  assert.deepEqual(told, [{ action: 'segment.edit', target: 'All', rules }]);
  const approved = { ...body, plan: plan?.id };
  assert.equal((await callApi(api, { ...change, body: approved })).status, 200);
  assert.deepEqual((await overview()).waiting.plans, []);
});

test('the overview needs admin:read and no list of fields, and shows one organization', async (t) => {
  const { api, overview } = await startOverview(t);
  for (const request of [
    { scopes: ['contacts:read'] },
    { scopes: ['admin:read'], fields: ['first_name'] },
  ] as const) {
    const token = await api.token(request);
    assert.equal(readProblem(await callApi(api, { path, token })).code, 'scope_missing');
  }
  const other = await createOrganization(api.administration, 'other');
  const request = {
    createdBy: 'ann@example.com',
    scopes: ['admin:read', 'contacts:read'],
  } as const;
  const { text } = await createToken(api.administration, other.id, request);
  const look = () => callApi(api, { path: `${base}?identity=email:tom@hello.com`, token: text });
  // Waits until the thread has read the new token.
  await api.token();
  assert.equal((await look()).status, 404);
  assert.deepEqual((await overview()).limit.tokens, []);
  const read = JSON.parse((await callApi(api, { path, token: text })).body) as Overview;
  assert.equal(read.limit.tokens.length, 1);
  assert.deepEqual([read.datasets, read.runs], [[], []]);
});
