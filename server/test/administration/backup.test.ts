/**
 * Backup and restore while runs end, and on full disks. Tests with commands and servers are in
 * `launch/backup.test.ts`.
 */
import assert from 'node:assert/strict';
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statfsSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { makeBackup } from '../../src/administration/backup/make-backup.ts';
import { restoreBackup } from '../../src/administration/backup/restore-backup.ts';
import { composeBackup, composeDataFiles, composeReader } from '../../src/compose.ts';
import type { WalkOptions } from '../../src/stores/store-files.ts';
import { makeDataFolder, mustRunUsher } from '../launch/run-usher.ts';
import { mountSmallDisk } from '../stores/small-disk.ts';

function walk(onProgress: WalkOptions['onProgress'] = () => undefined): WalkOptions {
  return { interrupted: new AbortController().signal, onProgress };
}

interface Trial {
  readonly data: string;
  readonly beside: (name: string) => string;
}

async function makeTrial(context: TestContext): Promise<Trial> {
  const data = makeDataFolder(context);
  const beside = (name: string) => join(dirname(data), name);
  await importPeople(data, 500, 'first');
  return { data, beside };
}

async function importPeople(data: string, count: number, name: string) {
  const rows = Array.from(
    { length: count },
    (_, n) => `p${n}@x.org,${name} ${n} ${'x'.repeat(400)}`,
  );
  const file = join(dirname(data), `${name}.csv`);
  writeFileSync(file, `email,name\n${rows.join('\n')}\n`);
  const flags = ['--dataset', 'people', '--mode', 'snapshot', '--json', '-q'];
  return JSON.parse(await mustRunUsher(data, ['import', file, ...flags])) as Record<string, number>;
}

async function backup(data: string, into: string, options = walk()) {
  const settings = { dataFolder: data, catalog: 'sqlite' } as const;
  const parts = await composeBackup(settings, { release: '0.1.0', clock: () => 1_000 });
  return makeBackup(parts, into, options);
}

async function restore(from: string, data: string, options = walk()) {
  return restoreBackup(await composeDataFiles({ dataFolder: data, catalog: 'sqlite' }), from, {
    ...options,
    suppression: { files: [], mayBeMissing: true },
  });
}

async function contentOf(data: string): Promise<string> {
  const reader = await composeReader({ dataFolder: data });
  try {
    return await reader.digest('content');
  } finally {
    await reader.close();
  }
}

test('a run that ends during a backup does not separate contacts from their baseline', async (context) => {
  const { data, beside } = await makeTrial(context);
  const [baseline = ''] = readdirSync(join(data, 'snapshots/1/1'));
  let run: Promise<unknown> | undefined;
  const parts = await composeBackup(
    { dataFolder: data, catalog: 'sqlite' },
    { release: '0.1.0', clock: () => 1_000 },
  );
  const { store } = parts;
  const held: typeof store = {
    fileName: store.fileName,
    newestFormatVersion: store.newestFormatVersion,
    convertedFormatVersion: store.convertedFormatVersion,
    size: () => store.size(),
    describe: (options) => store.describe(options),
    compact: (options) => store.compact(options),
    copyTo: (folder, options) =>
      store.copyTo(folder, {
        ...options,
        onMoment: async (baselines) => {
          await options.onMoment(baselines);
          run = importPeople(data, 500, 'second');
          await run;
        },
      }),
  };
  await makeBackup({ ...parts, store: held }, beside('backup'), walk());
  assert.notDeepEqual(readdirSync(join(data, 'snapshots/1/1')), [baseline]);
  const restored = beside('restored');
  await restore(beside('backup'), restored);
  assert.deepEqual(readdirSync(join(restored, 'snapshots/1/1')), [`${baseline}`]);
  const { changed, unchanged } = await importPeople(restored, 500, 'first');
  assert.deepEqual({ changed, unchanged }, { changed: 0, unchanged: 500 });
  await importPeople(restored, 500, 'second');
  assert.equal(await contentOf(restored), await contentOf(data));
});

test('without its baseline the next run reads every row and has the same result', async (context) => {
  const { data, beside } = await makeTrial(context);
  await backup(data, beside('backup'));
  const restored = beside('restored');
  await restore(beside('backup'), restored);
  rmSync(join(restored, 'snapshots'), { recursive: true });
  for (const folder of [data, restored]) await importPeople(folder, 400, 'second');
  assert.equal(await contentOf(restored), await contentOf(data));
});

test('a backup holds reference rows and rejections, but no work files of runs', async (context) => {
  const { data, beside } = await makeTrial(context);
  const [baseline = ''] = readdirSync(join(data, 'snapshots/1/1'));
  // The file has the name that a run of a reference dataset gives it: the id of the baseline that
  // the store names as applied.
  const rows = `lookups/1/1/${baseline}`;
  const others = ['references/1/1/older.parquet', 'runs/1/run.ndjson', 'tmp/import-1/spill.db'];
  for (const path of [rows, ...others]) {
    mkdirSync(dirname(join(data, path)), { recursive: true });
    writeFileSync(join(data, path), path);
  }
  const { files } = await backup(data, beside('backup'));
  const folders = new Set(files.map(({ path }) => path.split('/')[0]));
  assert.deepEqual([...folders].sort(), [
    'catalog.sqlite',
    'contacts.mdb',
    'lookups',
    'runs',
    'secret.key',
    'snapshots',
  ]);
  await restore(beside('backup'), beside('restored'));
  const read = (folder: string, path: string) => readFileSync(join(beside(folder), path), 'utf8');
  assert.equal(read('restored', rows), rows);
  assert.deepEqual(readdirSync(join(beside('restored'), 'lookups/1/1')), [baseline]);
  assert.deepEqual(readdirSync(beside('restored')).sort(), [...folders].sort());
});

test('a full disk fails a backup before or during it, and nothing is left', async (context) => {
  const { data } = await makeTrial(context);
  const disk = mountSmallDisk(context);
  const ballast = join(disk, 'ballast');
  const into = join(disk, 'backup');
  await assert.rejects(backup(data, disk), {
    code: 'parameter_invalid',
    message: /the mount point of a disk/,
  });
  writeFileSync(ballast, Buffer.alloc(13_000_000));
  await assert.rejects(backup(data, into), { code: 'storage_full', message: /takes about/ });
  rmSync(ballast);
  const filling = walk(() => fillUp(ballast));
  await assert.rejects(backup(data, into, filling), { code: 'storage_full' });
  rmSync(ballast);
  assert.deepEqual(readdirSync(disk), []);
  await backup(data, into);
  assert.deepEqual(readdirSync(disk), ['backup']);
});

test('a full disk fails a restore before or during it, and nothing is left', async (context) => {
  const { data, beside } = await makeTrial(context);
  await backup(data, beside('backup'));
  const disk = mountSmallDisk(context);
  const ballast = join(disk, 'ballast');
  const restored = join(disk, 'data');
  writeFileSync(ballast, Buffer.alloc(13_000_000));
  await assert.rejects(restore(beside('backup'), restored), { code: 'storage_full' });
  rmSync(ballast);
  const filling = walk(() => fillUp(ballast));
  await assert.rejects(restore(beside('backup'), restored, filling), { code: 'storage_full' });
  rmSync(ballast);
  assert.deepEqual(readdirSync(disk), []);
  // A restore into an existing folder on another disk works as well.
  const free = statfsSync(disk).bavail;
  await restore(beside('backup'), disk);
  assert.ok(statfsSync(disk).bavail < free);
  assert.ok(!existsSync(join(disk, 'restore.unfinished')));
  assert.equal(await contentOf(disk), await contentOf(data));
});

/** Writes until the disk is full. */
function fillUp(path: string): void {
  const file = openSync(path, 'a');
  try {
    for (;;) writeSync(file, Buffer.alloc(65_536));
  } catch (error) {
    assert.equal((error as NodeJS.ErrnoException).code, 'ENOSPC');
  } finally {
    closeSync(file);
  }
}
