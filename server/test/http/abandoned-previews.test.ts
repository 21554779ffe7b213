/** Previews whose callers leave. Their processes are halted, so that none ends by itself. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { test } from 'node:test';
import { revokeToken } from '../../src/administration/token/tokens.ts';
import { childPids } from './child-processes.ts';
import { type RunningApi, startApi, waitFor } from './start-api.ts';

const path = '/admin/v1/segments/preview';
const scopes = ['contacts:read', 'admin:read', 'admin:write'] as const;
/** Far less than the two minutes after which any preview is ended. */
const soonMs = 10_000;

const waysToLeave: Readonly<Record<string, (socket: Socket, request: string) => void>> = {
  'closes its connection': (socket) => void socket.end(),
  'resets its connection': (socket) => void socket.resetAndDestroy(),
  'has sent its next request and closes its connection': (socket, request) =>
    void socket.end(request),
};

for (const asked of [path, `${path}/steps`]) {
  for (const [way, leave] of Object.entries(waysToLeave)) {
    test(`${asked} ends its process when the caller ${way}`, { timeout: 60_000 }, async (t) => {
      const api = await startApi(t);
      const request = requestOf(asked, await api.token({ scopes: [...scopes] }));
      const socket = await send(api, request);
      await waitFor(() => childPids('preview').length === 1, soonMs);
      const [pid = 0] = childPids('preview');
      process.kill(pid, 'SIGSTOP');
      leave(socket, request.replace(asked, `${path}s`));
      await waitFor(() => !childPids('preview').includes(pid), soonMs);
      socket.destroy();
    });
  }
}

test('work for a caller whose rights end is ended and says why', { timeout: 60_000 }, async (t) => {
  const api = await startApi(t);
  for (const asked of [path, `${path}/steps`]) {
    const token = await api.token({ scopes: [...scopes] });
    const socket = await send(api, requestOf(asked, token));
    const answered: Buffer[] = [];
    socket.on('data', (bytes: Buffer) => answered.push(bytes));
    await waitFor(() => childPids('preview').length === 1, soonMs);
    const [pid = 0] = childPids('preview');
    process.kill(pid, 'SIGSTOP');
    await revokeToken(api.administration, 1, { reference: token.slice(4, 16) });
    await waitFor(() => Buffer.concat(answered).includes('token_invalid'), soonMs);
    await waitFor(() => childPids('preview').length === 0, soonMs);
    socket.destroy();
  }
});

test('previews that were left make room for others', { timeout: 60_000 }, async (t) => {
  const api = await startApi(t);
  const request = requestOf(path, await api.token({ scopes: [...scopes] }));
  const left = [await send(api, request), await send(api, request)];
  await waitFor(() => childPids('preview').length === 2, soonMs);
  for (const pid of childPids('preview')) process.kill(pid, 'SIGSTOP');
  assert.match(await answerTo(api, request), /^HTTP\/1.1 503 /);
  for (const socket of left) socket.end();
  // A process that has ended counts until the server has heard of its end.
  await waitFor(async () => (await answerTo(api, request)).startsWith('HTTP/1.1 200 '), soonMs);
  for (const socket of left) socket.destroy();
});

function requestOf(asked: string, token: string): string {
  const body = JSON.stringify({ rule: 'true', exact: true });
  return `POST ${asked} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
}

async function send({ port }: RunningApi, request: string): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  socket.resume();
  socket.write(request);
  return socket;
}

/** The first bytes of the answer. */
async function answerTo(api: RunningApi, request: string): Promise<string> {
  const socket = await send(api, request);
  const [bytes] = await once(socket, 'data');
  socket.destroy();
  return String(bytes);
}
