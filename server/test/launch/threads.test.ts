/** What a server does when a thread dies, when it is stopped, and when a token is revoked. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { Agent, get } from 'node:http';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { mustRunCommand } from './run-command.ts';
import { freePort, makeDataFolder, runUsher, startUsher, waitFor } from './run-usher.ts';
import { share } from './share.ts';

const lookup = '/audience/v2/contacts?identity=email:nobody@example.com';

interface Reply {
  readonly status: number;
  readonly isKept: boolean;
}

/** The status of one look-up. 0 and the code of the error if the connection failed. */
function call(port: number, token: string, options: { agent?: Agent; path?: string } = {}) {
  const { agent, path = lookup } = options;
  return new Promise<Reply & { readonly failure?: string | undefined }>((resolve) => {
    const headers = { authorization: `Bearer ${token}` };
    const sent = get(
      { host: '127.0.0.1', port, path, headers, ...(agent === undefined ? {} : { agent }) },
      (response) => {
        response.resume();
        const isKept = response.headers.connection !== 'close';
        response.on('end', () => resolve({ status: response.statusCode ?? 0, isKept }));
      },
    );
    sent.on('error', (error: NodeJS.ErrnoException) => {
      resolve({ status: 0, isKept: false, failure: error.code });
    });
  });
}

async function prepare(t: TestContext) {
  const data = makeDataFolder(t);
  const token = await mustRunCommand(data, ['token', 'create', '--email', 'test@example.com']);
  await mustRunCommand(data, ['organization', 'set', 'default', '--rate-limit', '100000']);
  return { data, token };
}

test('a look-up thread that throws is replaced within a second and only its connections fail', async (t) => {
  const { data, token } = await prepare(t);
  const crashFile = join(data, 'crash');
  const hook = pathToFileURL(join(import.meta.dirname, 'crash-on-request.mjs')).href;
  const metricsPort = String(await freePort());
  const startMs = performance.now();
  const server = await startUsher(data, {
    USHER_WORKERS: '2',
    USHER_METRICS_PORT: metricsPort,
    CRASH_FILE: crashFile,
    NODE_OPTIONS: `--import=${hook}`,
  });
  t.after(() => server.stop());
  // Starting the whole server takes 2 s. On a busy machine both take longer.
  const boundMs = Math.max(1_500, 0.75 * (performance.now() - startMs));
  const agents = Array.from({ length: 12 }, () => new Agent({ keepAlive: true, maxSockets: 1 }));
  for (const agent of agents) {
    assert.equal((await call(server.port, token, { agent })).status, 404);
  }
  await writeFile(`${crashFile}.1`, '');
  const startedMs = performance.now();
  await waitFor(() => server.output().includes('a planted defect') || undefined, 10_000);
  // The connections of the other thread stay open. Those of the dead thread are closed.
  const replies = await Promise.all(agents.map((agent) => call(server.port, token, { agent })));
  const failed = replies.filter(({ status }) => status !== 404).length;
  assert.ok(failed < agents.length, 'the other thread continues to serve');
  const probe = () => Promise.all(Array.from({ length: 40 }, () => call(server.port, token)));
  await waitFor(async () => {
    const scraped = await fetch(`http://127.0.0.1:${metricsPort}/metrics`);
    const metrics = await scraped.text();
    const uptimes = [...metrics.matchAll(/^usher_worker_uptime_seconds\S* (\S+)$/gm)];
    const sinceMs = performance.now() - startedMs;
    return uptimes.some(([, seconds]) => Number(seconds) * 1_000 < sinceMs) || undefined;
  }, boundMs);
  const took = performance.now() - startedMs;
  assert.ok(took < boundMs, `replaced after ${took} ms`);
  for (const { status } of await probe()) assert.equal(status, 404);
  for (const agent of agents) agent.destroy();
});

test('SIGTERM fails readiness first, drops no request and ends the server within 10 s', async (t) => {
  const { data, token } = await prepare(t);
  const server = await startUsher(data, { USHER_WORKERS: '2' });
  let isReady = true;
  const replies: Awaited<ReturnType<typeof call>>[] = [];
  // Clients as behind a load balancer: they keep connections until the server ends them, and open
  // new ones while the server is ready.
  const client = async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    for (let isKept = true; isReady || isKept; ) {
      const reply = await call(server.port, token, { agent });
      replies.push(reply);
      isKept = reply.isKept;
      assert.ok(replies.length < 500_000);
    }
    agent.destroy();
  };
  const clients = Array.from({ length: 8 }, client);
  await waitFor(() => replies.length > 200 || undefined, 10_000);
  const watched = await call(server.port, token, { path: '/readyz' });
  assert.equal(watched.status, 200);
  const startedMs = performance.now();
  const exited = once(server.process, 'exit');
  server.process.kill('SIGTERM');
  await waitFor(async () => {
    const { status } = await call(server.port, token, { path: '/readyz' });
    isReady = status === 200;
    return status === 503 || undefined;
  }, 5_000);
  const beforeUnready = replies.length;
  const [code] = await exited;
  const took = performance.now() - startedMs;
  await Promise.all(clients);
  assert.equal(code, 0, server.output());
  assert.ok(took < 10_000, `ended after ${took} ms`);
  assert.ok(replies.length > beforeUnready, 'requests were answered after readiness failed');
  assert.deepEqual(
    replies.filter(({ status }) => status !== 404),
    [],
  );
});

test('a revoked token is refused within a second by every thread and after a restart', async (t) => {
  const { data, token } = await prepare(t);
  const server = await startUsher(data, { USHER_WORKERS: '3' });
  const agents = Array.from({ length: 24 }, () => new Agent({ keepAlive: true, maxSockets: 1 }));
  const ask = () => Promise.all(agents.map((agent) => call(server.port, token, { agent })));
  for (const { status } of await ask()) assert.equal(status, 404);
  const askedMs = performance.now();
  await ask();
  // On a busy machine a round of calls takes longer, and two rounds may be in progress.
  const boundMs = 1_000 + 2 * (performance.now() - askedMs);
  await mustRunCommand(data, ['token', 'revoke', 'test@example.com']);
  const revokedMs = performance.now();
  await waitFor(async () => {
    const replies = await ask();
    return replies.every(({ status }) => status === 401 || status === 429) || undefined;
  }, boundMs);
  assert.ok(performance.now() - revokedMs < boundMs);
  for (const agent of agents) agent.destroy();
  await server.stop();
  const again = await startUsher(data);
  t.after(() => again.stop());
  assert.equal((await call(again.port, token)).status, 401);
});

/** A server that no test stops. */
const running = share(async (context) => {
  const data = makeDataFolder(context);
  const metricsPort = await freePort();
  const server = await startUsher(data, {
    USHER_WORKERS: '2',
    USHER_METRICS_PORT: String(metricsPort),
  });
  context.after(() => server.stop());
  return { data, server, metricsPort };
});

test('a second server on the same data folder, or on a used port, is refused with an explanation', async (t) => {
  const { data, server } = running();
  const sameFolder = await runUsher(data, ['serve'], { USHER_PORT: '0' });
  assert.equal(sameFolder.code, 1);
  assert.match(sameFolder.stderr, /Another server runs on the data folder/);
  const other = makeDataFolder(t);
  const samePort = await runUsher(other, ['serve'], { USHER_PORT: String(server.port) });
  assert.equal(samePort.code, 1);
  assert.match(samePort.stderr, /cannot listen on .*--port/);
});

test('a demo that cannot start prints no token and changes no tokens', async (t) => {
  const { data, server } = running();
  const list = () => mustRunCommand(data, ['token', 'list', '--json', '--all']);
  const before = await list();
  const sameFolder = await runUsher(data, ['demo', '--port', '0']);
  assert.deepEqual([sameFolder.code, sameFolder.stdout], [1, '']);
  assert.match(sameFolder.stderr, /Another server runs on the data folder/);
  assert.doesNotMatch(await mustRunCommand(data, ['organization', 'list']), /demo/);
  assert.equal(await list(), before);
  const other = makeDataFolder(t);
  const samePort = await runUsher(other, ['demo', '--port', String(server.port)]);
  assert.deepEqual([samePort.code, samePort.stdout], [1, '']);
});

test('the metrics have their own port, the only one that serves them without a token', async () => {
  const { server, metricsPort } = running();
  await fetch(`${server.url}/livez`);
  const answer = await fetch(`http://127.0.0.1:${metricsPort}/metrics`);
  assert.equal(answer.status, 200);
  assert.match(await answer.text(), /^usher_http_requests_total/m);
  const lookupThere = await fetch(`http://127.0.0.1:${metricsPort}${lookup}`);
  assert.equal(lookupThere.status, 404);
  assert.equal((await fetch(`${server.url}/metrics`)).status, 401);
});
