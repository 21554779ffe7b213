/**
 * An import while a server runs, while another import of the same dataset runs, and on a disk that
 * fills.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { composeReader } from '../../src/compose.ts';
import { enlargeDisk, mountSmallDisk } from '../stores/small-disk.ts';
import { mustRunCommand } from './run-command.ts';
import { mustRunUsher, runUsher, startUsher, waitFor } from './run-usher.ts';

function folderFor(context: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'usher-beside-'));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

function writeRows(path: string, count: number, name: string): string {
  const lines = Array.from({ length: count }, (_, n) => `p${n}@x.org,${name} ${n}`);
  writeFileSync(path, `email,name\n${lines.join('\n')}\n`);
  return path;
}

test('a running server answers imported contacts as soon as the import ends', async (context) => {
  const folder = folderFor(context);
  const data = join(folder, 'data');
  const token = await mustRunCommand(data, ['token', 'create', '--email', 'a@example.com', '-q']);
  const server = await startUsher(data, { USHER_WORKERS: '1' });
  context.after(() => server.stop());
  const ask = async (email: string) => {
    const url = `${server.url}/audience/v2/contacts?identity=email:${email}&fields=name`;
    const answer = await fetch(url, { headers: { authorization: `Bearer ${token}` } });
    const body = (await answer.json()) as { contact?: { name?: unknown } };
    return answer.status === 200 ? body.contact?.name : undefined;
  };
  const path = writeRows(join(folder, 'people.csv'), 3_000, 'first');
  await mustRunUsher(data, ['import', path, '-q']);
  // The server sees a new field only after its next poll of the catalog.
  assert.equal(await waitFor(async () => (await ask('p7@x.org')) ?? undefined, 2_000), 'first 7');
  writeRows(path, 3_000, 'second');
  await mustRunUsher(data, ['import', path, '-q']);
  assert.equal(await ask('p2999@x.org'), 'second 2999');
});

test('of two concurrent imports of a dataset, one is refused or runs after the other', async (context) => {
  const folder = folderFor(context);
  const data = join(folder, 'data');
  const path = writeRows(join(folder, 'people.csv'), 20_000, 'a');
  await mustRunCommand(data, [
    'import',
    writeRows(join(folder, 'people.ndjson.csv'), 2, 'a'),
    '--dataset',
    'people',
    '-q',
  ]);
  const results = await Promise.all([
    runUsher(data, ['import', path]),
    runUsher(data, ['import', path]),
  ]);
  const codes = results.map(({ code }) => code).sort();
  assert.equal(codes[0], 0, results.map(({ stderr }) => stderr).join('\n'));
  const refused = results.find(({ code }) => code !== 0);
  if (refused !== undefined) assert.match(refused.stderr, /run|progress/i);
  const reader = await composeReader({ dataFolder: data });
  assert.equal((await reader.counts(1)).contacts, 20_000);
  assert.deepEqual(await reader.verify(), {
    tornContacts: 0,
    danglingIdentities: 0,
    wrongCounts: 0,
  });
  await reader.close();
});

test('a full disk stops an import with an explanation, reads continue, and the same command completes once there is space', async (context) => {
  const folder = folderFor(context);
  const disk = mountSmallDisk(context, 24);
  const data = join(disk, 'data');
  const path = writeRows(join(folder, 'people.csv'), 60_000, 'x'.repeat(200));
  await mustRunCommand(data, [
    'import',
    writeRows(join(folder, 'few.csv'), 100, 'few'),
    '--dataset',
    'people',
    '-q',
  ]);
  const failed = await runUsher(data, ['import', path, '--json', '-q']);
  assert.equal(failed.code, 1, failed.stdout);
  assert.equal((JSON.parse(failed.stderr) as { code: string }).code, 'storage_full', failed.stderr);
  assert.doesNotMatch(failed.stderr, /Nothing of the call/);
  const reader = await composeReader({ dataFolder: data });
  assert.deepEqual(await reader.verify(), {
    tornContacts: 0,
    danglingIdentities: 0,
    wrongCounts: 0,
  });
  assert.ok((await reader.counts(1)).contacts >= 100);
  await reader.close();
  enlargeDisk(disk, 200);
  await mustRunUsher(data, ['import', path, '-q']);
  const after = await composeReader({ dataFolder: data });
  assert.equal((await after.counts(1)).contacts, 60_000);
  await after.close();
});
