/**
 * Pushes to a real server with several threads: every thread sees them, they survive `kill -9` and
 * a restart, and they block no command.
 */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { test } from 'node:test';
import { defineDataset } from '../../src/administration/dataset/define-dataset.ts';
import { composeAdministration } from '../../src/compose.ts';
import { usualDefinition } from '../../src/domain/dataset/dataset-definition.ts';
import { enlargeDisk, mountSmallDisk } from '../stores/small-disk.ts';
import { mustRunCommand } from './run-command.ts';
import {
  makeDataFolder,
  mustRunUsher,
  startUsher,
  type UsherServer,
  waitFor,
} from './run-usher.ts';

async function administrationOf(dataFolder: string) {
  const settings = { dataFolder, catalog: 'sqlite' } as const;
  const options = { operator: 'test', clock: Date.now, randomBytes, make: true };
  return composeAdministration(settings, options);
}

async function preparePushes(data: string): Promise<string> {
  const administration = await administrationOf(data);
  await defineDataset(administration, 1, {
    name: 'web',
    definition: {
      ...usualDefinition,
      source: { kind: 'push' },
      identifiers: [{ identityType: 'email', column: 'email' }],
      columns: [{ column: 'visits', field: 'visits' }],
    },
    fields: new Map([['visits', { type: 'integer' }]]),
  });
  await administration.catalog.close();
  const scopes = ['--scope', 'contacts:read', '--scope', 'contacts:write', '--dataset', 'web'];
  const token = await mustRunCommand(data, [
    ...['token', 'create', '--email', 'a@example.com', '-q', ...scopes],
  ]);
  return token;
}

async function push(server: UsherServer, token: string, visits: number, key?: string) {
  return pushAll(server, token, { rows: [{ email: 'tom@hello.com', visits }], key });
}

async function pushAll(
  server: UsherServer,
  token: string,
  { rows, key }: { readonly rows: readonly object[]; readonly key?: string | undefined },
) {
  const answer = await fetch(`${server.url}/ingest/v1/contacts`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      ...(key === undefined ? {} : { 'idempotency-key': key }),
    },
    body: JSON.stringify({ dataset: 'web', rows }),
  });
  return { status: answer.status, text: await answer.text() };
}

async function visitsOf(server: UsherServer, token: string, revision?: string) {
  const url = `${server.url}/audience/v2/contacts?identity=email:tom@hello.com&fields=visits`;
  const at = revision === undefined ? {} : { 'usher-min-revision': revision };
  const headers = { authorization: `Bearer ${token}`, connection: 'close', ...at };
  const answer = await fetch(url, { headers });
  return ((await answer.json()) as { contact?: { visits: number } }).contact?.visits;
}

test('every thread sees a push, and the push and its stored answer survive kill -9', async (t) => {
  const data = makeDataFolder(t);
  const token = await preparePushes(data);
  const server = await startUsher(data, { USHER_WORKERS: '2' });
  t.after(() => server.stop());
  for (let visits = 1; visits <= 10; visits += 1) {
    const { status, text } = await push(server, token, visits, `key-${visits}`);
    assert.equal(status, 200, text);
    const { revision } = JSON.parse(text) as { revision: string };
    assert.equal(await visitsOf(server, token, revision), visits);
  }
  const last = await push(server, token, 11, 'last');
  server.process.kill('SIGKILL');
  await server.stop();

  const next = await startUsher(data, { USHER_WORKERS: '2' });
  t.after(() => next.stop());
  assert.deepEqual(await push(next, token, 11, 'last'), last);
  assert.equal((await push(next, token, 12, 'last')).status, 409);
  assert.equal(await visitsOf(next, token), 11);
  // A thread that pushed is a client of the writer. A command must still find the writer.
  await mustRunUsher(data, ['organization', 'list']);
  await next.stop();
  assert.equal(next.process.exitCode, 0, next.output());
});

test('after the server has stopped, the catalog says which token read which field', async (t) => {
  const data = makeDataFolder(t);
  const token = await preparePushes(data);
  const server = await startUsher(data, { USHER_WORKERS: '1' });
  t.after(() => server.stop());
  await push(server, token, 1);
  assert.equal(await waitFor(() => visitsOf(server, token), 2_000), 1);
  await server.stop();
  const administration = await administrationOf(data);
  t.after(() => administration.catalog.close());
  const reads = await administration.catalog.read((view) => view.listFieldReads(1, Date.now() - 1));
  assert.equal(reads.length, 1);
});

test('on a full disk a push is refused with storage_full and look-ups continue, and the same push succeeds once there is space', async (t) => {
  const disk = mountSmallDisk(t, 24);
  const data = join(disk, 'data');
  const token = await preparePushes(data);
  const server = await startUsher(data, { USHER_WORKERS: '1' });
  t.after(() => server.stop());
  await push(server, token, 7);
  const rowsOf = (batch: number) =>
    Array.from({ length: 1_000 }, (_, row) => ({ email: `p${batch}-${row}@x.org`, visits: row }));
  let batch = 0;
  const last = await waitFor(async () => {
    batch += 1;
    const answer = await pushAll(server, token, { rows: rowsOf(batch), key: `batch-${batch}` });
    return answer.status === 200 ? undefined : answer;
  }, 60_000);
  assert.deepEqual([last.status, JSON.parse(last.text).code], [507, 'storage_full'], last.text);
  assert.equal(await visitsOf(server, token), 7);
  enlargeDisk(disk, 200);
  const again = await pushAll(server, token, { rows: rowsOf(batch), key: `batch-${batch}` });
  assert.equal(again.status, 200, again.text);
  assert.equal(JSON.parse(again.text).added, 1_000);
});
