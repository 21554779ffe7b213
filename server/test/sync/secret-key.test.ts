/**
 * A data folder whose key was lost, replaced or half written: contacts are still cleared after
 * their rows have vanished.
 */
import assert from 'node:assert/strict';
import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { runCommand } from '../launch/run-command.ts';
import { SyncPlace } from './sync-place.ts';

const people = (names: readonly string[]) =>
  `email,name\n${names.map((name) => `${name}@example.org,${name}\n`).join('')}`;

const fields = { name: 'string' } as const;

for (const [what, spoil] of [
  ['lost', (path: string) => rmSync(path)],
  ['emptied', (path: string) => writeFileSync(path, '')],
  ['replaced', (path: string) => writeFileSync(path, Buffer.alloc(32, 7))],
] as const) {
  test(`a sync whose key was ${what} clears the contacts whose rows have vanished`, async (context) => {
    const place = new SyncPlace(context);
    const write = await place.defineCsv('crm', fields, { mode: 'snapshot', maxChangeShare: 1 });
    write(people(['ann', 'bob', 'cid', 'dan']));
    await place.sync('crm');
    spoil(join(place.settings.dataFolder, 'secret.key'));
    write(people(['ann', 'bob', 'dan']));
    const report = await place.sync('crm');
    assert.deepEqual([report.cleared, report.unchanged], [1, 3]);
    assert.equal((await place.find('email:cid@example.org'))?.['name'], undefined);
    write(people(['bob', 'dan']));
    assert.equal((await place.sync('crm')).cleared, 1);
    assert.equal((await place.find('email:ann@example.org'))?.['name'], undefined);
    assert.equal(statSync(join(place.settings.dataFolder, 'secret.key')).size, 32);
  });
}

test('a key of the wrong length is refused with the next step, and the doctor reports it', async (context) => {
  const place = new SyncPlace(context);
  const write = await place.defineCsv('crm', fields, { mode: 'snapshot' });
  write(people(['ann']));
  await place.sync('crm');
  const { dataFolder } = place.settings;
  writeFileSync(join(dataFolder, 'secret.key'), 'half');
  await assert.rejects(place.sync('crm'), /secret\.key .* has 4 bytes instead of 32\. Put the one/);
  const told = await runCommand(dataFolder, ['doctor']);
  assert.match(told.stdout, /warning +files: secret\.key .* has 4 bytes/);
  writeFileSync(join(dataFolder, 'secret.key'), '');
  assert.match((await runCommand(dataFolder, ['doctor'])).stdout, /files: secret\.key is empty/);
});

test('two processes that create the key at once use the same one', async (context) => {
  const place = new SyncPlace(context);
  const { dataFolder } = place.settings;
  const { readSecretKey } = await import('../../src/stores/secret-key.ts');
  await place.defineCsv('crm', fields, {});
  const keys = await Promise.all(Array.from({ length: 20 }, () => readSecretKey(dataFolder)));
  const [first = Buffer.alloc(0)] = keys;
  assert.ok(keys.every((key) => key.equals(first)));
  assert.deepEqual(readFileSync(join(dataFolder, 'secret.key')), first);
});
