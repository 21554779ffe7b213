/**
 * Connections at their limits: a failing one affects no other, no answer is lost, and no request is
 * mistaken for another.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { test } from 'node:test';
import { callApi } from './call-api.ts';
import { readProblem } from './problem-shape.ts';
import { exchangeRaw, type RawAnswer, readAnswers } from './raw-connection.ts';
import { type RunningApi, startApi, waitFor } from './start-api.ts';

const look = '/audience/v2/contacts?identity=email:tom@hello.com';
/** Extra headers that send a request to each door. The one for node:http has no other effect. */
const doors = ['', 'Content-Length: 0\r\n'];

function lookup(token: string, ...headers: readonly string[]): string {
  const lines = ['Host: x', `Authorization: Bearer ${token}`, ...headers];
  return `GET ${look} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`;
}

/**
 * Sends each piece after the server has had time for the one before, and waits until the connection
 * is closed.
 */
async function sendPieces(api: RunningApi, pieces: readonly string[]): Promise<string> {
  const socket: Socket = connect({ port: api.port, host: '127.0.0.1', allowHalfOpen: true });
  let received = '';
  socket.on('data', (piece) => {
    received += piece.toString('latin1');
  });
  socket.on('error', () => undefined);
  const closed = once(socket, 'close');
  for (const piece of pieces) {
    socket.write(piece);
    // The server reads the piece before it answers a later call.
    assert.equal((await callApi(api, { path: '/livez' })).status, 200);
  }
  socket.end();
  await closed;
  return received;
}

function statusesOf(received: string): number[] {
  const { answers, rest } = readAnswers(received, false);
  assert.equal(rest, '');
  return answers.map(({ status }) => status);
}

test('bytes after a refused request close its connection and no other', async (t) => {
  const api = await startApi(t);
  const token = await api.token();
  const follows = [lookup(token), 'CONNECT b:1 HTTP/1.1\r\n\r\n', 'x'.repeat(70_000), '\r\n\r\n'];
  const refused = [
    'CONNECT a:1 HTTP/1.1\r\n\r\n',
    'CONNECT a:1 HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nab',
    'CONNECT a:1 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab',
    'garbage\r\n\r\n',
    'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
    '\u0016\u0003\u0001\u0002\u0000\u0001',
    `GET /livez HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(17_000)}`,
    'POST /livez HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc\u0000',
    'POST /livez HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nz\r\n',
  ];
  for (const request of refused) {
    for (const before of ['', lookup(token)]) {
      for (const next of follows) {
        const received = await sendPieces(api, [before + request, next, next]);
        const statuses = statusesOf(received);
        const expected = before === '' ? 1 : 2;
        assert.equal(statuses.length, expected, JSON.stringify([request, next, received]));
        if (before !== '') assert.equal(statuses[0], 200);
        assert.ok(statuses.at(-1) === 400 || (statuses.at(-1) ?? 0) > 400);
      }
    }
  }
  assert.deepEqual(
    api.logged.filter((line) => line.includes('"level":"error"')),
    [],
  );
});

test('a client that disconnects at any moment affects no other connection', async (t) => {
  const api = await startApi(t);
  const token = await api.token();
  const json = `Host: x\r\nAuthorization: Bearer ${token}\r\nContent-Type: application/json\r\n`;
  const openings = [
    lookup(token, 'Usher-Min-Revision: ffffffffffffffff'),
    lookup(token, 'Usher-Min-Revision: ffffffffffffffff', 'Content-Length: 0'),
    lookup(token).repeat(2_000),
    lookup(token, 'Content-Length: 0').repeat(2_000),
    `POST /audience/v2/contacts/lookup HTTP/1.1\r\n${json}Content-Length: 100\r\n\r\n{`,
    `POST /audience/v2/contacts/lookup HTTP/1.1\r\n${json}Expect: 100-continue\r\nContent-Length: 9\r\n\r\n`,
    'CONNECT a:1 HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nab',
    'GET /docs/http HTTP/1.1\r\nHost: x\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n',
  ];
  for (const opening of openings) {
    for (const isReset of [true, false]) {
      const socket = connect({ port: api.port, host: '127.0.0.1' });
      socket.on('error', () => undefined);
      socket.write(opening);
      assert.equal((await callApi(api, { path: '/livez' })).status, 200);
      if (isReset) socket.resetAndDestroy();
      else socket.destroy();
      assert.equal((await callApi(api, { path: look, token })).status, 200);
    }
  }
  assert.deepEqual(
    api.logged.filter((line) => line.includes('"level":"error"')),
    [],
  );
});

test('an internal error in one connection closes only that connection', async (t) => {
  const newRequestId = () => {
    throw new Error('a planted defect');
  };
  const api = await startApi(t, { newRequestId });
  const token = await api.token();
  const sound = lookup(token, 'X-Request-Id: sound');
  const defective = [
    lookup(token),
    lookup(token, 'Content-Length: 0'),
    'GET /nowhere HTTP/1.1\r\nHost: x\r\n\r\n',
    'GET /livez HTTP/1.1\r\nHost: x\r\n\r\n',
    'CONNECT a:1 HTTP/1.1\r\n\r\n',
    'garbage\r\n\r\n',
  ];
  for (const request of defective) {
    for (const before of ['', sound]) {
      const { answers, closed } = await exchangeRaw(api.port, before + request, { answers: 3 });
      assert.ok(closed, request);
      assert.ok(answers.length <= 1);
      const { answers: others } = await exchangeRaw(api.port, sound);
      assert.equal(others[0]?.status, 200);
    }
  }
  assert.ok(api.logged.some((line) => line.includes('a planted defect')));
});

test('a request after a refused upgrade is not answered, and the connection is closed', async (t) => {
  const api = await startApi(t);
  const token = await api.token();
  const upgrades = ['Connection: Upgrade\r\nUpgrade: websocket', 'Upgrade: h2c', 'upgrade: a, b/1'];
  for (const upgrade of upgrades) {
    const first = lookup(token, upgrade);
    for (const bytes of [first + lookup(token), first + first, lookup(token) + first + first]) {
      const { answers, closed, rest } = await exchangeRaw(api.port, bytes, { answers: 4 });
      assert.equal(rest, '');
      assert.ok(closed);
      assert.equal(answers.length, bytes.startsWith(first) ? 1 : 2);
      assert.equal(answers.at(-1)?.headers.get('connection'), 'close');
      assert.ok(answers.every(({ status }) => status === 200));
    }
  }
});

test('a client that has closed its sending side still gets every answer, queued ones included', async (t) => {
  const api = await startApi(t);
  const token = await api.token();
  const never = 'Usher-Min-Revision: ffffffffffffffff';
  for (const door of doors) {
    const extra = door === '' ? [] : [door.trim()];
    const waiting = lookup(token, never, ...extra);
    const plain = lookup(token, ...extra);
    const sent = [waiting, plain, waiting, plain.repeat(40)];
    const { answers, rest } = await exchangeRaw(api.port, sent.join(''), {
      answers: 44,
      halfClose: true,
      deadlineMs: 8_000,
    });
    assert.equal(rest, '');
    const expected = [412, 200, 412, ...Array.from({ length: 40 }, () => 200)];
    assert.deepEqual(
      answers.map(({ status }) => status),
      expected,
    );
    const end = await exchangeRaw(api.port, waiting, { answers: 2, halfClose: true });
    assert.deepEqual([end.answers.length, end.answers[0]?.status, end.closed], [1, 412, true]);
  }
});

test('requests that alternate between the doors, split anywhere, are answered in their order', async (t) => {
  const api = await startApi(t);
  const token = await api.token();
  const body = '{"identity":"email:nobody@hello.com"}';
  const post = `POST /audience/v2/contacts/lookup HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\nContent-Type: application/json\r\n`;
  const requests: readonly (readonly [string, number])[] = [
    [lookup(token), 200],
    [lookup(token), 200],
    [`${post}Content-Length: ${body.length}\r\n\r\n${body}`, 404],
    [lookup(token), 200],
    [
      `${post}Transfer-Encoding: chunked\r\n\r\n${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`,
      404,
    ],
    [`\r\n${lookup(token, 'Usher-Freshness: 1')}`, 200],
    ['GET /nowhere HTTP/1.1\r\nHost: x\r\n\r\n', 404],
    ['GET /livez HTTP/1.1\r\nHost: x\r\n\r\n', 200],
  ];
  const bytes = requests.map(([text]) => text).join('');
  const expected = requests.map(([, status]) => status);
  const step = Math.ceil(bytes.length / 150);
  const trials = Array.from({ length: 150 }, (_, place) => place * step).map(async (cut) => {
    const received = await sendCut(api.port, [bytes.slice(0, cut), bytes.slice(cut)], expected);
    assert.deepEqual(
      received.map(({ status }) => status),
      expected,
      `cut at ${cut}`,
    );
  });
  await Promise.all(trials);
});

/**
 * Sends both pieces, the second once the first is on its way, and waits for the expected number of
 * answers.
 */
function sendCut(port: number, pieces: readonly string[], expected: readonly number[]) {
  return new Promise<readonly RawAnswer[]>((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    let received = '';
    socket.setTimeout(20_000, () =>
      socket.destroy(new Error(`no further answer after ${received}`)),
    );
    socket.on('error', reject);
    socket.on('data', (piece) => {
      received += piece.toString('latin1');
      const { answers } = readAnswers(received, false);
      if (answers.length < expected.length) return;
      socket.destroy();
      resolve(answers);
    });
    socket.write(pieces[0] ?? '', () => setImmediate(() => socket.write(pieces[1] ?? '')));
  });
}

test('a client that sends far too much can still read why it is refused', async (t) => {
  const api = await startApi(t);
  const token = await api.token();
  const much = 'x'.repeat(1_000_000);
  const cases: readonly (readonly [string, string])[] = [
    [`GET ${look} HTTP/1.1\r\nHost: x\r\nX-Much: ${much}\r\n\r\n`, 'headers_too_large'],
    [
      `GET ${look} HTTP/1.1\r\nHost: x\r\n${'X-Many: y\r\n'.repeat(90_000)}\r\n`,
      'headers_too_large',
    ],
    [`GET ${look}&a=${much} HTTP/1.1\r\nHost: x\r\n\r\n`, 'headers_too_large'],
    [`CONNECT a:1 HTTP/1.1\r\nHost: x\r\n\r\n${much}`, 'request_malformed'],
    [`garbage\r\n\r\n${much}`, 'request_malformed'],
    [
      `POST /audience/v2/contacts/lookup HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\nContent-Type: application/json\r\nContent-Length: 1000000\r\n\r\n${much}`,
      'body_too_large',
    ],
  ];
  for (const [bytes, code] of cases) {
    for (const before of ['', lookup(token)]) {
      const { answers, closed } = await exchangeRaw(api.port, before + bytes, { answers: 3 });
      const last = answers.at(-1);
      assert.ok(last, `no answer to ${bytes.slice(0, 100)}`);
      assert.equal(readProblem(last).code, code);
      assert.equal(answers.length, before === '' ? 1 : 2);
      assert.ok(closed);
    }
  }
});

test('a refused connection closes soon, whether or not its client goes on sending', async (t) => {
  const api = await startApi(t);
  const socket = connect({ port: api.port, host: '127.0.0.1', allowHalfOpen: true });
  let isClosed = false;
  socket.on('error', () => undefined);
  socket.on('data', () => undefined);
  socket.on('close', () => {
    isClosed = true;
  });
  socket.write('garbage\r\n\r\n');
  await once(socket, 'end');
  await waitFor(() => {
    socket.write('more');
    return isClosed;
  }, 8_000);
});
