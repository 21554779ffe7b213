/** `usher doctor` names suppression lists that cannot be used, and says what to do. */
import assert from 'node:assert/strict';
import {
  chmodSync,
  copyFileSync,
  cpSync,
  globSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { test } from 'node:test';
import SqliteDatabase from 'better-sqlite3';
import { composeWriter } from '../../src/compose.ts';
import { dataFiles } from '../../src/domain/data-files.ts';
import { erasePeople } from '../administration/erase-people.ts';
import { mustRunCommand, runCommand } from '../launch/run-command.ts';
import { makeDataFolder } from '../launch/run-usher.ts';

test('doctor names lists that are lost, cut short, damaged or readable, and keys that are lost or others', async (t) => {
  const data = makeDataFolder(t);
  const beside = (name: string) => join(dirname(data), name);
  writeFileSync(beside('people.csv'), 'email,name\na@x.org,Ann\nb@x.org,Bob\nc@x.org,Cid\n');
  await mustRunCommand(data, ['import', beside('people.csv'), '--dataset', 'people']);
  await erasePeople(data, ['email:a@x.org']);
  const [list = ''] = globSync(join(data, 'suppression/*.list'));
  const key = list.replace(/list$/, 'key');
  copyFileSync(list, beside('older.list'));
  await erasePeople(data, ['email:b@x.org']);
  cpSync(join(data, 'suppression'), beside('whole'), { recursive: true });

  const damages: Readonly<Record<string, () => void>> = {
    'failed +suppression: .*\\.list is missing\\. Copy it': () => rmSync(list),
    'failed +suppression: .*\\.list is an older copy: it has 1 of 2 entries': () =>
      copyFileSync(beside('older.list'), list),
    'failed +suppression: .*\\.list is damaged\\. Copy it': () => truncateSync(list, 4_096),
    'failed +suppression: .*\\.list is damaged\\.': () => {
      const bytes = readFileSync(list);
      bytes.fill(7, bytes.length - 200);
      writeFileSync(list, bytes);
    },
    'failed +suppression: The key .*\\.key .* is missing': () => rmSync(key),
    'failed +suppression: .*\\.key is not the key': () => writeFileSync(key, Buffer.alloc(32, 1)),
    'warning +suppression: Other users can read .*\\.key\\..*chmod': () => chmodSync(key, 0o644),
  };
  for (const [words, damage] of Object.entries(damages)) {
    damage();
    const { code, stdout } = await runCommand(data, ['doctor']);
    assert.match(stdout, new RegExp(words));
    assert.equal(code, words.startsWith('failed') ? 1 : 0, words);
    // Look-ups go on, and nothing is written while a list cannot be used.
    assert.equal((await runCommand(data, ['get', 'email:c@x.org'])).code, 0);
    if (words.startsWith('failed')) {
      const written = await runCommand(data, ['import', beside('people.csv'), '--yes']);
      assert.match(written.stderr, /Nothing is written, so that no erased person/, words);
    }
    rmSync(join(data, 'suppression'), { recursive: true });
    cpSync(beside('whole'), join(data, 'suppression'), { recursive: true });
    chmodSync(join(data, 'suppression'), 0o700);
  }
  const { code, stdout } = await runCommand(data, ['doctor']);
  assert.match(stdout, /ok +suppression: 1 list with 2 keyed digests, each with its key/);
  assert.equal(code, 0);
});

test('a list that is lost for good is given up as the last resort, which doctor names', async (t) => {
  const data = makeDataFolder(t);
  const beside = (name: string) => join(dirname(data), name);
  const bringIn = (last: string) => {
    const rows = ['a', 'b', 'c'].map((it) => `${it}@x.org,${it} ${last}\n`);
    writeFileSync(beside('people.csv'), `email,name\n${rows.join('')}`);
    return runCommand(data, ['import', beside('people.csv'), '--dataset', 'people', '--yes']);
  };
  await bringIn('One');
  await erasePeople(data, ['email:a@x.org']);
  const [list = ''] = globSync(join(data, 'suppression/*.list'));
  const keyId = basename(list, '.list');
  copyFileSync(list, beside('older.list'));
  await erasePeople(data, ['email:b@x.org']);
  const forget = ['privacy', 'forget-list', keyId];
  const sound = await runCommand(data, [...forget, '--yes']);
  assert.match(sound.stderr, /can be used, so it is not forgotten.*usher privacy lift/);
  assert.match((await runCommand(data, [...forget])).stderr, /To answer yes, add --yes/);
  const unknown = await runCommand(data, ['privacy', 'forget-list', 'x', '--yes']);
  assert.match(unknown.stderr, new RegExp(`The lists are ${keyId}`));

  // An older copy: what it has still counts.
  copyFileSync(beside('older.list'), list);
  const { stdout } = await runCommand(data, ['doctor']);
  const command = /If there is no copy: usher (privacy forget-list [0-9a-f]{16})/.exec(stdout)?.[1];
  assert.equal(command, forget.join(' '));
  const refused = await bringIn('Two');
  assert.match(refused.stderr, new RegExp(`usher ${command}`));
  await mustRunCommand(data, [...forget, '--yes']);
  const found = async () => {
    const codes = ['a', 'b', 'c'].map((it) => runCommand(data, ['get', `email:${it}@x.org`]));
    return (await Promise.all(codes)).map(({ code }) => code === 0);
  };
  await bringIn('Three');
  assert.deepEqual(await found(), [false, true, true]);

  // The key is lost: the list is put aside, and the next erasure makes another one.
  rmSync(list.replace(/list$/, 'key'));
  const given = JSON.parse(await mustRunCommand(data, [...forget, '--yes', '--json']));
  assert.deepEqual(given, { key_id: keyId, entries: 1, fault: 'key_missing' });
  assert.ok(!globSync(join(data, 'suppression/*.list')).includes(list));
  await bringIn('Four');
  assert.deepEqual(await found(), [true, true, true]);
  await erasePeople(data, ['email:c@x.org']);
  assert.deepEqual(await found(), [true, true, false]);
  const catalog = new SqliteDatabase(join(data, dataFiles.catalog), { readonly: true });
  const acts = catalog.prepare("SELECT target FROM audit WHERE action = 'privacy.forget_list'");
  assert.deepEqual(acts.all(), [{ target: keyId }, { target: keyId }]);
  catalog.close();
  const healthy = await runCommand(data, ['doctor']);
  assert.match(healthy.stdout, /ok +suppression: 1 list with 1 keyed digest/);
});

test('people who came back while their list was lost are counted, and erased again when it is put back', async (t) => {
  const data = makeDataFolder(t);
  const beside = (name: string) => join(dirname(data), name);
  const file = beside('people.csv');
  const bringIn = async (last: string) => {
    writeFileSync(file, `email,name\na@x.org,Ann ${last}\nb@x.org,Bob ${last}\n`);
    await runCommand(data, ['import', file, '--dataset', 'people', '--yes']);
  };
  const found = async () => (await runCommand(data, ['get', 'email:a@x.org'])).code === 0;
  await bringIn('One');
  const { keyId } = await erasePeople(data, ['email:a@x.org']);
  renameSync(join(data, 'suppression'), beside('lost'));
  await mustRunCommand(data, ['privacy', 'forget-list', keyId, '--yes']);
  await bringIn('Two');
  assert.equal(await found(), true);
  renameSync(beside('lost'), join(data, 'suppression'));
  const { code, stdout } = await runCommand(data, ['doctor', '--verify']);
  assert.equal(code, 1);
  assert.match(
    stdout,
    /failed +suppression: Suppressed identities that can be found: 1\..*privacy apply-lists/,
  );
  const writer = await composeWriter({ dataFolder: data });
  const busy = await runCommand(data, ['privacy', 'apply-lists', '--yes']);
  assert.match(busy.stderr, /Another process writes the contact store: stop the server/);
  await writer.close();
  await mustRunCommand(data, ['privacy', 'apply-lists', '--yes']);
  assert.equal(await found(), false);
  assert.doesNotMatch(await mustRunCommand(data, ['doctor', '--verify']), /can be found/);
  await bringIn('Three');
  assert.equal(await found(), false);
  assert.equal((await runCommand(data, ['get', 'email:b@x.org'])).code, 0);
});
