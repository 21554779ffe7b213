/** Backup, restore and compaction as an operator uses them, while a server and imports run. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { composeReader } from '../../src/compose.ts';
import { mustRunCommand, runCommand } from './run-command.ts';
import {
  makeDataFolder,
  mustRunUsher,
  runUsher,
  spawnUsher,
  startUsher,
  waitFor,
} from './run-usher.ts';

interface Trial {
  readonly data: string;
  /** A path beside the data folder. */
  readonly path: (name: string) => string;
  readonly importRows: (rows: readonly string[], data?: string) => Promise<ImportReport>;
}

interface ImportReport {
  readonly added: number;
  readonly changed: number;
  readonly unchanged: number;
  readonly cleared: number;
}

/** @param run runs the commands in this process, or in a process of their own */
async function makeTrial(context: TestContext, run = mustRunCommand): Promise<Trial> {
  const data = makeDataFolder(context);
  const path = (name: string) => join(dirname(data), name);
  let files = 0;
  const importRows = async (rows: readonly string[], into = data) => {
    files += 1;
    const file = path(`people-${files}.csv`);
    writeFileSync(file, `email,name\n${rows.join('\n')}\n`);
    const flags = ['--dataset', 'people', '--mode', 'snapshot', '--json', '-q'];
    return JSON.parse(await run(into, ['import', file, ...flags])) as ImportReport;
  };
  return { data, path, importRows };
}

function people(count: number, name: string): string[] {
  return Array.from({ length: count }, (_, n) => `p${n}@x.org,${name} ${n}`);
}

async function digestOf(data: string, kind: 'content' | 'full'): Promise<string> {
  const reader = await composeReader({ dataFolder: data });
  try {
    assert.ok(Object.values(await reader.verify()).every((faults) => faults === 0));
    return await reader.digest(kind);
  } finally {
    await reader.close();
  }
}

test('a restored backup has the same full digest, and later imports are right in both folders', async (context) => {
  const { data, path, importRows } = await makeTrial(context);
  await importRows(people(3_000, 'first'));
  await mustRunCommand(data, ['backup', path('backup'), '-q']);
  const restored = path('restored');
  const said = await mustRunCommand(restored, [
    'restore',
    path('backup'),
    '--no-suppression',
    '-q',
  ]);
  const digest = await digestOf(data, 'full');
  assert.equal(await digestOf(restored, 'full'), digest);
  assert.match(said, new RegExp(`3,000 contacts.*\\ndigest: ${digest}$`));

  // The backup includes the baselines, so an import into either folder applies only the changes,
  // and clears contacts whose rows have vanished.
  const live = people(3_000, 'first').slice(10);
  live[0] = 'p10@x.org,live';
  assert.deepEqual(countsOf(await importRows(live)), [0, 1, 10]);
  const other = [...people(3_000, 'first').slice(0, 2_990), 'new@x.org,new'];
  assert.deepEqual(countsOf(await importRows(other, restored)), [1, 0, 10]);

  // The same contents as in a folder that was never backed up or restored.
  const histories = [
    { folder: data, rows: live },
    { folder: restored, rows: other },
  ];
  for (const [place, { folder, rows }] of histories.entries()) {
    const plain = path(`plain-${place}`);
    await importRows(people(3_000, 'first'), plain);
    await importRows(rows, plain);
    assert.equal(await digestOf(folder, 'content'), await digestOf(plain, 'content'));
  }
});

function countsOf({ added, changed, cleared }: ImportReport): number[] {
  return [added, changed, cleared];
}

test('a backup made while a server runs and an import writes is complete, and its next import is right', async (context) => {
  const { data, path, importRows } = await makeTrial(context, mustRunUsher);
  const token = await mustRunCommand(data, ['token', 'create', '--email', 'a@example.com', '-q']);
  await importRows(people(100, 'first'));
  const server = await startUsher(data, { USHER_WORKERS: '1' });
  context.after(() => server.stop());
  const names = ['one', 'two', 'three'];
  let importing = Promise.resolve<unknown>(undefined);
  for (const name of names) {
    importing = importing.then(() => importRows(people(6_000, name)));
  }
  for (const name of names) await mustRunUsher(data, ['backup', path(`backup-${name}`), '-q']);
  await importing;
  const answer = await fetch(`${server.url}/audience/v2/contacts?identity=email:p7@x.org`, {
    headers: { authorization: `Bearer ${token}` },
  });
  assert.equal(answer.status, 200);

  const content = await digestOf(data, 'content');
  for (const name of names) {
    const restored = path(`restored-${name}`);
    await mustRunCommand(restored, ['restore', path(`backup-${name}`), '--no-suppression', '-q']);
    await digestOf(restored, 'full');
    await importRows(people(6_000, 'three'), restored);
    assert.equal(await digestOf(restored, 'content'), content);
  }
});

test('only the owner can read a backup, and it lists each file with its size and digest', async (context) => {
  const { data, path, importRows } = await makeTrial(context);
  await importRows(people(500, 'first'));
  const made = JSON.parse(await mustRunCommand(data, ['backup', path('backup'), '--json'])) as {
    files: { path: string; bytes: number; sha256: string }[];
    store: { contacts: number };
  };
  assert.equal(made.store.contacts, 500);
  const names = readdirSync(path('backup')).sort();
  assert.deepEqual(names, [
    'backup.json',
    'catalog.sqlite',
    'contacts.mdb',
    'secret.key',
    'snapshots',
  ]);
  assert.equal(statSync(path('backup')).mode & 0o777, 0o700);
  for (const { path: file, bytes } of made.files) {
    const stats = statSync(join(path('backup'), file));
    assert.equal(stats.mode & 0o777, 0o600, file);
    assert.equal(stats.size, bytes, file);
  }
});

test('a backup is written only to a new or empty folder outside of the data folder', async (context) => {
  const { data, path, importRows } = await makeTrial(context);
  await importRows(people(10, 'first'));
  mkdirSync(path('empty'));
  assert.equal((await runCommand(data, ['backup', path('empty')])).code, 0);
  const refusals: [string, RegExp][] = [
    [path('empty'), /is not empty/],
    [join(data, 'backup'), /inside the data folder/],
    [join(path('nowhere'), 'backup'), /There is no folder/],
  ];
  for (const [folder, words] of refusals) {
    const { code, stderr } = await runCommand(data, ['backup', folder]);
    assert.equal(code, 2, stderr);
    assert.match(stderr, words);
  }
  const missing = await runCommand(path('no-data'), ['backup', path('other')]);
  assert.equal(missing.code, 3, missing.stderr);
  assert.ok(!existsSync(path('other')) && !existsSync(path('no-data')));
});

test('a restore overwrites nothing, and says when a server uses the folder', async (context) => {
  const { data, path, importRows } = await makeTrial(context);
  await importRows(people(10, 'first'));
  await mustRunCommand(data, ['backup', path('backup'), '-q']);
  const full = await runCommand(data, ['restore', path('backup')]);
  assert.equal(full.code, 2);
  assert.match(full.stderr, /is not empty, and a restore overwrites nothing/);
  const server = await startUsher(data, { USHER_WORKERS: '1' });
  context.after(() => server.stop());
  const used = await runCommand(data, ['restore', path('backup')]);
  assert.equal(used.code, 2);
  assert.match(used.stderr, /A server or another process uses .*\. Stop it/);
  const none = await runCommand(path('new'), ['restore', path('nowhere')]);
  assert.equal(none.code, 3);
  assert.match(none.stderr, /There is no complete backup/);
  assert.ok(!existsSync(path('new')));
});

test('a damaged backup is refused, and leaves no data folder', async (context) => {
  const { data, path, importRows } = await makeTrial(context);
  await importRows(people(200, 'first'));
  await mustRunCommand(data, ['backup', path('backup'), '-q']);
  const [snapshot = ''] = readdirSync(path('backup/snapshots/1/1'));
  const damages: Record<string, (folder: string) => void> = {
    'contacts.mdb differs from the file that was backed up': (it) =>
      flipByte(join(it, 'contacts.mdb'), 20_000),
    'catalog.sqlite differs from the file that was backed up': (it) =>
      rmSync(join(it, 'catalog.sqlite')),
    [`${snapshot} differs from the file`]: (it) =>
      flipByte(join(it, 'snapshots/1/1', snapshot), 50),
    'contacts.mdb differs': (it) => edit(it, /"full_digest": "..../, '"full_digest": "0000'),
    'backup.json is damaged': (it) => edit(it, '"secret.key"', '"../secret.key"'),
    'backup.json is damaged, ': (it) => edit(it, '"secret.key"', '"runs/../../../x"'),
    'backup.json is damaged, or': (it) => edit(it, '"files"', '"other"'),
    'A newer release of Usher (0.1.0) made': (it) => edit(it, '"0001-first"', '"0999-later"'),
    'A newer release of Usher (0.1.0)': (it) =>
      edit(it, /"format_version": 4/, '"format_version": 9'),
    'A newer release of Usher': (it) => edit(it, /"format_version": 1/, '"format_version": 3'),
    'There is no complete backup': (it) => rmSync(join(it, 'backup.json')),
  };
  for (const [words, damage] of Object.entries(damages)) {
    cpSync(path('backup'), path('damaged'), { recursive: true });
    damage(path('damaged'));
    const { code, stderr } = await runCommand(path('new'), [
      'restore',
      path('damaged'),
      '--no-suppression',
    ]);
    assert.ok(code === 1 || code === 3, words);
    assert.ok(stderr.includes(words), `${words}: ${stderr}`);
    assert.ok(!existsSync(path('new')), words);
    rmSync(path('damaged'), { recursive: true });
  }
});

function flipByte(file: string, place: number): void {
  const bytes = readFileSync(file);
  bytes[place] = (bytes[place] ?? 0) ^ 1;
  writeFileSync(file, bytes);
}

function edit(folder: string, what: RegExp | string, by: string): void {
  const file = join(folder, 'backup.json');
  const before = readFileSync(file, 'utf8');
  const after = before.replace(what, by);
  assert.notEqual(after, before);
  writeFileSync(file, after);
}

test('an interrupted backup or restore leaves nothing, and commands report a killed one', async (context) => {
  const { data, path, importRows } = await makeTrial(context);
  await importRows(people(30_000, 'first'));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    const code = await stopWhen(data, ['backup', path('backup')], {
      signal,
      isTime: () => existsSync(path('backup.unfinished/contacts.mdb')),
    });
    assert.equal(code, 130);
    assert.ok(!existsSync(path('backup')) && !existsSync(path('backup.unfinished')));
  }
  await mustRunCommand(data, ['backup', path('backup'), '-q']);
  const restored = path('restored');
  const isTime = () => existsSync(join(restored, 'restore.unfinished/contacts.mdb'));
  const restore = ['restore', path('backup'), '--no-suppression'];
  assert.equal(await stopWhen(restored, restore, { signal: 'SIGINT', isTime }), 130);
  assert.ok(!existsSync(restored));

  assert.equal(await stopWhen(restored, restore, { signal: 'SIGKILL', isTime }), null);
  for (const args of [['token', 'list'], ['get', 'email:p7@x.org'], ['serve'], restore]) {
    const { code, stderr } = await runUsher(restored, args);
    assert.notEqual(code, 0);
    assert.match(stderr, /A restore into .* is running, or was killed/);
  }
  rmSync(restored, { recursive: true });
  await mustRunCommand(restored, ['restore', path('backup'), '--no-suppression', '-q']);
  assert.equal(await digestOf(restored, 'full'), await digestOf(data, 'full'));
});

/** @returns the exit code; `null` if the signal ended the process */
async function stopWhen(
  data: string,
  args: readonly string[],
  { signal, isTime }: { signal: NodeJS.Signals; isTime: () => boolean },
): Promise<number | null> {
  const child = spawnUsher(data, args);
  const ended = once(child, 'exit');
  await waitFor(() => isTime() || undefined, 20_000);
  child.kill(signal);
  const [code] = (await ended) as [number | null];
  return code;
}

test('a compaction is refused while a server runs, and then frees space and reports how much', async (context) => {
  const { data, importRows } = await makeTrial(context);
  await importRows(people(5_000, 'first'));
  await importRows(people(5_000, 'second'));
  const server = await startUsher(data, { USHER_WORKERS: '1' });
  context.after(() => server.stop());
  const refused = await runCommand(data, ['compact']);
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /A server runs on .*\. Stop it, then compact/);
  await server.stop();
  const digest = await digestOf(data, 'full');
  const report = JSON.parse(await mustRunCommand(data, ['compact', '--json', '-q'])) as {
    bytes_before: number;
    bytes_after: number;
    full_digest: string;
  };
  assert.ok(report.bytes_after < report.bytes_before);
  assert.equal(report.full_digest, digest);
  assert.equal(await digestOf(data, 'full'), digest);
  const report2 = await importRows([...people(5_000, 'second'), 'new@x.org,new']);
  assert.deepEqual(countsOf(report2), [1, 0, 0]);
});
