/**
 * A request that repeats the connection's last one, with another identity, is answered from what
 * was found out before, byte for byte as if it had been read.
 */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import fc from 'fast-check';
import type { AccessNotes } from '../../src/access/access-entry.ts';
import { updateField } from '../../src/administration/fields.ts';
import { updateOrganization } from '../../src/administration/organizations.ts';
import { createSegment } from '../../src/administration/rule/segments.ts';
import { revokeToken } from '../../src/administration/token/tokens.ts';
import { allocateRateLimitMemory, RateLimiter } from '../../src/domain/rate-limit.ts';
import {
  allocateFailedAuthenticationMemory,
  FailedAuthenticationLimiter,
} from '../../src/domain/token/failed-authentication.ts';
import { tokenIdPart } from '../../src/domain/token/token.ts';
import { openReader } from '../../src/stores/open-store.ts';
import type { ContactReader, TurnReader } from '../../src/stores/store.ts';
import { email, patch, type SampleFields } from '../stores/sample-changes.ts';
import { type RunningApi, startApi, waitFor } from './start-api.ts';

/** A kept connection that sends one request at a time and gives the bytes of the answer. */
class KeptConnection {
  readonly #socket: Socket;
  #received = '';
  #onAnswer: ((answer: string) => void) | undefined;
  isClosed = false;

  constructor(port: number) {
    this.#socket = connect({ port, host: '127.0.0.1', noDelay: true });
    this.#socket.setEncoding('latin1');
    this.#socket.on('data', (text: string) => this.#receive(text));
    this.#socket.on('end', () => {
      this.isClosed = true;
      this.#onAnswer?.(`${this.#received}(closed)`);
    });
  }

  send(text: string): void {
    this.#socket.write(text, 'latin1');
  }

  ask(text: string): Promise<string> {
    return new Promise((resolve) => {
      this.#onAnswer = (answer) => {
        this.#onAnswer = undefined;
        resolve(answer);
      };
      this.send(text);
    });
  }

  pause(): void {
    this.#socket.pause();
  }

  /** All that arrives until there are so many bytes. */
  async readAll(length: number): Promise<string> {
    this.#socket.resume();
    await waitFor(() => this.#received.length >= length, 10_000);
    return this.#received;
  }

  close(): void {
    this.#socket.destroy();
  }

  #receive(text: string): void {
    this.#received += text;
    const headEnd = this.#received.indexOf('\r\n\r\n');
    if (this.#onAnswer === undefined || headEnd < 0) return;
    const length = Number(/^content-length: (\d+)/im.exec(this.#received.slice(0, headEnd))?.[1]);
    if (this.#received.length < headEnd + 4 + (length || 0)) return;
    const answer = this.#received;
    this.#received = '';
    this.#onAnswer(answer);
  }
}

function requestFor(query: string, headers: readonly string[]): string {
  const lines = [`GET /audience/v2/contacts?${query} HTTP/1.1`, 'Host: usher', ...headers];
  return `${lines.join('\r\n')}\r\n\r\n`;
}

/** The clock of a door can be a second ahead of the other's. */
const timeless = (answer: string) => answer.replace(/^Date: .*$/m, 'Date: now');

function counter(): () => number {
  let count = 0;
  return () => {
    count += 1;
    return count;
  };
}

interface Served {
  readonly port: number;
  /** What was noted of each look, in order. */
  readonly noted: string[];
}

/** Serves through a door that knows repeated requests, or through one that reads each. */
async function serveNoting(
  api: RunningApi,
  turnReader: TurnReader | undefined,
  { isUnhurried = true } = {},
): Promise<Served> {
  const noted: string[] = [];
  const access: AccessNotes = {
    admits: () => true,
    isWriting: () => true,
    synced: async () => true,
    note: (looker, subject, { way, outcome, fields, remark }) => {
      noted.push(JSON.stringify({ looker, subject, way, outcome, fields, remark }));
    },
  };
  const second = counter();
  const clock = () => 10_000 + (isUnhurried ? 1_000 * second() : 0);
  const common = { thread: 1, clock };
  const limiter = new RateLimiter({ ...common, memory: allocateRateLimitMemory(0) });
  const failures = allocateFailedAuthenticationMemory();
  const failedAuthentication = new FailedAuthenticationLimiter({ ...common, memory: failures });
  const number = counter();
  const newRequestId = () => `request-${number()}`;
  const port = await api.serveWith({
    turnReader,
    access,
    limiter,
    failedAuthentication,
    newRequestId,
  });
  return { port, noted };
}

interface CountingReader extends TurnReader {
  readonly reader: ContactReader & TurnReader;
  lookups: number;
}

function countingReader(t: TestContext, api: RunningApi): CountingReader {
  const reader = openReader(api.dataFolder);
  t.after(() => reader.close());
  const counting: CountingReader = {
    reader,
    lookups: 0,
    lendInTurn: (query, read) => {
      counting.lookups += 1;
      return reader.lendInTurn(query, read);
    },
    endTurn: () => reader.endTurn(),
  };
  return counting;
}

const identities = [
  ...['email:tom@hello.com', 'email:TOM@hello.com', 'email%3Atom%40hello.com'],
  ...['email:zo%C3%AB@hello.com', 'email:nobody@hello.com', 'email:', 'email', 'nope:1', ''],
  ...['email:%zz', 'email:a+b=c@hello.com', 'id:00000000-0000-7000-8000-000000000000', '%00'],
  ...['email:tom@hello.com"', `email:${'x'.repeat(600)}@hello.com`, ':'],
];
const queries = [
  ['identity=', ''],
  ['identity=', '&fields=first_name,total_spend,email_address,shoe_size'],
  ['fields=total_spend&identity=', '&format=raw'],
  ['format=display&identity=', ''],
  ['identity=', '&fields=segment_membership,first_name,campaign_membership'],
  ['identity=', '&fields=first_name,nope,n%C3%B6pe'],
  ['identity=', '&fields=first_name,nöpe'],
  ['identity=', '&identity=email:tom@hello.com'],
  ['identity=', '&colour=red'],
  ['xidentity=', ''],
  ['', '&identity=email:tom@hello.com'],
] as const;
const headerSets = [
  [],
  ['User-Agent: shop/1.0', 'Usher-Actor: Ada'],
  ['Usher-Actor: \tno'],
  ['If-None-Match: *'],
  ['If-None-Match: "1"'],
  ['Prefer: handling=strict'],
  ['X-Request-Id: own-1'],
  ['X-Request-Id: not sane'],
  ['Usher-Freshness: 1'],
  ['Accept: application/json'],
  ['X-Forwarded-For: 192.0.2.7'],
] as const;

/** Any of them, but mostly one of the first. */
function mostly<T>(all: readonly T[], first: number): fc.Arbitrary<T> {
  return fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(...all.slice(0, first)) },
    { weight: 1, arbitrary: fc.constantFrom(...all) },
  );
}

const seed = Number(process.env['USHER_TEST_SEED'] ?? Math.floor(Math.random() * 2 ** 31));

test('10,000 repeated and changed requests get the bytes and notes that reading gives', async (t) => {
  t.diagnostic(`USHER_TEST_SEED=${seed}`);
  const api = await startApi(t);
  const counting = countingReader(t, api);
  const known = await serveNoting(api, counting);
  const read = await serveNoting(api, undefined);
  const { tokens, mutations } = await changeables(api);
  const steps = fc.record({
    place: fc.nat(3),
    isNew: fc.boolean(),
    token: mostly([...tokens.keys()], 2),
    query: mostly(queries, 4),
    headers: mostly(headerSets, 2),
    asked: fc.array(mostly(identities, 5), { minLength: 4, maxLength: 24 }),
    mutation: fc.oneof(
      { weight: 5, arbitrary: fc.constant(null) },
      { weight: 1, arbitrary: fc.constantFrom(...mutations) },
    ),
  });
  const renew = (pair: readonly KeptConnection[] = []) => {
    for (const connection of pair) connection.close();
    return [new KeptConnection(known.port), new KeptConnection(read.port)] as const;
  };
  const pairs = [renew(), renew(), renew(), renew()];
  let requests = 0;
  for (const step of fc.sample(steps, { numRuns: 1_000, seed })) {
    const { place, isNew, token, query, headers, asked, mutation } = step;
    if (isNew) pairs[place] = renew(pairs[place]);
    if (mutation !== null) {
      await mutation();
      await api.token();
    }
    const authorization = `Authorization: Bearer ${tokens[token]}`;
    for (const identity of asked) {
      const text = requestFor(query[0] + identity + query[1], [authorization, ...headers]);
      const [fast, slow] = pairs[place] ?? renew();
      const answers = [await fast.ask(text), await slow.ask(text)] as const;
      assert.equal(timeless(answers[0]), timeless(answers[1]), text);
      if (fast.isClosed || slow.isClosed) pairs[place] = renew(pairs[place]);
      requests += 1;
    }
  }
  assert.deepEqual(known.noted, read.noted);
  assert.ok(requests >= 10_000, `${requests} requests`);
  assert.ok(counting.lookups > requests / 5, `${counting.lookups} of ${requests} were known`);
  for (const connection of pairs.flat()) connection.close();
});

/** What can change between two requests, and tokens of all kinds. */
async function changeables(api: RunningApi) {
  const { administration, token, fieldId } = api;
  await createSegment(administration, 1, { name: 'Buyers', rule: 'total_spend > 100' });
  await updateField(administration, 1, {
    name: 'segment_membership',
    settings: { content: true },
  });
  const tokens = [
    await token(),
    await token(),
    await token({ fields: ['first_name'], identityTypes: ['email'] }),
    await token({ addresses: ['192.0.2.0/24'] }),
    await token({ scopes: ['admin:read'] }),
    await token({ maxShare: 0.5 }),
    'ush_wrong',
  ];
  const next = counter();
  const setOrganization = (settings: Parameters<typeof updateOrganization>[2]['settings']) =>
    updateOrganization(administration, 1, { settings });
  const mutations: readonly (() => Promise<unknown>)[] = [
    () => write(api, 'tom@hello.com', { [fieldId('total_spend')]: 300 * Math.sin(next()) }),
    () =>
      updateField(administration, 1, {
        name: 'total_spend',
        settings: { impliedValue: String(next()) },
      }),
    () => setOrganization({ unknownContactStatus: next() % 2 === 0 ? 400 : 404 }),
    () => setOrganization({ locale: next() % 2 === 0 ? 'de-DE' : 'en-US' }),
    async () => {
      const revoked = String(tokens.splice(1, 1, await token())[0]);
      await revokeToken(administration, 1, { reference: tokenIdPart(revoked) });
    },
  ];
  return { tokens, mutations };
}

/** A run of its own, since a run takes the first row of a contact alone. */
async function write({ writer }: RunningApi, address: string, fields: SampleFields) {
  const runId = randomUUID();
  const lease = await writer.beginRun({ runId, organizationId: 1, datasetId: 1 });
  await writer.applyBatch(lease, [patch([email(address)], fields)]);
  await writer.finishRun(lease, { baselineId: runId, asOfMs: Date.now() });
}

const tomFirst = 'identity=email:tom@hello.com&fields=first_name';

test('a repeated look-up sees every write that was acknowledged before it', async (t) => {
  const api = await startApi(t);
  const counting = countingReader(t, api);
  const { port } = await serveNoting(api, counting);
  const connection = new KeptConnection(port);
  const text = requestFor(tomFirst, [`Authorization: Bearer ${await api.token()}`]);
  for (let n = 0; n < 100; n += 1) {
    await write(api, 'tom@hello.com', { [api.fieldId('first_name')]: `Tom ${n}` });
    const answer = await connection.ask(text);
    assert.ok(answer.endsWith(`{"first_name":"Tom ${n}"}}`), answer);
  }
  assert.equal(counting.lookups, 99);
  connection.close();
});

test('repeated look-ups end with the token, and are limited', async (t) => {
  let nowMs = Date.now();
  const api = await startApi(t, { rateLimit: 5, clock: () => nowMs });
  const { port } = await serveNoting(api, countingReader(t, api), { isUnhurried: false });
  const connection = new KeptConnection(port);
  const token = await api.token({ expires: '1d' });
  const text = requestFor(tomFirst, [`Authorization: Bearer ${token}`]);
  const statuses: string[] = [];
  const ask = async () => statuses.push((await connection.ask(text)).slice(9, 12));
  for (let n = 0; n < 7; n += 1) await ask();
  nowMs += 86_400_001;
  await ask();
  assert.deepEqual(statuses, ['200', '200', '200', '200', '200', '429', '429', '401']);
  connection.close();
});

test('a client that does not read keeps its answers, whatever others are answered meanwhile', async (t) => {
  const api = await startApi(t);
  const counting = countingReader(t, api);
  const { port } = await serveNoting(api, counting);
  await write(api, 'long@hello.com', { [api.fieldId('first_name')]: 'x'.repeat(60_000) });
  const headers = [`Authorization: Bearer ${await api.token()}`];
  const longText = requestFor('identity=email:long@hello.com&fields=first_name', headers);
  const slow = new KeptConnection(port);
  const other = new KeptConnection(port);
  const answer = await slow.ask(longText);
  const tom = await other.ask(requestFor(tomFirst, headers));
  slow.pause();
  const sent = 400;
  for (let n = 0; n < sent; n += 1) {
    slow.send(longText);
    const again = await other.ask(requestFor(tomFirst, headers));
    assert.equal(bodyOf(again), bodyOf(tom));
  }
  const received = await slow.readAll(sent * answer.length);
  const bodies = received.split('HTTP/1.1 200 OK').slice(1).map(bodyOf);
  assert.equal(bodies.length, sent);
  assert.deepEqual(new Set(bodies), new Set([bodyOf(answer)]));
  assert.ok(counting.lookups > sent);
  slow.close();
  other.close();
});

const bodyOf = (answer: string) => answer.slice(answer.indexOf('\r\n\r\n') + 4);
