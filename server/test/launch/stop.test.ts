/**
 * A process that is asked to stop ends: in each phase of a server's start, after a second signal,
 * and when the process that started it dies.
 */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import { descendantsOf, isRunning } from '../../../scripts/process-tree.ts';
import { stopBoundMs } from '../../src/cli/limits.ts';
import { organizationId, SyncPlace } from '../sync/sync-place.ts';
import { defineEndless } from './define-endless.ts';
import { freePort, makeDataFolder, program, spawnUsher, waitFor } from './run-usher.ts';

/** What a server logs while it starts, in this order. */
const phases = [
  'the threads start',
  'the store is open',
  'the look-up threads are loaded',
  'the first thread listens',
  'Usher serves',
] as const;

const signals = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;

/** A start takes about 2 s, and ten times as long on a busy machine. */
const startMs = 60_000;
const endMs = 15_000;
const environment = { USHER_PORT: '0', USHER_WORKERS: '1', USHER_LOG_LEVEL: 'debug' };

interface Started {
  readonly child: ChildProcess;
  readonly ended: Promise<[code: number | null, signal: NodeJS.Signals | null]>;
  /** Resolves when the process has written these words. Fails if it ends before that. */
  says(words: string): Promise<void>;
  /** The URL that the server wrote. */
  url(): string;
}

function follow(t: TestContext, child: ChildProcess): Started {
  let written = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk) => {
      written += chunk;
    });
  }
  const ended = once(child, 'exit') as Started['ended'];
  t.after(() => {
    child.kill('SIGKILL');
  });
  const says = async (words: string) => {
    await waitFor(() => {
      assert.equal(child.exitCode, null, written);
      return written.includes(words) || undefined;
    }, startMs);
  };
  const url = () => /http:\/\/[\d.:]+/.exec(written)?.[0] ?? '';
  return { child, ended, says, url };
}

/** Asks what a load balancer asks: a server that is asked so drains before it ends. */
async function watchReadiness(url: string): Promise<void> {
  assert.equal((await fetch(`${url}/readyz`)).status, 200);
}

function serve(t: TestContext, data = makeDataFolder(t)): Started {
  return follow(t, spawnUsher(data, ['serve'], environment));
}

for (const [place, phase] of phases.entries()) {
  test(`a server that is stopped at "${phase}" ends with exit code 0`, async (t) => {
    const { child, ended, says } = serve(t);
    await says(phase);
    child.kill(signals[place % signals.length]);
    assert.deepEqual(await ended, [0, null]);
  });
}

test('a server answers what was sent before it was told to stop', async (t) => {
  const { child, ended, says, url } = serve(t);
  await says('Usher serves');
  const { hostname, port } = new URL(url());
  const sent = Array.from({ length: 40 }, async () => {
    const socket = connect(Number(port), hostname);
    await once(socket, 'connect');
    const answer = text(socket);
    await new Promise((flushed) => {
      socket.write('GET /livez HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n', flushed);
    });
    return { answer };
  });
  const answers = (await Promise.all(sent)).map(({ answer }) => answer);
  child.kill('SIGTERM');
  assert.deepEqual(await ended, [0, null]);
  for (const answer of await Promise.all(answers)) assert.match(answer, /^HTTP\/1.1 200 /);
});

const asked = {
  get: 'GET /audience/v2/contacts?identity=email:a@example.com HTTP/1.1\r\nhost: x\r\n\r\n',
  post: 'POST /audience/v2/contacts/lookup HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}',
};

test('a server answers every pipelined request, and those of kept connections, before it ends', async (t) => {
  const { child, ended, says, url } = serve(t);
  await says('Usher serves');
  const { hostname, port } = new URL(url());
  const callers = Array.from({ length: 40 }, async (_, place) => {
    const socket = connect(Number(port), hostname);
    await once(socket, 'connect');
    let received = '';
    socket.setEncoding('latin1').on('data', (piece: string) => {
      received += piece;
    });
    // 401, and soon 429.
    const count = () => received.split('HTTP/1.1 4').length - 1;
    const request = place % 2 === 0 ? asked.get : asked.post;
    socket.write(request);
    await waitFor(() => count() === 1 || undefined, startMs);
    return { socket, count, request };
  });
  const kept = await Promise.all(callers);
  const pipelined = 20;
  for (const { socket, request } of kept) socket.write(request.repeat(pipelined));
  child.kill('SIGTERM');
  assert.deepEqual(await ended, [0, null]);
  assert.deepEqual(
    kept.map(({ count }) => count()),
    kept.map(() => pipelined + 1),
  );
});

test('a second signal ends the server at once', async (t) => {
  const { child, ended, says, url } = serve(t);
  await says('Usher serves');
  await watchReadiness(url());
  const startedMs = performance.now();
  child.kill('SIGTERM');
  const again = setInterval(() => child.kill('SIGTERM'), 50);
  // A server that drains to its end, which takes 1.5 s, has exit code 0.
  assert.deepEqual(await ended, [null, 'SIGTERM']);
  clearInterval(again);
  assert.ok(performance.now() - startedMs < stopBoundMs.server, 'the second signal ended it');
});

test('a ctrl-c that arrives twice at once, as it does below npm, counts as one', async (t) => {
  const { child, ended, says } = serve(t);
  await says('Usher serves');
  // Two signals of one kind would be delivered once to a process that is suspended. Both arrive
  // together when it goes on, however busy the machine is.
  child.kill('SIGSTOP');
  child.kill('SIGINT');
  child.kill('SIGHUP');
  child.kill('SIGCONT');
  assert.deepEqual(await ended, [0, null]);
});

test('a server that npm started drains when npm is killed', async (t) => {
  const data = makeDataFolder(t);
  const script = '"$0" "$@" & wait';
  const shell = spawn('/bin/sh', ['-c', script, process.execPath, program, 'serve'], {
    env: { ...process.env, ...environment, USHER_DATA: data, npm_lifecycle_event: 'start' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const { says } = follow(t, shell);
  await says('Usher serves');
  const [server = 0] = descendantsOf(shell.pid ?? 0);
  t.after(() => isRunning(server) && process.kill(server, 'SIGKILL'));
  shell.kill('SIGKILL');
  await waitFor(() => !isRunning(server) || undefined, endMs);
});

test('every stop signal interrupts a sync', async (t) => {
  const place = new SyncPlace(t);
  await defineEndless(place);
  const { child, ended } = follow(t, spawnUsher(place.dataFolder, ['sync', 'run', 'crm']));
  await waitFor(() => descendantsOf(child.pid ?? 0).length > 0 || undefined, startMs);
  child.kill('SIGTERM');
  assert.deepEqual(await ended, [130, null]);
  const [run] = await place.administrate(({ catalog }) =>
    catalog.read((view) => view.listRuns(organizationId, { limit: 1 })),
  );
  assert.equal(run?.state, 'interrupted');
});

test('the process that reads SQLite ends when its sync is killed', async (t) => {
  const place = new SyncPlace(t);
  await defineEndless(place);
  const { child, ended } = follow(t, spawnUsher(place.dataFolder, ['sync', 'run', 'crm']));
  const [reader = 0] = await waitFor(() => {
    const found = descendantsOf(child.pid ?? 0);
    return found.length > 0 ? found : undefined;
  }, startMs);
  t.after(() => isRunning(reader) && process.kill(reader, 'SIGKILL'));
  child.kill('SIGKILL');
  await ended;
  await waitFor(() => !isRunning(reader) || undefined, endMs);
});

test('a server whose log cannot be written serves, and ends with exit code 0', async (t) => {
  const port = await freePort();
  const script = 'exec "$0" "$@" 2>/dev/full';
  const child = spawn('/bin/sh', ['-c', script, process.execPath, program, 'serve'], {
    env: {
      ...{ ...process.env, ...environment },
      ...{ USHER_DATA: makeDataFolder(t), USHER_PORT: String(port) },
    },
    stdio: 'ignore',
  });
  const { ended } = follow(t, child);
  await waitFor(async () => {
    assert.equal(child.exitCode, null);
    const answer = await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => undefined);
    return answer?.ok || undefined;
  }, startMs);
  child.kill('SIGTERM');
  assert.deepEqual(await ended, [0, null]);
});
