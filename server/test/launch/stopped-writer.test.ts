/**
 * A server while another process holds the store for writing but is stopped: the server answers
 * look-ups, says what it waits for, and takes over.
 */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { type TestContext, test } from 'node:test';
import { descendantsOf, isRunning } from '../../../scripts/process-tree.ts';
import { defineDataset } from '../../src/administration/dataset/define-dataset.ts';
import { composeAdministration } from '../../src/compose.ts';
import { usualDefinition } from '../../src/domain/dataset/dataset-definition.ts';
import { type StartedChild, startChild } from '../stores/child-process.ts';
import { mustRunCommand } from './run-command.ts';
import { makeDataFolder, runUsher, spawnUsher, startUsher, waitFor } from './run-usher.ts';

const environment = { USHER_WORKERS: '1' };

async function definePushes(dataFolder: string): Promise<string> {
  const settings = { dataFolder, catalog: 'sqlite' } as const;
  const options = { operator: 'test', clock: Date.now, randomBytes, make: true };
  const administration = await composeAdministration(settings, options);
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
  const create = ['token', 'create', '--email', 'a@example.com', '-q', ...scopes];
  return mustRunCommand(dataFolder, create);
}

/** A writing process that is stopped in the middle of its work. */
async function stopWriter(t: TestContext, data: string): Promise<StartedChild> {
  const writer = startChild('writer-child.ts', [data, '1']);
  t.after(() => writer.kill());
  await writer.line((line) => line.startsWith('finished 2'));
  writer.process.kill('SIGSTOP');
  return writer;
}

async function call(url: string, token: string, body?: object) {
  const path =
    body === undefined
      ? '/audience/v2/contacts?identity=email:200@hello.com'
      : '/ingest/v1/contacts';
  const headers = {
    authorization: `Bearer ${token}`,
    'content-type': 'application/json',
    connection: 'close',
  };
  const request =
    body === undefined ? { headers } : { method: 'POST', headers, body: JSON.stringify(body) };
  const answer = await fetch(`${url}${path}`, request);
  return {
    status: answer.status,
    retryAfter: answer.headers.get('retry-after'),
    text: await answer.text(),
  };
}

const pushed = { dataset: 'web', rows: [{ email: 'new@hello.com', visits: 3 }] };

for (const ending of ['is killed', 'continues'] as const) {
  test(`a server serves look-ups while another writer is stopped, and writes once that writer ${ending}`, async (t) => {
    const data = makeDataFolder(t);
    const token = await definePushes(data);
    const writer = await stopWriter(t, data);
    const server = await startUsher(data, environment);
    t.after(() => server.stop());
    assert.match(
      server.output(),
      /^warning: The process \d+ has the contact store open for writing/m,
    );
    assert.match(server.output(), new RegExp(`process ${writer.process.pid} `));
    assert.equal((await call(server.url, token)).status, 200);
    assert.equal((await fetch(`${server.url}/readyz`)).status, 200);
    const refused = await call(server.url, token, pushed);
    assert.equal(refused.status, 503, refused.text);
    assert.match(refused.text, /"code":"store_unavailable"/);
    assert.ok(Number(refused.retryAfter) >= 1);
    writer.process.kill(ending === 'is killed' ? 'SIGKILL' : 'SIGCONT');
    const taken = await waitFor(async () => {
      const answer = await call(server.url, token, pushed);
      return answer.status === 503 ? undefined : answer;
    }, 60_000);
    assert.equal(taken.status, 200, taken.text);
    assert.match((await call(server.url, token)).text, /"status":"success"/);
  });
}

test('a server that waits for a writer stops normally and leaves no process behind', async (t) => {
  const data = makeDataFolder(t);
  await definePushes(data);
  await stopWriter(t, data);
  const server = await startUsher(data, environment);
  const below = descendantsOf(server.process.pid ?? 0);
  assert.ok(below.length > 0);
  await server.stop();
  assert.equal(server.process.exitCode, 0, server.output());
  await waitFor(() => below.every((id) => !isRunning(id)) || undefined, 5_000);
});

test('without a store to read, a server waits, says so, and can be stopped', async (t) => {
  const data = makeDataFolder(t);
  await definePushes(data);
  const holder = startChild('lock-child.ts', [data]);
  t.after(() => holder.kill());
  await holder.line((line) => line === 'holds');
  const child = spawnUsher(data, ['serve'], { USHER_PORT: '0', ...environment });
  t.after(() => child.kill('SIGKILL'));
  let written = '';
  child.stderr.on('data', (chunk) => {
    written += chunk;
  });
  await waitFor(() => /no contact store to read yet/.test(written) || undefined, 60_000);
  child.kill('SIGTERM');
  assert.deepEqual(await once(child, 'exit'), [0, null]);
});

test('a command that writes waits for a stopped writer no longer than it says', async (t) => {
  const data = makeDataFolder(t);
  await definePushes(data);
  await stopWriter(t, data);
  const startedMs = performance.now();
  const { code, stderr } = await runUsher(data, ['sync', 'rollback', 'web', '--yes']);
  assert.equal(code, 1);
  const [, seconds] = /within (\d+) s/.exec(stderr) ?? assert.fail(stderr);
  // The start of the command adds to the wait.
  assert.ok(performance.now() - startedMs < Number(seconds) * 1_000 + 20_000);
});
