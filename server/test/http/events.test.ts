/** Server-sent events over real sockets: what is sent, to whom, how it goes on, and how it ends. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { changedEventSchema, trafficEventSchema } from '@usher/contract/event-schema';
import { shortRunSchema } from '@usher/contract/overview-schema';
import { createOrganization } from '../../src/administration/organizations.ts';
import { createToken, revokeToken } from '../../src/administration/token/tokens.ts';
import type { NewRun } from '../../src/catalog/catalog.ts';
import { shapeFaults } from '../../src/http/call/check-shape.ts';
import { EventStream } from '../../src/http/events/event-stream.ts';
import { maxEventStreams, maxQueuedEvents } from '../../src/http/limits.ts';
import { noCounts } from '../../src/sync/dataset-run.ts';
import { revokeUser, updateUser } from '../../src/users/manage-users.ts';
import { makeUser, operatorOf } from '../users/console-client.ts';
import { callApi } from './call-api.ts';
import { followEvents } from './event-reader.ts';
import { readProblem } from './problem-shape.ts';
import { type RunningApi, startApi, waitFor } from './start-api.ts';
import { startComputed } from './start-computed.ts';

const run: NewRun = {
  ...{ id: 'run-1', organizationId: 1, datasetId: 1, definitionVersion: 1, startedAtMs: 0 },
  ...{ kind: 'sync', trigger: 'schedule', approvalOf: null },
};

const endRun = ({ administration }: RunningApi, id: string, state: 'succeeded' | 'waiting') =>
  administration.catalog.endRun(id, {
    ...{ state, endedAtMs: Date.now(), errorCode: null, errorDetail: null },
    counts: { ...noCounts, rowsRead: 9, changed: 2 },
  });

async function startEvents(t: TestContext) {
  const api = await startApi(t);
  const token = await api.token({ scopes: ['admin:read'] });
  const { catalog } = api.administration;
  const start = (id: string) => catalog.startRun({ ...run, id, startedAtMs: Date.now() });
  const follow = (lastId?: string) =>
    followEvents(t, api, { token, ...(lastId !== undefined && { lastId }) });
  return { api, token, catalog, start, follow };
}

test('a run is told when it begins, goes on and ends, with what to read again', async (t) => {
  const { api, catalog, start, follow } = await startEvents(t);
  await start('earlier');
  const stream = await follow();
  assert.equal(stream.status, 200);
  assert.match(stream.headers['content-type'] ?? '', /^text\/event-stream/);
  assert.equal(stream.headers['cache-control'], 'no-store');
  await stream.wait('open');
  await start('run-1');
  const begun = await stream.wait('run');
  assert.deepEqual([begun.data['run_id'], begun.data['state']], ['run-1', 'running']);
  assert.equal(begun.data['dataset'], 'crm');
  assert.deepEqual(shapeFaults(shortRunSchema, begun.data), []);
  const progress = { phase: 'applying', done: 3, total: 9 } as const;
  await catalog.saveRunProgress('run-1', progress);
  const going = await stream.wait('run', (data) => data['progress'] !== null);
  assert.deepEqual(going.data['progress'], progress);
  await endRun(api, 'run-1', 'succeeded');
  const ended = await stream.wait('run', (data) => data['state'] === 'succeeded');
  assert.deepEqual([ended.data['changed'], ended.data['progress']], [2, null]);
  const changed = await stream.wait('changed');
  assert.deepEqual(changed.data, { parts: ['datasets'] });
  assert.deepEqual(shapeFaults(changedEventSchema, changed.data), []);
});

test('the traffic is told at the beginning, and what waits when it changes', async (t) => {
  const { api, start, follow } = await startEvents(t);
  const look = await api.token();
  await callApi(api, { path: '/audience/v2/contacts?identity=email:tom@hello.com', token: look });
  const stream = await follow();
  const { data } = await stream.wait('traffic');
  assert.deepEqual(shapeFaults(trafficEventSchema, data), []);
  assert.deepEqual(data['statuses'], { 200: 1 });
  await start('run-1');
  await endRun(api, 'run-1', 'waiting');
  const waits = await stream.wait('changed', (changed) => isPart(changed, 'waiting'));
  assert.ok(!isPart(waits.data, 'datasets'));
});

const isPart = (data: Record<string, unknown>, part: string) =>
  (data['parts'] as readonly string[]).includes(part);

test('changes of definitions and of tokens are told apart', async (t) => {
  const { api, segment } = await startComputed(t);
  const token = await api.token({ scopes: ['admin:read'] });
  const stream = await followEvents(t, api, { token });
  await stream.wait('open');
  await api.token();
  const first = await stream.wait('changed');
  assert.deepEqual(first.data, { parts: ['settings'] });
  await segment('All', 'true');
  const second = await stream.wait('changed', (data) => isPart(data, 'definitions'));
  assert.deepEqual(second.data, { parts: ['definitions', 'settings'] });
});

test('a client that comes back gets what it missed, once', async (t) => {
  const { start, follow } = await startEvents(t);
  const first = await follow();
  const open = await first.wait('open');
  await start('run-1');
  const seen = await first.wait('run');
  first.close();
  await start('run-2');
  const other = await follow();
  await other.wait('open');
  const again = await follow(seen.id ?? '');
  const missed = await again.wait('run');
  assert.equal(missed.data['run_id'], 'run-2');
  const all = await follow(open.id ?? '');
  await all.wait('run', (data) => data['run_id'] === 'run-2');
  const ids = all.events().flatMap(({ name, id }) => (name === 'run' ? [id] : []));
  assert.deepEqual(ids, [seen.id, missed.id]);
  assert.ok(all.events().some(({ name }) => name === 'open'));
});

test('a client whose last event is not known begins with a reset', async (t) => {
  const { follow } = await startEvents(t);
  for (const lastId of ['abc-99', 'fff-0', 'nonsense', '0']) {
    const stream = await follow(lastId);
    await stream.wait('reset');
    assert.ok(!stream.events().some(({ name }) => name === 'open'));
    stream.close();
  }
});

test('signs of life come without events', async (t) => {
  const { api, follow } = await startEvents(t);
  const stream = await follow();
  await stream.wait('open');
  for (let look = 0; look < 15; look += 1) await api.events.look();
  await waitFor(() => stream.text().includes(': alive\n\n'));
});

test('a stream ends when its token is revoked', async (t) => {
  const { api, follow } = await startEvents(t);
  const { text, token } = await createToken(api.administration, 1, {
    ...{ createdBy: 'ann@example.com', scopes: ['admin:read'] },
  });
  const kept = await follow();
  await kept.wait('open');
  await waitFor(
    async () => (await callApi(api, { path: '/admin/v1/audit', token: text })).status === 200,
  );
  const stream = await followEvents(t, api, { token: text });
  await stream.wait('open');
  await revokeToken(api.administration, 1, { reference: token.id });
  await waitFor(() => stream.isEnded(), 5_000);
  assert.ok(!kept.isEnded());
});

test('streams end when the server stops, and no new one begins', async (t) => {
  const { api, token, follow } = await startEvents(t);
  const stream = await follow();
  await stream.wait('open');
  api.setState('draining');
  await waitFor(() => stream.isEnded(), 5_000);
  const refused = readProblem(await callApi(api, { path: '/admin/v1/events', token }));
  assert.deepEqual([refused['status'], refused.code], [503, 'overloaded']);
});

test('an organization has a bounded number of streams, and a closed one makes room', async (t) => {
  const { api, token, follow } = await startEvents(t);
  const { perOrganization, perCaller } = maxEventStreams;
  const opened = [];
  while (opened.length < perOrganization) {
    const by = await api.token({ scopes: ['admin:read'] });
    const followBy = () => followEvents(t, api, { token: by });
    for (let own = 0; own < perCaller; own += 1) opened.push(await waitForRate(followBy));
  }
  const call = { path: '/admin/v1/events', token };
  const ask = async () => readProblem(await callApi(api, call));
  let refused = await ask();
  while (refused.code === 'rate_limited') refused = await ask();
  assert.equal(refused.code, 'overloaded');
  opened[0]?.close();
  const next = await waitForRate(follow);
  await next.wait('open');
});

test('another stream of a caller with many ends the oldest of them alone', async (t) => {
  const { api, follow } = await startEvents(t);
  const other = await followEvents(t, api, { token: await api.token({ scopes: ['admin:read'] }) });
  const own = [];
  while (own.length <= maxEventStreams.perCaller) own.push(await waitForRate(follow));
  const [oldest, second] = own;
  await waitFor(() => oldest?.isEnded() === true, 10_000);
  await second?.wait('traffic');
  await other.wait('traffic');
  await own.at(-1)?.wait('traffic');
});

/** Repeats a call that the limit of administration or a stream that still closes refuses. */
async function waitForRate<Stream extends { readonly status: number; close(): void }>(
  follow: () => Promise<Stream>,
): Promise<Stream> {
  let stream = await follow();
  await waitFor(async () => {
    if (stream.status === 200) return true;
    stream.close();
    stream = await follow();
    return false;
  }, 20_000);
  return stream;
}

test('a client that does not read is dropped, and one that reads is not', async () => {
  const ends: string[] = [];
  const streamOf = (name: string) =>
    new EventStream({ caller: 'token:a', isAllowed: () => true, onEnd: () => ends.push(name) });
  const [slow, quick] = [streamOf('slow'), streamOf('quick')];
  const reader = quick[Symbol.asyncIterator]();
  for (let number = 0; number <= maxQueuedEvents; number += 1) {
    const waiting = reader.next();
    for (const stream of [slow, quick]) stream.push(`${number}`);
    assert.deepEqual(await waiting, { done: false, value: `${number}` });
  }
  assert.deepEqual(ends, ['slow']);
  assert.equal((await slow[Symbol.asyncIterator]().next()).done, true);
});

test('events need admin:read and no list of fields, and are of one organization', async (t) => {
  const { api, start, follow } = await startEvents(t);
  const path = '/admin/v1/events';
  for (const request of [
    { scopes: ['contacts:read'] },
    { scopes: ['admin:read'], fields: ['first_name'] },
  ] as const) {
    const token = await api.token(request);
    assert.equal(readProblem(await callApi(api, { path, token })).code, 'scope_missing');
  }
  const other = await createOrganization(api.administration, 'other');
  const request = { createdBy: 'ann@example.com', scopes: ['admin:read'] } as const;
  const { text } = await createToken(api.administration, other.id, request);
  await waitFor(
    async () => (await callApi(api, { path: '/admin/v1/audit', token: text })).status === 200,
  );
  const foreign = await followEvents(t, api, { token: text });
  await foreign.wait('open');
  const own = await follow();
  await own.wait('open');
  await start('run-1');
  await own.wait('run');
  await api.events.look();
  assert.ok(!foreign.events().some(({ name }) => name === 'run'));
});

test('the stream of a user ends with the session, the user, and the role', async (t) => {
  const { api } = await startEvents(t);
  const manager = operatorOf(api);
  for (const end of ['sign out', 'revoke', 'role'] as const) {
    const email = `${end.replace(' ', '')}@example.com`;
    const { id, client } = await makeUser(api, 'analyst', { email });
    const cookie = [...client.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const stream = await followEvents(t, api, { cookie });
    await stream.wait('open');
    await api.events.look();
    assert.ok(!stream.isEnded());
    if (end === 'revoke') await revokeUser(manager, id);
    // Both roles may follow events: the page reads again what the new one allows.
    else if (end === 'role') await updateUser(manager, id, { role: 'support' });
    else await client.call({ method: 'DELETE', path: '/session' });
    await waitFor(() => stream.isEnded(), 5_000);
  }
  const refused = readProblem(await callApi(api, { path: '/console/api/v1/events' }));
  assert.equal(refused.code, 'session_required');
});

test('a HEAD opens no stream', async (t) => {
  const { api, token } = await startEvents(t);
  const answer = await callApi(api, { method: 'HEAD', path: '/admin/v1/events', token });
  assert.deepEqual([answer.status, answer.body], [200, '']);
  assert.equal(api.events.streamCount(1), 0);
});
