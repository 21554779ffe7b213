/** Rollbacks of runs, and the syncs that follow them. */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { composeReader, composeWriter } from '../../src/compose.ts';
import { keptRollbackMs } from '../../src/sync/limits.ts';
import { findReferenceFile } from '../../src/sync/reference/reference-files.ts';
import { organizationId, SyncPlace } from './sync-place.ts';

const fields = { name: 'string', city: 'string' } as const;

// Holds the invariant rollback-is-exact of sync/SPEC.md.
test('a rollback gives every contact what it had before the run, and the next sync is right', async (context) => {
  const place = new SyncPlace(context);
  const write = await place.defineCsv('crm', fields, { maxChangeShare: 1 });
  const states: string[] = [];
  const files = [
    csv(['tom,Tom,Ulm', 'eva,Eva,Bonn', 'kim,Kim,Rom']),
    csv(['tom,Thomas,Ulm', 'eva,Eva,Bonn', 'new,New,Bern']),
    csv(['tom,Tim,Ulm', 'new,New,Bern']),
  ];
  for (const file of files) {
    write(file);
    await place.sync('crm');
    states.push(await place.digest());
  }
  const last = await rollBack(place);
  assert.equal(await place.digest(), states[1]);
  assert.equal((await place.findRun(last.rolledBackRunId)).state, 'rolled_back');
  assert.equal((await place.findRun(last.runId)).kind, 'rollback');
  const middle = await rollBack(place);
  assert.equal(await place.digest(), states[0]);
  assert.deepEqual(
    { restored: middle.restored, removed: middle.removed },
    { restored: 2, removed: 1 },
  );
  // The source still has the rows of the run that was rolled back.
  const again = await place.sync('crm');
  assert.deepEqual(
    { changed: again.changed, cleared: again.cleared, added: again.added },
    { changed: 1, cleared: 2, added: 1 },
  );
  assert.deepEqual(await place.find('email:tom@example.org'), { name: 'Tim', city: 'Ulm' });
});

test('the first run of a dataset can be rolled back completely', async (context) => {
  const place = new SyncPlace(context);
  const write = await place.defineCsv('crm', fields);
  write(csv(['tom,Tom,Ulm', 'eva,Eva,Bonn']));
  await place.sync('crm');
  await rollBack(place);
  assert.equal(await place.find('email:tom@example.org'), undefined);
  await assert.rejects(rollBack(place), /No run of crm can be rolled back/);
});

test('a rollback pauses the schedule, since the source still has the rows', async (context) => {
  const place = new SyncPlace(context);
  const schedule = { cron: '0 4 * * *', timeZone: 'UTC' };
  const write = await place.defineCsv('crm', fields, { schedule });
  write(csv(['tom,Tom,Ulm']));
  await place.sync('crm');
  assert.equal((await rollBack(place)).isPaused, true);
  assert.equal(await pausedBy(place), 'operator:test');
});

test('a refused rollback leaves the schedule as it was', async (context) => {
  const place = new SyncPlace(context);
  const schedule = { cron: '0 4 * * *', timeZone: 'UTC' };
  const write = await place.defineCsv('crm', fields, { schedule });
  await assert.rejects(rollBack(place), /No run of crm can be rolled back/);
  assert.equal(await pausedBy(place), null);
  write(csv(['tom,Tom,Ulm']));
  await place.sync('crm');
  const writer = await composeWriter(place.settings);
  const request = { runId: 'other', organizationId, datasetId: 1, canRollBack: true };
  const lease = await writer.beginRun(request);
  await assert.rejects(rollBack(place), { code: 'run_in_progress' });
  assert.equal(await pausedBy(place), null);
  await writer.abandonRun(lease);
  await writer.close();
});

test('only the newest three runs can be rolled back', async (context) => {
  const place = new SyncPlace(context);
  const write = await place.defineCsv('crm', fields, { maxChangeShare: 1 });
  for (const name of ['a', 'b', 'c', 'd', 'e']) {
    write(csv([`tom,${name},Ulm`]));
    await place.sync('crm');
  }
  for (const name of ['d', 'c', 'b']) {
    await rollBack(place);
    assert.equal((await place.find('email:tom@example.org'))?.['name'], name);
  }
  await assert.rejects(rollBack(place), /can be rolled back/);
});

test('runs that changed nothing take the place of no other run', async (context) => {
  const place = new SyncPlace(context);
  const types = [{ identityType: 'email', column: 'email' }] as const;
  const identifiers = [{ identityType: 'user_id', column: 'id' }, ...types];
  const write = await place.defineCsv(
    'crm',
    { name: 'string' },
    { maxChangeShare: 1, identifiers },
  );
  const states: string[] = [];
  // Of the last two runs, one gives another value, the other one only another address.
  for (const rows of ['1,Tom,tom@x.org', '1,Tim,tom@x.org', '1,Tim,tim@x.org']) {
    write(`id,name,email\n${rows}\n2,Eva,eva@x.org\n`);
    await place.sync('crm');
    states.push(await place.digest());
    for (const isFull of [true, false, true, true]) {
      const { changed, unchanged } = await place.sync('crm', { isFull });
      assert.deepEqual({ changed, unchanged }, { changed: 0, unchanged: 2 });
    }
  }
  for (const state of [states[1], states[0]]) {
    await rollBack(place);
    assert.equal(await place.digest(), state);
  }
  assert.equal((await place.find('email:tom@x.org'))?.['name'], 'Tom');
  await rollBack(place);
  assert.equal(await place.find('email:tom@x.org'), undefined);
  await assert.rejects(rollBack(place), /No run of crm can be rolled back/);
});

function csv(rows: readonly string[]): string {
  const lines = rows.map((row) => row.replace(',', '@example.org,'));
  return `${['email,name,city', ...lines].join('\n')}\n`;
}

test('reference rows can be rolled back run by run, and the next sync is right', async (context) => {
  const { place, write, rowsOf } = await withProducts(context);
  const prices = ['a,1', 'a,2\nb,2', 'a,3\nb,2\nc,3', 'b,2', 'b,5\nd,5'];
  for (const rows of prices) {
    write(rows);
    await place.sync('products');
    // A run without changes takes the place of no other run.
    assert.equal((await place.sync('products')).changed, 0);
  }
  const folder = join(place.dataFolder, 'lookups', '1', '1');
  assert.equal(readdirSync(folder).filter((name) => name.endsWith('.parquet')).length, 4);
  const last = await rollBack(place, 'products');
  assert.deepEqual([last.restored, last.removed, last.unit], [1, 1, 'rows']);
  assert.deepEqual(await rowsOf(), ['b,2']);
  assert.equal((await place.findRun(last.rolledBackRunId)).state, 'rolled_back');
  await rollBack(place, 'products');
  assert.deepEqual(await rowsOf(), ['a,3', 'b,2', 'c,3']);
  const again = await place.sync('products');
  assert.deepEqual([again.added, again.changed, again.cleared], [1, 1, 2]);
  assert.deepEqual(await rowsOf(), ['b,5', 'd,5']);
  for (const rows of [
    ['a,3', 'b,2', 'c,3'],
    ['a,2', 'b,2'],
  ]) {
    await rollBack(place, 'products');
    assert.deepEqual(await rowsOf(), rows);
  }
  await assert.rejects(rollBack(place, 'products'), /No run of products can be rolled back/);
  assert.deepEqual(await rowsOf(), ['a,2', 'b,2']);
});

test('the first run of reference rows can be rolled back, and leaves no rows', async (context) => {
  const { place, write, rowsOf } = await withProducts(context);
  write('a,1');
  await place.sync('products');
  await rollBack(place, 'products');
  assert.deepEqual(await rowsOf(), undefined);
  await assert.rejects(rollBack(place, 'products'), /can be rolled back/);
  const again = await place.sync('products');
  assert.deepEqual([again.added, again.plan], [1, null]);
  assert.deepEqual(await rowsOf(), ['a,1']);
});

test('a run of reference rows can be rolled back for seven days', async (context) => {
  const { place, write, rowsOf } = await withProducts(context);
  for (const rows of ['a,1', 'a,2']) {
    write(rows);
    await place.sync('products');
  }
  context.mock.timers.enable({ apis: ['Date'], now: Date.now() + keptRollbackMs + 60_000 });
  await assert.rejects(rollBack(place, 'products'), /can be rolled back/);
  assert.deepEqual(await rowsOf(), ['a,2']);
});

async function withProducts(context: TestContext) {
  const place = new SyncPlace(context);
  const write = await place.defineCsv(
    'products',
    {},
    { kind: 'reference', key: 'sku', identifiers: [], columns: [], maxChangeShare: 1 },
  );
  /** The rows as a query of another dataset sees them. `undefined` if the table does not exist. */
  const rowsOf = async () => {
    const reader = await composeReader(place.settings);
    const datasetPlace = { dataFolder: place.dataFolder, organizationId, datasetId: 1 };
    const path = await findReferenceFile(reader, datasetPlace).finally(() => reader.close());
    if (path === undefined) return undefined;
    const { workbench } = await place.openDefined({ kind: 'file', paths: [path] } as never);
    try {
      const rows = await workbench.rows(
        `SELECT sku, price FROM read_parquet('${path}') ORDER BY sku`,
      );
      return rows.map((row) => row.join(','));
    } finally {
      await workbench.close();
    }
  };
  return { place, write: (rows: string) => write(`sku,price\n${rows}\n`), rowsOf };
}

async function pausedBy(place: SyncPlace): Promise<string | null> {
  const [state] = await place.administrate(({ catalog }) =>
    catalog.read((view) => view.listScheduleStates()),
  );
  return state?.pausedBy ?? null;
}

function rollBack(place: SyncPlace, dataset = 'crm') {
  return place.rollBack(dataset);
}
