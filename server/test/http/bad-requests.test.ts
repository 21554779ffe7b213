/** 10,000 generated bad requests against a whole server over raw sockets. */
import assert from 'node:assert/strict';
import { connect, type Socket } from 'node:net';
import { test } from 'node:test';
import fc from 'fast-check';
import { type BadRequest, badRequests } from './bad-requests.ts';
import { callApi } from './call-api.ts';
import { readProblem } from './problem-shape.ts';
import { type RawAnswer, readAnswers } from './raw-connection.ts';
import { startApi } from './start-api.ts';

const requestCount = 10_000;
/** So many connections at a time. */
const concurrency = 16;
const hangMs = 1_000;

interface Outcome {
  readonly request: BadRequest;
  readonly received: string;
  readonly hung: boolean;
}

/**
 * Sends all and half-closes, so that a server that waits for more knows there is none. Over when
 * the server closes; hung when it has not within a second.
 */
function send(port: number, request: BadRequest): Promise<Outcome> {
  return new Promise((resolve) => {
    const socket: Socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    const pieces: Buffer[] = [];
    const finish = (hung: boolean) => {
      clearTimeout(timer);
      socket.destroy();
      resolve({ request, received: Buffer.concat(pieces).toString('latin1'), hung });
    };
    const timer = setTimeout(() => finish(true), hangMs);
    socket.on('data', (piece: Buffer) => pieces.push(piece));
    socket.on('end', () => finish(false));
    socket.on('error', () => finish(false));
    socket.on('connect', () => socket.end(request.bytes));
  });
}

/**
 * Fails in words when an answer is none, or a refusal is no valid problem. @returns the statuses
 */
function judge({ request, received, hung }: Outcome): number[] {
  const words = `${request.kind}: ${JSON.stringify(request.bytes.toString('latin1').slice(0, 600))}`;
  assert.ok(!hung, `hangs: ${words}\nreceived: ${received.slice(0, 600)}`);
  // Only the first request can be known to be a HEAD; whoever pipelines one behind it is not judged
  // by its bodies.
  const hasHead = /HEAD /.test(request.bytes.toString('latin1'));
  if (hasHead)
    return [...received.matchAll(/^HTTP\/1\.1 (\d{3})/gm)].map((match) => Number(match[1]));
  const { answers, rest } = readAnswers(received, false);
  assert.equal(rest, '', `unfinished answer: ${words}`);
  // Nothing but line ends is no request yet.
  const isBlank = /^[\r\n]*$/.test(request.bytes.toString('latin1'));
  assert.ok(answers.length > 0 || isBlank, `no answer: ${words}`);
  for (const answer of answers) {
    assert.ok(answer.status < 500, `${answer.status} ${answer.body}: ${words}`);
    if (answer.status >= 400) mustBeProblem(answer, words);
  }
  return answers.map(({ status }) => status);
}

function mustBeProblem(answer: RawAnswer, words: string): void {
  try {
    readProblem(answer);
  } catch (error) {
    throw new Error(`no valid problem: ${words}`, { cause: error });
  }
}

test('none of 10,000 bad requests is answered 5xx or hangs, and every refusal is a valid problem', async (t) => {
  const api = await startApi(t);
  const token = await api.token({ scopes: ['contacts:read', 'admin:read', 'admin:write'] });
  const requests = fc.sample(badRequests(`Bearer ${token}`), requestCount);
  const statuses = new Map<number, number>();
  let next = 0;
  const work = async () => {
    for (let request = requests[next++]; request !== undefined; request = requests[next++]) {
      for (const status of judge(await send(api.port, request))) {
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
      }
    }
  };
  await Promise.all(Array.from({ length: concurrency }, work));
  t.diagnostic(JSON.stringify([...statuses].sort()));
  assert.ok([...statuses.keys()].every((status) => status < 500));
  assert.ok((statuses.get(400) ?? 0) > requestCount / 3, 'most are refused');
  assert.deepEqual(
    api.logged.filter((line) => line.includes('"level":"error"')),
    [],
  );
  // It serves as before.
  const look = { path: '/audience/v2/contacts?identity=email:tom@hello.com', token };
  assert.equal((await callApi(api, look)).status, 200);
});
