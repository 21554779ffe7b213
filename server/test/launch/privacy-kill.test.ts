/** An erasure whose process is killed is completed by a server, and nobody of it is left. */
import assert from 'node:assert/strict';
import { globSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { composeReader } from '../../src/compose.ts';
import { mustRunCommand, runCommand } from './run-command.ts';
import { makeDataFolder, spawnUsher, startUsher, waitFor } from './run-usher.ts';

const people = 6_000;
const erased = 4_000;

interface Listed {
  readonly id: string;
  readonly state: string;
  readonly counts: Readonly<Record<string, number>> | null;
}

async function countContacts(dataFolder: string): Promise<number> {
  const reader = await composeReader({ dataFolder });
  const { contacts } = await reader.counts(1);
  await reader.close();
  return contacts;
}

/** A data folder with people, and the process that erases most of them. */
async function startErasing(context: TestContext) {
  const data = makeDataFolder(context);
  const file = `${data}-people.csv`;
  const ids = `${data}-ids.csv`;
  const names = Array.from({ length: people }, (_, n) => `p${n}@x.org`);
  writeFileSync(file, ['email,name', ...names.map((name) => `${name},N ${name}`), ''].join('\n'));
  writeFileSync(ids, ['email', ...names.slice(0, erased), ''].join('\n'));
  await mustRunCommand(data, ['import', file, '--yes']);
  const child = spawnUsher(data, ['privacy', 'erase', '--file', ids, '--yes']);
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  await waitFor(async () => ((await countContacts(data)) < people ? true : undefined), 30_000);
  const list = async (): Promise<Listed[]> =>
    JSON.parse(await mustRunCommand(data, ['privacy', 'list', '--json']));
  return { data, child, ended, list };
}

test('a server completes an erasure whose process was killed', {
  timeout: 120_000,
}, async (context) => {
  const { data, child, ended, list } = await startErasing(context);
  const receipt = `${data}-receipt.json`;
  child.kill('SIGKILL');
  await ended;
  assert.ok((await countContacts(data)) > people - erased, 'it was killed before its end');
  const [left] = await list();
  assert.equal(left?.state, 'running');
  const server = await startUsher(data);
  try {
    const done = await waitFor(async () => {
      const [request] = await list();
      return request?.state === 'done' ? request : undefined;
    }, 60_000);
    assert.deepEqual(
      [done.id, done.counts?.['contacts'], done.counts?.['notFound']],
      [left.id, erased, 0],
    );
    assert.equal(await countContacts(data), people - erased);
    await mustRunCommand(data, ['privacy', 'show', done.id, '--receipt', receipt]);
    const verified = await mustRunCommand(data, ['privacy', 'verify', receipt]);
    assert.match(verified, new RegExp(`^valid\nsubjects: ${erased}, suppressed: ${erased}, `));
  } finally {
    await server.stop();
  }
  assert.doesNotMatch(server.output(), /p\d+@x\.org/);
  assert.equal((await runCommand(data, ['get', 'email:p0@x.org'])).code, 3);
});

test('doctor names an erasure whose process was killed, and a backup and a compaction complete it first', {
  timeout: 120_000,
}, async (context) => {
  const { data, child, ended, list } = await startErasing(context);
  child.kill('SIGKILL');
  await ended;
  const left = await countContacts(data);
  assert.ok(left > people - erased, 'it was killed before its end');
  const { stdout } = await runCommand(data, ['doctor']);
  const [, id] =
    /warning +erasure: The erasure (\S+) of default is not complete/.exec(stdout) ?? [];
  // Nothing can be written while the key is lost, so the erasure cannot be completed.
  const [key = ''] = globSync(join(data, 'suppression/*.key'));
  renameSync(key, `${key}.away`);
  const refused = await runCommand(data, ['compact']);
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, new RegExp(`1 erasure is not complete: ${id}\\. What they remove`));
  assert.equal(await countContacts(data), left);
  renameSync(`${key}.away`, key);
  const backup = `${data}-backup`;
  const { stderr } = await runCommand(data, ['backup', backup]);
  assert.match(stderr, /Waiting for the end.*Went on with privacy requests that were left/s);
  assert.doesNotMatch(stderr, /may hold people/);
  const { store } = JSON.parse(readFileSync(join(backup, 'backup.json'), 'utf8'));
  assert.equal(store.contacts, people - erased);
  const [done] = await list();
  assert.deepEqual([done?.id, done?.state], [id, 'done']);
  assert.doesNotMatch(await mustRunCommand(data, ['doctor']), /erasure:/);
  await mustRunCommand(data, ['compact']);
});
