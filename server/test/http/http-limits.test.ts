/**
 * The bounds of HTTP (`http/limits.ts`), each at the bound and one above it, through both doors.
 */
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { test } from 'node:test';
import {
  maxAdministrationBodyBytes,
  maxHeaderBytes,
  maxHeaderCount,
  maxIngestBodyBytes,
  maxLookupBodyBytes,
  maxReceiptBodyBytes,
  requestDeadlineMs,
} from '../../src/http/limits.ts';
import { readProblem } from './problem-shape.ts';
import { exchangeRaw, type RawAnswer, readAnswers } from './raw-connection.ts';
import { type RunningApi, startApi } from './start-api.ts';

const look = '/audience/v2/contacts?identity=email:tom@hello.com';

/**
 * Extra headers that send a request to node:http and have no other effect. The empty list is for
 * the plain door.
 */
const doors: readonly (readonly string[])[] = [[], ['Content-Length: 0'], ['Connection: close']];

function headOf(target: string, headers: readonly string[]): string {
  return `GET ${target} HTTP/1.1\r\n${headers.join('\r\n')}\r\n\r\n`;
}

/** A request with a head of exactly this many bytes. The last header is padded. */
function headOfBytes(bytes: number, headers: readonly string[]): string {
  const bare = headOf(look, [...headers, 'X-Fill: ']);
  return headOf(look, [...headers, `X-Fill: ${'x'.repeat(bytes - bare.length)}`]);
}

function targetOfBytes(bytes: number, headers: readonly string[]): string {
  const bare = headOf(`${look}&format=`, headers);
  return headOf(`${look}&format=${'x'.repeat(bytes - bare.length)}`, headers);
}

function headOfLines(lines: number, headers: readonly string[]): string {
  const more = Array.from({ length: lines - headers.length }, (_, place) => `X-${place}: y`);
  return headOf(look, [...headers, ...more]);
}

async function ask(api: RunningApi, bytes: string): Promise<RawAnswer> {
  const { answers, rest } = await exchangeRaw(api.port, bytes);
  assert.equal(rest, '');
  assert.ok(answers[0], `no answer to ${bytes.slice(0, 100)}`);
  return answers[0];
}

/** The status, and for a problem its code. */
function told(answer: RawAnswer): string {
  return answer.status < 400 ? `${answer.status}` : `${answer.status} ${readProblem(answer).code}`;
}

interface HeadRow {
  readonly bound: string;
  readonly of: (size: number, headers: readonly string[]) => string;
  readonly most: number;
  readonly atBound: string;
  readonly above: string;
}

const headRows: readonly HeadRow[] = [
  {
    bound: 'bytes of the head',
    of: headOfBytes,
    most: maxHeaderBytes,
    atBound: '200',
    above: '431 headers_too_large',
  },
  {
    bound: 'bytes of the head, in the target',
    of: targetOfBytes,
    most: maxHeaderBytes,
    atBound: '400 parameter_invalid',
    above: '431 headers_too_large',
  },
  {
    bound: 'header fields',
    of: headOfLines,
    most: maxHeaderCount,
    atBound: '200',
    above: '431 headers_too_large',
  },
];

for (const { bound, of, most, atBound, above } of headRows) {
  test(`both doors take ${most} ${bound} and refuse one more`, async (t) => {
    const api = await startApi(t);
    const bearer = ['Host: x', `Authorization: Bearer ${await api.token()}`];
    for (const door of doors) {
      const headers = [...bearer, ...door];
      // Alone, after a plain look-up, and after a request that node:http answers.
      const before = ['', headOf(look, bearer), headOf('/livez', bearer)];
      for (const first of before) {
        const sizes = [most - 1, most, most + 1, most + 2, 2 * most];
        const statuses: string[] = [];
        for (const size of sizes) {
          const wanted = first === '' ? 1 : 2;
          const bytes = first + of(size, headers);
          const { answers } = await exchangeRaw(api.port, bytes, { answers: wanted });
          assert.equal(answers.length, wanted);
          statuses.push(told(answers.at(-1) as RawAnswer));
        }
        assert.deepEqual(statuses, [atBound, atBound, above, above, above], door.join());
      }
    }
  });
}

test('a body of as many bytes as its route takes is read, and one more byte is refused', async (t) => {
  const api = await startApi(t);
  const scopes = [
    'contacts:read',
    'contacts:write',
    'admin:read',
    'admin:write',
    'privacy:write',
  ] as const;
  const token = await api.token({ scopes: [...scopes] });
  const head = `Host: x\r\nAuthorization: Bearer ${token}\r\nContent-Type: application/json\r\n`;
  const rows: readonly (readonly [line: string, most: number])[] = [
    ['POST /audience/v2/contacts/lookup', maxLookupBodyBytes],
    ['POST /audience/v2/contacts/batch', maxLookupBodyBytes],
    ['PATCH /admin/v1/organization', maxAdministrationBodyBytes],
    ['POST /admin/v1/privacy/verify', maxReceiptBodyBytes],
    ['POST /ingest/v1/contacts', maxIngestBodyBytes],
  ];
  for (const [line, most] of rows) {
    for (const size of [most, most + 1]) {
      const body = `{}${' '.repeat(size - 2)}`;
      const whole = `Content-Length: ${size}\r\n\r\n${body}`;
      const chunked = `Transfer-Encoding: chunked\r\n\r\n${size.toString(16)}\r\n${body}\r\n0\r\n\r\n`;
      for (const framed of [whole, chunked]) {
        const answer = await ask(api, `${line} HTTP/1.1\r\n${head}${framed}`);
        const isTooLarge = answer.status === 413;
        assert.equal(isTooLarge, size > most, `${line} of ${size}: ${answer.status}`);
        if (isTooLarge) assert.equal(readProblem(answer).code, 'body_too_large');
      }
    }
  }
});

test('a request that is not complete in time gets 408, whichever door holds it', async (t) => {
  const api = await startApi(t);
  const bearer = ['Host: x', `Authorization: Bearer ${await api.token()}`];
  const post = `POST /audience/v2/contacts/lookup HTTP/1.1\r\n${bearer.join('\r\n')}\r\nContent-Type: application/json\r\nContent-Length: 50\r\n\r\n{`;
  const plain = headOf(look, bearer);
  const stopped: readonly (readonly [bytes: string, answers: number])[] = [
    ['', 0],
    [plain.slice(0, 20), 1],
    [plain.slice(0, -1), 1],
    [plain + plain.slice(0, 20), 2],
    [plain + plain.slice(0, -2), 2],
    [headOf('/livez', bearer) + plain.slice(0, 20), 2],
    [post, 1],
    [plain + post, 2],
  ];
  const startedMs = performance.now();
  const lives = stopped.map(async ([bytes, count]) => {
    const received = await receiveAll(api.port, bytes);
    const { answers, rest } = readAnswers(received, false);
    assert.equal(rest, '');
    assert.equal(answers.length, count, bytes);
    const last = answers.at(-1);
    if (last !== undefined) assert.equal(told(last), '408 request_timeout');
  });
  await Promise.all(lives);
  const tookMs = performance.now() - startedMs;
  assert.ok(tookMs > requestDeadlineMs - 100 && tookMs < requestDeadlineMs + 5_000, `${tookMs}`);
});

/** Sends the bytes, then waits until the server closes. */
function receiveAll(port: number, bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1' });
    let received = '';
    socket.on('data', (piece) => {
      received += piece.toString('latin1');
    });
    socket.on('error', reject);
    socket.on('close', () => resolve(received));
    socket.write(bytes);
  });
}
