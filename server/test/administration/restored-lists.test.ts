/** Suppression lists in backups, and what a restore does with every list that it finds. */
import assert from 'node:assert/strict';
import {
  copyFileSync,
  cpSync,
  existsSync,
  globSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import SqliteDatabase from 'better-sqlite3';
import { mustRunCommand, runCommand } from '../launch/run-command.ts';
import { makeDataFolder } from '../launch/run-usher.ts';
import { erasePeople, liftPerson } from './erase-people.ts';

interface Trial {
  readonly data: string;
  readonly beside: (name: string) => string;
}

/** Ten people in a data folder, and a backup of them, `before`. */
async function makeTrial(t: TestContext): Promise<Trial> {
  const data = makeDataFolder(t);
  const beside = (name: string) => join(dirname(data), name);
  await importPeople(data);
  await mustRunCommand(data, ['backup', beside('before'), '-q']);
  return { data, beside };
}

async function importPeople(data: string, name = 'person'): Promise<Record<string, number>> {
  const rows = Array.from({ length: 10 }, (_, n) => `p${n}@x.org,${name} ${n}`);
  const file = join(dirname(data), 'people.csv');
  writeFileSync(file, `email,name\n${rows.join('\n')}\n`);
  const { stdout } = await runCommand(data, [
    'import',
    file,
    '--dataset',
    'people',
    '--json',
    '-y',
  ]);
  return JSON.parse(stdout);
}

function listOf(data: string): string {
  const [list = '', ...others] = globSync(join(data, 'suppression/*.list'));
  assert.deepEqual(others, []);
  return list;
}

function entriesOf(list: string): number {
  const database = new SqliteDatabase(list, { readonly: true });
  try {
    return database.prepare<[], number>('select entries from head').pluck().get() ?? 0;
  } finally {
    database.close();
  }
}

async function whoIsIn(data: string): Promise<string> {
  const found: string[] = [];
  for (let n = 0; n < 10; n += 1) {
    const { code } = await runCommand(data, ['get', `email:p${n}@x.org`]);
    if (code === 0) found.push(`${n}`);
  }
  return found.join('');
}

interface Report {
  readonly suppression: readonly {
    readonly key_id: string;
    readonly entries: number;
    readonly newest_at: string | null;
  }[];
  readonly erased: { readonly contacts: number; readonly rows: number; readonly kept_rows: number };
  readonly store: { readonly contacts: number };
}

async function restore(from: string, data: string, flags: readonly string[] = []): Promise<Report> {
  return JSON.parse(await mustRunCommand(data, ['restore', from, '--json', '-q', ...flags]));
}

async function refuse(from: string, data: string, flags: readonly string[] = []) {
  const before = existsSync(data) ? readdirSync(data, { recursive: true }).sort() : undefined;
  const { code, stderr } = await runCommand(data, ['restore', from, ...flags]);
  assert.notEqual(code, 0);
  const after = existsSync(data) ? readdirSync(data, { recursive: true }).sort() : undefined;
  assert.deepEqual(after, before);
  return stderr;
}

test('a backup has every list with its key, and its manifest names them', async (t) => {
  const { data, beside } = await makeTrial(t);
  await erasePeople(data, ['email:p1@x.org', 'email:p2@x.org']);
  await mustRunCommand(data, ['backup', beside('after'), '-q']);
  const keyId = basename(listOf(data), '.list');
  const manifest = JSON.parse(readFileSync(beside('after/backup.json'), 'utf8'));
  assert.deepEqual(manifest.suppression, [{ key_id: keyId, entries: 2, own: true }]);
  assert.equal(manifest.format_version, 2);
  const names = readdirSync(beside('after/suppression')).sort();
  assert.deepEqual(names, [`${keyId}.key`, `${keyId}.list`]);
  for (const name of names) {
    assert.equal(statSync(beside(`after/suppression/${name}`)).mode & 0o777, 0o600);
    assert.ok(manifest.files.some((it: { path: string }) => it.path === `suppression/${name}`));
  }
  const before = JSON.parse(readFileSync(beside('before/backup.json'), 'utf8'));
  assert.deepEqual([before.format_version, before.suppression], [1, []]);
  const { suppression, erased, store } = await restore(beside('after'), beside('restored'), [
    '--no-suppression',
  ]);
  assert.deepEqual(
    suppression.map(({ key_id: id, entries }) => [id, entries]),
    [[keyId, 2]],
  );
  assert.deepEqual([erased.contacts, store.contacts], [0, 8]);
  assert.equal(await whoIsIn(beside('restored')), '03456789');
});

test('a restore without any list is refused, and says why and what to do', async (t) => {
  const { beside } = await makeTrial(t);
  const words = await refuse(beside('before'), beside('restored'));
  assert.match(words, /people who were erased after the backup \(.*Z\) would be there again/);
  assert.match(words, /--suppression FILE.*--no-suppression/);
  await restore(beside('before'), beside('restored'), ['--no-suppression']);
  assert.equal(await whoIsIn(beside('restored')), '0123456789');
});

test('a restore is refused with no other list than that of the backup, which lacks later erasures', async (t) => {
  const { data, beside } = await makeTrial(t);
  await erasePeople(data, ['email:p1@x.org']);
  await mustRunCommand(data, ['backup', beside('middle'), '-q']);
  await erasePeople(data, ['email:p2@x.org']);
  const words = await refuse(beside('middle'), beside('restored'));
  const { made_at: madeAt } = JSON.parse(readFileSync(beside('middle/backup.json'), 'utf8'));
  assert.match(words, new RegExp(`erased after the backup \\(${madeAt}\\) would be there again`));
  assert.match(words, /The backup has only the erasures before it.*--suppression FILE/);
  // The list of the backup counts in any case.
  await restore(beside('middle'), beside('lost'), ['--no-suppression']);
  assert.equal(await whoIsIn(beside('lost')), '023456789');
  assert.equal((await importPeople(beside('lost'), 'new name'))['rejected'], 1);
  await restore(beside('middle'), beside('restored'), ['--suppression', listOf(data)]);
  assert.equal(await whoIsIn(beside('restored')), '03456789');
});

test('a restore warns if no given list is newer than the backup, and says of when they are', async (t) => {
  const { data, beside } = await makeTrial(t);
  await erasePeople(data, ['email:p1@x.org']);
  await mustRunCommand(data, ['backup', beside('middle'), '-q']);
  const { made_at: madeAt } = JSON.parse(readFileSync(beside('middle/backup.json'), 'utf8'));
  const warnings = async (name: string, flags: readonly string[]) => {
    const { code, stderr } = await runCommand(beside(name), [
      ...['restore', beside('middle')],
      ...flags,
    ]);
    assert.equal(code, 0, stderr);
    assert.match(stderr, /Suppression list [0-9a-f]{16}: 1 keyed digest, the newest from \S+Z\./);
    return stderr;
  };
  const given = ['--suppression', listOf(data)];
  const words = await warnings('given', given);
  const [, newest = ''] =
    /newest entry of .* found is from (\S+Z): none is later/.exec(words) ?? [];
  assert.ok(Date.parse(newest) <= Date.parse(madeAt), words);
  assert.match(words, new RegExp(`none is later than the backup \\(${madeAt}\\)`));
  const target = beside('target');
  cpSync(join(data, 'suppression'), join(target, 'suppression'), { recursive: true });
  assert.match(await warnings('target', []), /none is later than the backup/);
  assert.doesNotMatch(await warnings('lost', ['--no-suppression']), /none is later/);
  // A lifted identity is a newer entry, too: the list is newer than the backup.
  assert.equal(await liftPerson(data, 'email:p1@x.org'), true);
  assert.doesNotMatch(await warnings('lifted', given), /none is later/);
});

test('a given list erases whom it names from an older backup, for good', async (t) => {
  const { data, beside } = await makeTrial(t);
  await erasePeople(data, ['email:p1@x.org', 'email:p2@x.org']);
  const flags = ['--suppression', listOf(data)];
  const restored = beside('restored');
  const { erased, store } = await restore(beside('before'), restored, flags);
  assert.deepEqual(erased, { contacts: 2, rows: 2, kept_rows: 0 });
  assert.equal(store.contacts, 8);
  assert.equal(await whoIsIn(restored), '03456789');
  const { rejected } = await importPeople(restored, 'new name');
  assert.equal(rejected, 2);
  assert.equal(await whoIsIn(restored), '03456789');
  for (const name of readdirSync(restored, { recursive: true, encoding: 'utf8' })) {
    const path = join(restored, name);
    if (!statSync(path).isFile()) continue;
    assert.ok(!readFileSync(path).includes('p1@x.org'), name);
  }
});

test('a folder that holds only its lists is restored into, and they count', async (t) => {
  const { data, beside } = await makeTrial(t);
  await erasePeople(data, ['email:p3@x.org']);
  for (const name of readdirSync(data)) {
    if (name !== 'suppression') rmSync(join(data, name), { recursive: true });
  }
  const list = listOf(data);
  const { erased } = await restore(beside('before'), data);
  assert.equal(erased.contacts, 1);
  assert.equal(listOf(data), list);
  assert.equal(await whoIsIn(data), '012456789');
});

test('a restored folder makes a list of its own, and leaves the one of the other folder as it is', async (t) => {
  const { data, beside } = await makeTrial(t);
  await erasePeople(data, ['email:p1@x.org']);
  await mustRunCommand(data, ['backup', beside('middle'), '-q']);
  const list = listOf(data);
  const restored = beside('restored');
  await restore(beside('middle'), restored, ['--suppression', list]);
  const { keyId } = await erasePeople(restored, ['email:p2@x.org']);
  assert.notEqual(keyId, basename(list, '.list'));
  assert.equal(globSync(join(restored, 'suppression/*.list')).length, 2);
  // The copies of the first list are one list still: each has what the other has.
  await erasePeople(data, ['email:p3@x.org']);
  const copied = join(restored, 'suppression', basename(list));
  assert.equal(entriesOf(copied), 1);
  copyFileSync(list, copied);
  assert.equal((await runCommand(restored, ['doctor'])).code, 0);
  await erasePeople(restored, ['email:p4@x.org']);
  assert.equal(await whoIsIn(restored), '0356789');
});

test('a person who was lifted after the backup is back after the next run of a restored folder', async (t) => {
  const { data, beside } = await makeTrial(t);
  await erasePeople(data, ['email:p1@x.org']);
  await importPeople(data);
  await mustRunCommand(data, ['backup', beside('middle'), '-q']);
  assert.equal(await liftPerson(data, 'email:p1@x.org'), true);
  assert.equal((await importPeople(data))['added'], 1);
  const restored = beside('restored');
  await restore(beside('middle'), restored, ['--suppression', listOf(data)]);
  assert.equal(await whoIsIn(restored), '023456789');
  assert.equal((await importPeople(restored))['added'], 1);
  assert.equal(await whoIsIn(restored), '0123456789');
});

test('a restore warns if another list is given than the one of the data folder', async (t) => {
  const { data, beside } = await makeTrial(t);
  await erasePeople(data, ['email:p1@x.org']);
  await mustRunCommand(data, ['backup', beside('middle'), '-q']);
  const other = beside('other');
  await restore(beside('before'), other, ['--no-suppression']);
  await erasePeople(other, ['email:p7@x.org']);
  const keyId = basename(listOf(data), '.list');
  const words = async (name: string, flags: readonly string[]) => {
    const restored = await runCommand(beside(name), ['restore', beside('middle'), ...flags]);
    assert.equal(restored.code, 0, restored.stderr);
    return restored.stderr;
  };
  const foreign = ['--suppression', listOf(other)];
  assert.match(
    await words('foreign', foreign),
    new RegExp(`The suppression list ${keyId} of the data folder was not given`),
  );
  await erasePeople(data, ['email:p2@x.org']);
  const both = [...foreign, '--suppression', listOf(data)];
  assert.doesNotMatch(await words('both', both), /was not given|none is later/);
});

test('lists of one key are united by the later state, and lists of other keys are kept', async (t) => {
  const { data, beside } = await makeTrial(t);
  await erasePeople(data, ['email:p1@x.org', 'email:p2@x.org']);
  await mustRunCommand(data, ['backup', beside('middle'), '-q']);
  await erasePeople(data, ['email:p3@x.org']);
  assert.equal(await liftPerson(data, 'email:p2@x.org'), true);
  // Another folder with a list of its own.
  const other = beside('other');
  await restore(beside('before'), other, ['--no-suppression']);
  await erasePeople(other, ['email:p7@x.org']);
  // The target folder has the older copy of the list.
  const target = beside('target');
  cpSync(beside('middle/suppression'), join(target, 'suppression'), { recursive: true });
  const flags = ['--suppression', listOf(data), '--suppression', listOf(other)];
  const { suppression, erased } = await restore(beside('before'), target, flags);
  assert.deepEqual(
    new Map(suppression.map((it) => [it.key_id, it.entries])),
    new Map([
      [basename(listOf(data), '.list'), 3],
      [basename(listOf(other), '.list'), 1],
    ]),
  );
  assert.equal(erased.contacts, 3);
  assert.equal(await whoIsIn(target), '0245689');
  const { stdout } = await runCommand(target, ['doctor']);
  assert.match(stdout, /ok +suppression: 2 lists with 3 keyed digests, each with its key/);
});

test('lists that cannot be used are refused in words, and nothing is restored', async (t) => {
  const { data, beside } = await makeTrial(t);
  await erasePeople(data, ['email:p1@x.org']);
  await mustRunCommand(data, ['backup', beside('middle'), '-q']);
  const keyId = basename(listOf(data), '.list');
  const given = beside('given');
  const list = join(given, `${keyId}.list`);
  const key = join(given, `${keyId}.key`);
  const cases: readonly (readonly [RegExp, () => void])[] = [
    [/There is no file/, () => rmSync(list)],
    [/is not named like a suppression list/, () => renameSync(list, join(given, 'mine.db'))],
    [/is damaged/, () => truncateSync(list, 5_000)],
    [/is damaged/, () => writeFileSync(list, 'no list')],
    [/The key .* is missing/, () => rmSync(key)],
    [/is not the key of/, () => writeFileSync(key, Buffer.alloc(32))],
    [/is not the key of/, () => truncateSync(key, 16)],
  ];
  for (const [words, damage] of cases) {
    rmSync(given, { recursive: true, force: true });
    cpSync(join(data, 'suppression'), given, { recursive: true });
    damage();
    const named = existsSync(join(given, 'mine.db')) ? join(given, 'mine.db') : list;
    const flags = ['--suppression', named, '--no-suppression'];
    assert.match(await refuse(beside('before'), beside('new'), flags), words);
    assert.ok(!existsSync(beside('new')));
    // The same list in the target folder.
    if (!existsSync(list)) continue;
    mkdirSync(beside('target'));
    renameSync(given, beside('target/suppression'));
    assert.match(await refuse(beside('before'), beside('target')), words);
    rmSync(beside('target'), { recursive: true });
  }
  truncateSync(beside(`middle/suppression/${keyId}.list`), 100);
  assert.match(await refuse(beside('middle'), beside('new')), /The backup is damaged/);
});

test('a folder with lists and anything else is refused', async (t) => {
  const { data, beside } = await makeTrial(t);
  await erasePeople(data, ['email:p1@x.org']);
  const target = beside('target');
  cpSync(join(data, 'suppression'), join(target, 'suppression'), { recursive: true });
  writeFileSync(join(target, 'notes.txt'), '');
  assert.match(await refuse(beside('before'), target), /Only the folder suppression may be there/);
});

test('a folder whose list is an older copy is named by doctor, and no backup is made', async (t) => {
  const { data, beside } = await makeTrial(t);
  await erasePeople(data, ['email:p1@x.org']);
  const list = listOf(data);
  copyFileSync(list, beside('older.list'));
  await erasePeople(data, ['email:p2@x.org']);
  copyFileSync(beside('older.list'), list);
  const { code, stdout } = await runCommand(data, ['doctor']);
  assert.equal(code, 1);
  assert.match(stdout, /failed +suppression: .* is an older copy: it has 1 of 2 entries/);
  const backup = await runCommand(data, ['backup', beside('after')]);
  assert.match(backup.stderr, /is an older copy/);
  assert.ok(!existsSync(beside('after')));
});
