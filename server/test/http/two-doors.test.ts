/**
 * Both doors give the same answer to a look-up: the plain door for plain requests, and node:http
 * for all other forms.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { exchangeRaw, type RawAnswer } from './raw-connection.ts';
import { type RunningApi, startApi } from './start-api.ts';

/** Extra headers that send a request to node:http and have no other effect. */
const longWays = ['Accept: application/json, */*', 'Connection: close', 'Content-Length: 0'];

const doorsOwn = new Set(['date', 'connection', 'keep-alive', 'ratelimit']);

interface Question {
  readonly query: string;
  readonly headers: readonly string[];
}

async function ask(api: RunningApi, { query, headers }: Question): Promise<RawAnswer> {
  const lines = [`GET /audience/v2/contacts?${query} HTTP/1.1`, 'Host: usher', ...headers];
  const { answers, rest } = await exchangeRaw(api.port, `${lines.join('\r\n')}\r\n\r\n`);
  assert.equal(rest, '');
  return answers[0] as RawAnswer;
}

/** The answer without the parts that depend on the door's own connection or on the moment. */
function comparable({ status, headers, body }: RawAnswer) {
  const timeless = body.replace(/(?<=again in |"retry_after_ms":)\d+/g, 'N');
  const isTimed = timeless !== body;
  const own = [...headers].filter(
    ([name]) => !doorsOwn.has(name) && !(isTimed && name === 'content-length'),
  );
  return { status, headers: own.sort(), body: timeless };
}

/** Asks through each door, checks which door answered, and compares the answers. */
async function askBoth(api: RunningApi, question: Question): Promise<RawAnswer> {
  const before = api.handedOver();
  const fast = await ask(api, question);
  assert.equal(api.handedOver(), before, `${question.query} is for the plain door`);
  for (const [place, extra] of longWays.entries()) {
    const long = await ask(api, { ...question, headers: [...question.headers, extra] });
    assert.equal(api.handedOver(), before + place + 1, `${extra} is for node:http`);
    assert.deepEqual(comparable(long), comparable(fast), `${question.query} with ${extra}`);
    assert.equal(long.headers.has('ratelimit'), fast.headers.has('ratelimit'));
  }
  return fast;
}

const requestId = 'X-Request-Id: both-doors';

test('both doors give the same answer, whatever the outcome of the look-up', async (t) => {
  const api = await startApi(t);
  const good = `Authorization: Bearer ${await api.token()}`;
  const narrow = `Authorization: Bearer ${await api.token({ fields: ['first_name'], identityTypes: ['email'] })}`;
  const away = `Authorization: Bearer ${await api.token({ addresses: ['192.0.2.0/24'] })}`;
  const scopeless = `Authorization: Bearer ${await api.token({ scopes: ['admin:read'] })}`;
  const tom = 'identity=email:tom@hello.com';
  const cases: readonly (readonly [status: number, query: string, ...headers: string[]])[] = [
    [200, tom, good],
    [200, `${tom}&fields=first_name,total_spend`, good],
    [200, `${tom}&fields=total_spend&format=raw`, good],
    [200, 'identity=email:zo%C3%AB@hello.com&fields=first_name', good],
    [200, `${tom}&fields=first_name,total_spend,nope`, narrow],
    [400, `${tom}&fields=first_name,total_spend,nope`, narrow, 'Prefer: handling=strict'],
    [404, 'identity=email:nobody@hello.com', good],
    [403, 'identity=id:00000000-0000-7000-8000-000000000000', narrow],
    [400, 'identity=email', good],
    [400, 'identity=nope:1', good],
    [400, 'identity=email:%zz', good],
    [400, `${tom}&format=loud`, good],
    [400, `${tom}&colour=red`, good],
    [400, `${tom}&${tom}`, good],
    [400, '', good],
    [401, tom],
    [401, tom, 'Authorization: Bearer ush_wrong'],
    [401, tom, 'Authorization: Basic dG9tOnRvbQ=='],
    [403, tom, away],
    [403, tom, scopeless],
  ];
  const wrong: string[] = [];
  for (const [status, query, ...headers] of cases) {
    const answer = await askBoth(api, { query, headers: [requestId, ...headers] });
    if (answer.status !== status) wrong.push(`${query}: ${answer.status} ${answer.body}`);
  }
  assert.deepEqual(wrong, []);
});

test('both doors recognise what the caller has by its tag', async (t) => {
  const api = await startApi(t);
  const headers = [requestId, `Authorization: Bearer ${await api.token()}`];
  const query = 'identity=email:tom@hello.com';
  const tag = (await askBoth(api, { query, headers })).headers.get('etag') ?? '';
  for (const known of [tag, `W/${tag}`, `"other", ${tag}`, '*']) {
    const again = await askBoth(api, { query, headers: [...headers, `If-None-Match: ${known}`] });
    assert.deepEqual([again.status, again.body], [304, ''], known);
  }
  const changed = await askBoth(api, { query, headers: [...headers, 'If-None-Match: "other"'] });
  assert.equal(changed.status, 200);
});

test('both doors refuse a caller over the limit in the same way', async (t) => {
  const api = await startApi(t, { rateLimit: 1 });
  const headers = [requestId, `Authorization: Bearer ${await api.token()}`];
  const question = { query: 'identity=email:tom@hello.com', headers };
  await ask(api, question);
  assert.equal((await askBoth(api, question)).status, 429);
});

/** Parts of requests that two parsers could read differently. */
const oddHeaders = [
  'X-A: b',
  'X-A:',
  'X-A:\t b \t',
  'X-A : b',
  ' X-A: b',
  'X-A b',
  ': b',
  'X-A: a\r\n folded',
  'X-A: a\r\n\tfolded',
  'X-A: a\nX-B: b',
  'X-A: a\rX-B: b',
  'X-A: a\u0000b',
  'X-A: \u00e9',
  'X-A: \u007f',
  'X\u00e9: a',
  'X(A): a',
  'Host: b',
  'host:a',
  'Content-Length: 00',
  'Content-Length: 0\r\nContent-Length: 0',
  'Content-Length: 0, 0',
  'Content-Length: +0',
  'Content-Length: 0x0',
  'Transfer-Encoding: identity',
  'Transfer-Encoding: chunked\r\nContent-Length: 0',
  'Transfer-Encoding:\u000bchunked',
  'Transfer-Encoding : chunked',
  'Expect: nothing',
  'Accept: application/json',
  'Accept: ',
  'Accept: */*;q=0',
  'Connection: keep-alive',
  'Connection: Keep-Alive',
  'Connection: keep-alive, x',
  'TE: trailers',
  'Prefer: handling=strict',
  'If-None-Match: "a"',
  'If-None-Match: "a"\r\nIf-None-Match: "b"',
  'X-Forwarded-For: 192.0.2.1',
  'X-Forwarded-For: 192.0.2.1\r\nX-Forwarded-For: 192.0.2.2',
  'Usher-Freshness: 0',
  'Usher-Freshness: 2',
  'Usher-Freshness: 1\r\nUsher-Freshness: 1',
  'Usher-Min-Revision: 0',
  'Usher-Min-Revision: 0000000000000000',
  'Usher-Min-Revision: 0000000000000000\r\nUsher-Min-Revision: 0000000000000000',
  '__proto__: x',
  'constructor: x',
];

const oddLines = [
  `GET /audience/v2/contacts?identity=email:tom@hello.com HTTP/1.1`,
  `GET /audience/v2/contacts?identity=email:tom@hello.com&fields=first_name HTTP/1.1`,
  `GET /audience/v2/contacts?identity=email:%74om@hello.com HTTP/1.1`,
  `GET /audience/v2/contacts?identity=email:tom+x@hello.com HTTP/1.1`,
  `GET /audience/v2/contacts?identity=email:tom@hello.com&&= HTTP/1.1`,
  `GET /audience/v2/contacts?identity=email:tom@hello.com?a HTTP/1.1`,
  `GET /audience/v2/contacts?identity="email:tom@hello.com" HTTP/1.1`,
  `GET /audience/v2/contacts?identity=email:t\\om|{}^\` HTTP/1.1`,
  `GET /audience/v2/contacts?identity=email:tom@hello.com#a HTTP/1.1`,
  `GET /audience/v2/contacts?identity=email:zo\u00c3\u00ab@hello.com HTTP/1.1`,
  `GET /audience/v2/contacts?identity=email:t\u007fm@hello.com HTTP/1.1`,
  `GET /audience/v2/contacts?identity=email:t\tm@hello.com HTTP/1.1`,
  `GET /audience/v2/contacts? HTTP/1.1`,
  `GET /audience/v2/contacts?identity=email:tom@hello.com  HTTP/1.1`,
  `GET /audience/v2/contacts?identity=email:tom@hello.com HTTP/1.1 `,
];

test('both doors read unusual requests in the same way, alone and pipelined', async (t) => {
  const api = await startApi(t);
  const bearer = `Authorization: Bearer ${await api.token()}`;
  const odd = fc.record({
    line: fc.oneof(fc.constant(oddLines[0] as string), fc.constantFrom(...oddLines)),
    headers: fc.array(fc.constantFrom(...oddHeaders), { maxLength: 3 }),
    copies: fc.constantFrom(1, 1, 3),
  });
  const plain = `${oddLines[0]}\r\nHost: usher\r\n${requestId}\r\n${bearer}\r\n\r\n`;
  const live = 'GET /livez HTTP/1.1\r\nHost: usher\r\n\r\n';
  const samples = fc.sample(odd, 240);
  let alike = 0;
  const compareNext = async () => {
    for (let next = samples.pop(); next !== undefined; next = samples.pop()) {
      const { line, headers, copies } = next;
      const own = [line, 'Host: usher', requestId, bearer, ...headers].join('\r\n');
      const bytes = `${own}\r\n\r\n`.repeat(copies);
      // After a look-up, the plain door reads these bytes. After any other call, node:http does.
      const fast = await answersBehind(api, plain, bytes);
      const long = await answersBehind(api, live, bytes);
      assert.deepEqual(fast, long, JSON.stringify(bytes));
      if (fast.length === copies) alike += 1;
    }
  };
  await Promise.all(Array.from({ length: 8 }, compareNext));
  assert.ok(alike > 60, `${alike} were answered completely`);
});

/**
 * The answers after the first one, without their request ids. A refusal that comes before a
 * complete request has a generated id.
 */
async function answersBehind(api: RunningApi, first: string, bytes: string) {
  const options = { answers: 9, halfClose: true };
  const { answers, rest } = await exchangeRaw(api.port, first + bytes, options);
  assert.equal(rest, '', JSON.stringify(bytes));
  return answers
    .slice(1)
    .map(comparable)
    .map(({ status, headers, body }) => ({
      status,
      headers: headers.filter(([name]) => name !== 'x-request-id'),
      body: body.replace(/"request_id":"[^"]*"/, ''),
    }));
}
