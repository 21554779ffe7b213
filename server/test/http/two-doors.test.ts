/** A look-up is answered alike through both doors: the fast lane, and node:http with the framework, for whoever asks in a form that is not plain. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { exchangeRaw, type RawAnswer } from './raw-connection.ts';
import { type RunningApi, startApi } from './start-api.ts';

/** What makes a request one for the long way, and means nothing else. */
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

/** All but what a door says of its own connection, or of the moment. */
function comparable({ status, headers, body }: RawAnswer) {
  const timeless = body.replace(/(?<=again in |"retry_after_ms":)\d+/g, 'N');
  const isTimed = timeless !== body;
  const own = [...headers].filter(
    ([name]) => !doorsOwn.has(name) && !(isTimed && name === 'content-length'),
  );
  return { status, headers: own.sort(), body: timeless };
}

/** Asks through each door, sees that it was that door, and compares. */
async function askBoth(api: RunningApi, question: Question): Promise<RawAnswer> {
  const before = api.handedOver();
  const fast = await ask(api, question);
  assert.equal(api.handedOver(), before, `${question.query} is for the fast lane`);
  for (const [place, extra] of longWays.entries()) {
    const long = await ask(api, { ...question, headers: [...question.headers, extra] });
    assert.equal(api.handedOver(), before + place + 1, `${extra} is for node:http`);
    assert.deepEqual(comparable(long), comparable(fast), `${question.query} with ${extra}`);
    assert.equal(long.headers.has('ratelimit'), fast.headers.has('ratelimit'));
  }
  return fast;
}

const requestId = 'X-Request-Id: both-doors';

test('whatever a look-up comes to, both doors answer it alike', async (t) => {
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

test('both doors know what the caller has, by its tag', async (t) => {
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

test('both doors refuse alike a caller that is over the limit', async (t) => {
  const api = await startApi(t, { rateLimit: 1 });
  const headers = [requestId, `Authorization: Bearer ${await api.token()}`];
  const question = { query: 'identity=email:tom@hello.com', headers };
  await ask(api, question);
  assert.equal((await askBoth(api, question)).status, 429);
});
