/**
 * Syncs that a real server starts by itself: on schedule, for missed times, as retries, and after
 * an approval.
 */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { Run } from '../../src/catalog/catalog.ts';
import { organizationId, SyncPlace } from '../sync/sync-place.ts';
import { freePort, startUsher, waitFor } from './run-usher.ts';

const fields = { name: 'string' } as const;
const daily = { cron: '0 4 * * *', timeZone: 'UTC' };
const day = 86_400_000;
/** A run takes a second, and many times that on a busy machine. */
const waitMs = 60_000;

test('a server runs a sync at its time', async (context) => {
  const place = new SyncPlace(context);
  const write = await place.defineCsv('crm', fields);
  write('email,name\ntom@example.org,Tom\n');
  await serve(context, place);
  const due = new Date(Date.now() + 5_000);
  const cron = `${due.getUTCSeconds()} ${due.getUTCMinutes()} ${due.getUTCHours()} * * *`;
  await place.defineCsv('crm', fields, { schedule: { cron, timeZone: 'UTC' } });
  const run = await nextRun(place, 'succeeded');
  assert.equal(run.trigger, 'schedule');
  assert.deepEqual(await place.find('email:tom@example.org'), { name: 'Tom' });
});

test('a server makes up once for a time that was missed while no server ran', async (context) => {
  const place = new SyncPlace(context);
  const write = await place.defineCsv('crm', fields, { schedule: daily });
  write('email,name\ntom@example.org,Tom\n');
  await stand(place, { lastDueMs: Date.now() - 3 * day });
  const server = await serve(context, place);
  assert.equal((await nextRun(place, 'succeeded')).trigger, 'catch_up');
  await waitFor(async () => ((await position(place))?.attempts === 0 ? true : undefined), waitMs);
  await server.stop();
  assert.equal((await listRuns(place)).length, 1);
});

test('a failed run is retried, and a paused schedule starts no run', async (context) => {
  const place = new SyncPlace(context);
  const write = await place.defineCsv('crm', fields, { schedule: daily });
  await place.define(
    'held',
    {},
    { schedule: daily, source: { kind: 'file', paths: ['/none.csv'] } },
  );
  await stand(place, { lastDueMs: Date.now(), retryAtMs: Date.now() });
  await serve(context, place);
  const failed = await nextRun(place, 'failed');
  assert.equal(failed.trigger, 'retry');
  assert.match(failed.errorDetail ?? '', /crm\.csv/);
  const after = await waitFor(async () => {
    const now = await position(place);
    // The retry was also recorded as failed before it began, so wait for the record of its end.
    return (now?.retryAtMs ?? 0) >= (failed.endedAtMs ?? 0) + 30_000 ? now : undefined;
  }, waitMs);
  assert.equal(after.attempts, 1);
  write('email,name\ntom@example.org,Tom\n');
  await stand(place, { ...after, retryAtMs: Date.now() });
  assert.equal((await nextRun(place, 'succeeded')).trigger, 'retry');
  await stand(place, { lastDueMs: Date.now() - 3 * day, pausedBy: 'operator:test' });
  const before = (await listRuns(place)).length;
  await waitFor(async () => ((await position(place))?.pausedBy == null ? undefined : true), waitMs);
  assert.equal((await listRuns(place)).length, before);
});

test('a server carries out a run that another process approved', async (context) => {
  const place = new SyncPlace(context);
  const write = await place.defineCsv('crm', fields);
  write('email,name\ntom@example.org,Tom\neva@example.org,Eva\n');
  await place.sync('crm');
  write('email,name\ntom@example.org,Thomas\neva@example.org,Eva\n');
  const waiting = await place.sync('crm');
  assert.equal(waiting.state, 'waiting');
  const metricsPort = String(await freePort());
  await serve(context, place, { USHER_METRICS_PORT: metricsPort });
  const scrape = async () => await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text();
  assert.match(
    await scrape(),
    /^usher_sync_waiting_runs\{organization="default",dataset="crm"\} 1$/m,
  );
  assert.match(await scrape(), /^usher_dataset_as_of_timestamp_seconds\{.*dataset="crm"\} 1\d{9}/m);
  await place.decide(waiting.runId, 'approved');
  const done = await waitFor(
    async () =>
      (await listRuns(place)).find(
        (run) => run.approvalOf === waiting.runId && run.state === 'succeeded',
      ),
    waitMs,
  );
  assert.equal(done.trigger, 'approval');
  assert.deepEqual(await place.find('email:tom@example.org'), { name: 'Thomas' });
});

async function serve(
  context: TestContext,
  place: SyncPlace,
  environment: Readonly<Record<string, string>> = {},
) {
  const server = await startUsher(place.dataFolder, { USHER_WORKERS: '1', ...environment });
  context.after(() => server.stop());
  return server;
}

function listRuns(place: SyncPlace): Promise<readonly Run[]> {
  return place.administrate(({ catalog }) =>
    catalog.read((view) => view.listRuns(organizationId, { limit: 10 })),
  );
}

function nextRun(place: SyncPlace, state: Run['state']): Promise<Run> {
  return waitFor(async () => (await listRuns(place)).find((run) => run.state === state), waitMs);
}

interface Stand {
  readonly lastDueMs: number | null;
  readonly attempts?: number;
  readonly retryAtMs?: number | null;
  readonly pausedBy?: string | null;
}

/** Sets the schedule state of `crm`, the first dataset. */
function stand(place: SyncPlace, state: Stand): Promise<void> {
  return place.administrate(({ catalog }) =>
    catalog.putScheduleState({
      ...{ organizationId, datasetId: 1, pausedBy: null, attempts: 0, retryAtMs: null },
      ...state,
    }),
  );
}

function position(place: SyncPlace) {
  return place.administrate(async ({ catalog }) => {
    const states = await catalog.read((view) => view.listScheduleStates());
    return states.find(({ datasetId }) => datasetId === 1);
  });
}
