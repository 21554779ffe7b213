/** `usher doctor` names suppression lists that cannot be used, and says what to do. */
import assert from 'node:assert/strict';
import {
  chmodSync,
  copyFileSync,
  cpSync,
  globSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
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
      assert.match(written.stderr, /Until then nothing is written/, words);
    }
    rmSync(join(data, 'suppression'), { recursive: true });
    cpSync(beside('whole'), join(data, 'suppression'), { recursive: true });
    chmodSync(join(data, 'suppression'), 0o700);
  }
  const { code, stdout } = await runCommand(data, ['doctor']);
  assert.match(stdout, /ok +suppression: 1 list with 2 keyed digests, each with its key/);
  assert.equal(code, 0);
});
