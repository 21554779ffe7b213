/** An erasure whose process is killed is completed by a server, and nobody of it is left. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import { composeReader } from '../../src/compose.ts';
import {
  makeDataFolder,
  mustRunUsher,
  runUsher,
  spawnUsher,
  startUsher,
  waitFor,
} from './run-usher.ts';

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
  await mustRunUsher(data, ['import', file, '--yes']);
  const child = spawnUsher(data, ['privacy', 'erase', '--file', ids, '--yes']);
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  await waitFor(async () => ((await countContacts(data)) < people ? true : undefined), 30_000);
  const list = async (): Promise<Listed[]> =>
    JSON.parse(await mustRunUsher(data, ['privacy', 'list', '--json']));
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
    await mustRunUsher(data, ['privacy', 'show', done.id, '--receipt', receipt]);
    const verified = await mustRunUsher(data, ['privacy', 'verify', receipt]);
    assert.match(verified, new RegExp(`^valid\nsubjects: ${erased}, suppressed: ${erased}, `));
  } finally {
    await server.stop();
  }
  assert.doesNotMatch(server.output(), /p\d+@x\.org/);
  assert.equal((await runUsher(data, ['get', 'email:p0@x.org'])).code, 3);
});
