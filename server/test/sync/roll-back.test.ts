/** Runs that are taken back. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { authorOf } from '../../src/administration/administration.ts';
import { composeReader, composeWriter } from '../../src/compose.ts';
import { rollBackDataset } from '../../src/sync/roll-back.ts';
import { organizationId, SyncPlace } from './sync-place.ts';

const fields = { name: 'string', city: 'string' } as const;

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
  assert.equal((await place.findRun(last.undoneRunId)).state, 'rolled_back');
  assert.equal((await place.findRun(last.runId)).kind, 'rollback');
  const middle = await rollBack(place);
  assert.equal(await place.digest(), states[0]);
  assert.deepEqual(
    { restored: middle.restored, removed: middle.removed },
    { restored: 2, removed: 1 },
  );
  // The source still says what it said.
  const again = await place.sync('crm');
  assert.deepEqual(
    { changed: again.changed, cleared: again.cleared, added: again.added },
    { changed: 1, cleared: 2, added: 1 },
  );
  assert.deepEqual(await place.find('email:tom@example.org'), { name: 'Tim', city: 'Ulm' });
});

test('the first run of a dataset can be taken back whole', async (context) => {
  const place = new SyncPlace(context);
  const write = await place.defineCsv('crm', fields);
  write(csv(['tom,Tom,Ulm', 'eva,Eva,Bonn']));
  await place.sync('crm');
  await rollBack(place);
  assert.equal(await place.find('email:tom@example.org'), undefined);
  await assert.rejects(rollBack(place), /No run of crm can be taken back/);
});

test('a rollback pauses the schedule, since the source still says what was taken back', async (context) => {
  const place = new SyncPlace(context);
  const schedule = { cron: '0 4 * * *', timeZone: 'UTC' };
  const write = await place.defineCsv('crm', fields, { schedule });
  write(csv(['tom,Tom,Ulm']));
  await place.sync('crm');
  assert.equal((await rollBack(place)).isPaused, true);
  assert.equal(await pausedBy(place), 'operator:test');
});

test('a rollback that is refused leaves the schedule as it was', async (context) => {
  const place = new SyncPlace(context);
  const schedule = { cron: '0 4 * * *', timeZone: 'UTC' };
  const write = await place.defineCsv('crm', fields, { schedule });
  await assert.rejects(rollBack(place), /No run of crm can be taken back/);
  assert.equal(await pausedBy(place), null);
  write(csv(['tom,Tom,Ulm']));
  await place.sync('crm');
  const writer = await composeWriter(place.settings);
  const request = { runId: 'other', organizationId, datasetId: 1, keepsUndo: true };
  const lease = await writer.beginRun(request);
  await assert.rejects(rollBack(place), { code: 'run_in_progress' });
  assert.equal(await pausedBy(place), null);
  await writer.abandonRun(lease);
  await writer.close();
});

test('of more runs than three the oldest can be taken back no more', async (context) => {
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
  await assert.rejects(rollBack(place), /can be taken back/);
});

function csv(rows: readonly string[]): string {
  const lines = rows.map((row) => row.replace(',', '@example.org,'));
  return `${['email,name,city', ...lines].join('\n')}\n`;
}

async function pausedBy(place: SyncPlace): Promise<string | null> {
  const [state] = await place.administrate(({ catalog }) =>
    catalog.read((view) => view.listScheduleStates()),
  );
  return state?.pausedBy ?? null;
}

function rollBack(place: SyncPlace) {
  return place.administrate((administration) =>
    rollBackDataset(
      {
        catalog: administration.catalog,
        organizationId,
        author: () => authorOf(administration),
        openWriter: () => composeWriter(place.settings),
        openReader: () => composeReader(place.settings),
        interrupted: new AbortController().signal,
        onProgress: () => undefined,
      },
      'crm',
    ),
  );
}
