/** Sends 10,000 generated bad requests to a whole server over raw sockets. */
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
/** How many connections are open at the same time. */
const concurrency = 16;
/** The server closes a refused connection at once; a busy machine takes its time. */
const hangMs = 5_000;

interface Outcome {
  readonly request: BadRequest;
  readonly received: string;
  readonly hung: boolean;
}

/**
 * Sends the request and half-closes, so that a server that waits for more knows that none will
 * come. Ends when the server closes. Counts as hung if the server has not closed within a second.
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
 * Fails if the server hangs, an answer is incomplete, or a refusal is not a valid problem.
 * @returns the statuses
 */
function judge({ request, received, hung }: Outcome): number[] {
  const words = `${request.kind}: ${JSON.stringify(request.bytes.toString('latin1').slice(0, 600))}`;
  assert.ok(!hung, `hangs: ${words}\nreceived: ${received.slice(0, 600)}`);
  // Only the first request is known to be a HEAD. Where a HEAD may be pipelined after it, only the
  // statuses are checked, because an answer to HEAD has no body.
  const hasHead = /HEAD /.test(request.bytes.toString('latin1'));
  if (hasHead)
    return [...received.matchAll(/^HTTP\/1\.1 (\d{3})/gm)].map((match) => Number(match[1]));
  const { answers, rest } = readAnswers(received, false);
  assert.equal(rest, '', `unfinished answer: ${words}`);
  // Line ends alone are not a request.
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
  // The server still serves valid requests.
  const look = { path: '/audience/v2/contacts?identity=email:tom@hello.com', token };
  assert.equal((await callApi(api, look)).status, 200);
});
