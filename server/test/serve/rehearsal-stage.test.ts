/** The port of a rehearsal: whom it serves, and how it reads answers. */
import assert from 'node:assert/strict';
import { connect, type Socket } from 'node:net';
import { test } from 'node:test';
import { openStage } from '../../src/serve/rehearsal-stage.ts';

const request = Buffer.from('GET / HTTP/1.1\r\n\r\n');
const long = `HTTP/1.1 200 OK\r\nContent-Length: 300000\r\n\r\n${'x'.repeat(300_000)}`;

test('each request waits for the whole answer before it', { timeout: 30_000 }, async () => {
  const answers = [long, 'HTTP/1.1 304 Not Modified\r\n\r\n', long];
  let requests = 0;
  const stage = await openStage((socket) => {
    socket.on('data', (bytes: Buffer) => {
      assert.equal(String(bytes), String(request));
      socket.write(answers[requests] ?? '');
      requests += 1;
    });
    socket.on('end', () => socket.end());
    socket.resume();
  });
  const statuses: (string | undefined)[] = [];
  await stage.talk((status) => {
    statuses.push(status);
    return statuses.length > answers.length ? undefined : request;
  });
  await stage.close();
  assert.deepEqual(statuses, [undefined, '200', '304', '200']);
  assert.equal(requests, answers.length);
});

test('others who find the port get nothing, and silent servers are hung up on', {
  timeout: 30_000,
}, async () => {
  const accepted: Socket[] = [];
  const stage = await openStage((socket) => {
    accepted.push(socket);
    socket.on('end', () => socket.end());
    socket.resume();
  });
  const talked = stage.talk(() => request);
  while (accepted.length === 0) await new Promise((resolve) => setImmediate(resolve));
  const stranger = connect({ port: accepted[0]?.localPort ?? 0, host: '127.0.0.1' });
  stranger.write(request);
  let got = 0;
  stranger.on('data', ({ length }: Buffer) => {
    got += length;
  });
  stranger.on('error', () => undefined);
  await new Promise((resolve) => stranger.on('close', resolve));
  assert.deepEqual([accepted.length, got], [1, 0]);
  stage.hangUp();
  await talked;
  await stage.close();
});
