/** Runs that reject many rows wait. They apply nothing, and report the rejections. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { DatasetDefinition } from '../../src/domain/dataset/dataset-definition.ts';
import { reasonOf } from '../../src/domain/dataset/wait-cause.ts';
import { UsherError } from '../../src/domain/errors.ts';
import { findLastReport } from '../../src/runs/find-run.ts';
import { viewRun } from '../../src/runs/view-run.ts';
import { organizationId, SyncPlace } from './sync-place.ts';

const rows = 60;

/** One row for each number. The first `bad` rows have an invalid birthday. */
function csv(bad: number, note = ''): string {
  const lines = Array.from({ length: rows }, (_, at) => {
    const born = at < bad ? 'no day' : `${1950 + at}-05-14`;
    return `p${at}@x.org,${born},${note}`;
  });
  return `email,born,note\n${lines.join('\n')}\n`;
}

async function inPlace(context: TestContext, definition: Partial<DatasetDefinition> = {}) {
  const place = new SyncPlace(context);
  const fields = { born: 'date', note: 'string' } as const;
  const write = await place.defineCsv('people', fields, { maxChangeShare: 1, ...definition });
  return { place, write, sync: (asked = {}) => place.sync('people', asked) };
}

test('a first run that rejects many rows applies nothing until it is approved', async (context) => {
  const { place, write, sync } = await inPlace(context);
  write(csv(12));
  const stopped = await sync();
  assert.deepEqual([stopped.state, stopped.added, stopped.rejected], ['waiting', 0, 12]);
  assert.deepEqual(stopped.counts, { value_invalid: 12 });
  assert.equal(await place.contacts(), 0);
  assert.equal(readFileSync(stopped.rejectionsPath ?? '', 'utf8').split('\n').length, 14);
  const run = await place.findRun(stopped.runId);
  assert.deepEqual([run.rejected, run.rejections], [12, { value_invalid: 12 }]);
  const { plan, rejections } = viewRun(run, 'people');
  assert.deepEqual(rejections, { value_invalid: 12 });
  assert.match(plan?.reasons.join() ?? '', /^12 of 60 rows \(20 %\) would be rejected/);
  assert.deepEqual(
    [plan?.would_add, plan?.rejections?.share, plan?.rejections?.last_share],
    [48, 0.2, null],
  );
  await place.decide(stopped.runId, 'approved');
  const approved = await place.findRun(stopped.runId);
  // The source became worse, so the approval does not cover it.
  write(csv(14));
  assert.equal((await sync({ approved, trigger: 'approval' })).state, 'waiting');
  write(csv(12));
  const done = await sync({ approved, trigger: 'approval' });
  assert.deepEqual([done.state, done.added, done.rejected], ['succeeded', 48, 12]);
  // The last applied run had the same bad rows.
  const again = await sync();
  assert.deepEqual([again.state, again.changed, again.rejected], ['succeeded', 0, 12]);
  write(csv(13));
  assert.equal((await sync()).state, 'waiting');
});

test('ten rejected rows stop no run, and a dataset may allow more', async (context) => {
  const { write, sync } = await inPlace(context, { maxRejectedShare: 0.5 });
  write(csv(30));
  assert.equal((await sync()).state, 'succeeded');
  const other = await inPlace(context);
  other.write(csv(10));
  assert.equal((await other.sync()).state, 'succeeded');
});

test('a later run is compared with the last applied run, and a rolled back run does not count', async (context) => {
  const { place, write, sync } = await inPlace(context, { maxRejectedShare: 1 });
  write(csv(0));
  await sync();
  write(csv(20, 'second'));
  const stopped = await sync();
  assert.equal(stopped.state, 'waiting');
  await place.decide(stopped.runId, 'approved');
  const approved = await place.findRun(stopped.runId);
  assert.equal((await sync({ approved, trigger: 'approval' })).state, 'succeeded');
  write(csv(20, 'third'));
  assert.equal((await sync()).state, 'succeeded', 'as many as were applied before');
  for (const _ of [1, 2]) await place.rollBack('people');
  assert.equal((await sync()).state, 'waiting', 'both runs are rolled back');
  const report = await place.administrate(({ catalog }) =>
    catalog.read((view) => findLastReport(view, organizationId, 1)),
  );
  assert.deepEqual([report?.state, report?.rejected], ['waiting', 20]);
});

test('an incremental run waits as well, and keeps its watermark', async (context) => {
  const { write, sync } = await inPlace(context, { mode: 'incremental', updatedAt: 'note' });
  write(csv(0, '2026-01-01'));
  await sync();
  write(csv(60, '2026-02-01'));
  assert.equal((await sync()).state, 'waiting');
  write(csv(0, '2026-02-01'));
  const healed = await sync();
  assert.deepEqual([healed.state, healed.rowsRead], ['succeeded', 60]);
});

test('feeds and reference rows wait as well', async (context) => {
  const { place } = await inPlace(context);
  const feed = await place.defineCsv(
    'flows',
    {},
    {
      kind: 'membership',
      feed: 'flow',
      mode: 'append',
      columns: ['flow_id', 'timestamp'].map((column) => ({ column, field: column })),
    },
  );
  const reports = Array.from(
    { length: rows },
    (_, at) => `${at < 20 ? '' : `p${at}@x.org`},1,2026-11-01`,
  );
  feed(`email,flow_id,timestamp\n${reports.join('\n')}\n`);
  const stopped = await place.sync('flows');
  assert.deepEqual([stopped.state, stopped.rejected], ['waiting', 20]);
  assert.match(viewRun(await place.findRun(stopped.runId), '').plan?.reasons[0] ?? '', /^20 of 60/);
  const bring = await place.defineCsv(
    'prices',
    {},
    { kind: 'reference', key: 'sku', identifiers: [] },
  );
  const prices = Array.from({ length: rows }, (_, at) => `${at < 20 ? '' : at},1`);
  bring(`sku,price\n${prices.join('\n')}\n`);
  assert.equal((await place.sync('prices')).state, 'waiting');
});

test('an import without approval leaves no dataset, no field and no contact', async (context) => {
  const place = new SyncPlace(context);
  place.approve = async ({ causes }) => {
    throw new UsherError('approval_required', causes.map((cause) => reasonOf(cause)).join());
  };
  const types = new Map([['born', 'date']]);
  const bad = place.write('people.csv', csv(12));
  await assert.rejects(place.import(bad, { types }), /12 of 60 rows/);
  const defined = () =>
    place.administrate(({ catalog }) =>
      catalog.read(async (view) => [
        (await view.listDatasets(organizationId)).length,
        (await view.listFields(organizationId)).length,
        (await view.listRuns(organizationId, { limit: 9 })).length,
      ]),
    );
  assert.deepEqual(await defined(), [0, 0, 0]);
  assert.equal(await place.contacts(), 0);
  await place.import(place.write('people.csv', csv(0)), { types });
  assert.deepEqual(await defined(), [1, 3, 1]);
  // One more field, and many invalid rows.
  const wider = csv(12).replace('note\n', 'note,city\n').replaceAll(',\n', ',,Bonn\n');
  await assert.rejects(place.import(place.write('people.csv', wider)), /12 of 60 rows/);
  assert.deepEqual(await defined(), [1, 3, 1]);
  // The dataset and its fields exist already, so the failed run is recorded.
  await assert.rejects(place.import(place.write('people.csv', csv(12, 'x'))), /12 of 60 rows/);
  assert.deepEqual(await defined(), [1, 3, 2]);
  const [failed] = await place.administrate(({ catalog }) =>
    catalog.read((view) => view.listRuns(organizationId, { limit: 1 })),
  );
  assert.deepEqual([failed?.state, failed?.errorCode], ['failed', 'approval_required']);
  assert.ok(existsSync(join(place.dataFolder, 'runs', failed?.id ?? '', 'rejections.csv')));
  place.approve = async () => undefined;
  const { report } = await place.import(place.write('people.csv', csv(12, 'x')));
  assert.deepEqual([report.changed, report.rejected], [48, 12]);
});

test('a file with one row for each order stops, because repeated identities count as rejections', async (context) => {
  const place = new SyncPlace(context);
  place.approve = () => Promise.reject(new UsherError('approval_required', 'no'));
  const orders = Array.from({ length: 60 }, (_, at) => `p${at % 20}@x.org,${at}`);
  const path = place.write('orders.csv', `email,total\n${orders.join('\n')}\n`);
  await assert.rejects(place.import(path), /no/);
});
