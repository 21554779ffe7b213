/**
 * The client against a real HTTP server that gives the answers of each test, including those that a
 * healthy Usher does not give (busy, starting, disconnected). `server/test/launch/readme.test.ts`
 * tests the client against Usher itself.
 */
import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { UsherClient, UsherClientError, type UsherClientOptions } from '../src/usher-client.ts';

type Answer = (request: IncomingMessage, response: ServerResponse, body: string) => void;

const tom: Answer = (_request, response) =>
  send(response, 200, { status: 'success', contact: { first_name: 'Tom' } });

test('a contact is answered as its fields', async () => {
  await withServer([tom], async ({ client, bodies }) => {
    const fields = ['first_name'];
    assert.deepEqual(await client().getContact('email:tom@hello.com', { fields, format: 'raw' }), {
      first_name: 'Tom',
    });
    assert.deepEqual(bodies, [{ identity: 'email:tom@hello.com', fields, format: 'raw' }]);
  });
});

test('the token is sent in the header and the identity in the body, never in the URL', async () => {
  const seen: IncomingMessage[] = [];
  const answer: Answer = (request, response, body) => {
    seen.push(request);
    tom(request, response, body);
  };
  await withServer([answer], async ({ client }) => {
    await client().getContact('email:tom@hello.com', { strict: true });
    assert.equal(seen[0]?.url, '/audience/v2/contacts/lookup');
    assert.equal(seen[0]?.headers.authorization, 'Bearer ush_test');
    assert.equal(seen[0]?.headers['prefer'], 'handling=strict');
  });
});

test('an unknown contact is null, whether the organization uses 404 or 400', async () => {
  const unknown = [problem(404, 'contact_not_found'), problem(400, 'contact_not_found')];
  await withServer(unknown, async ({ client }) => {
    assert.equal(await client().getContact('email:nobody@hello.com'), null);
    assert.equal(await client().getContact('email:nobody@hello.com'), null);
  });
});

test('any other 404 is an error, so that a wrong URL does not look like an empty answer', async () => {
  await withServer([problem(404, 'route_unknown')], async ({ client }) => {
    await assert.rejects(client().getContact('email:tom@hello.com'), { code: 'route_unknown' });
  });
});

test('an error carries code, status, request id and the whole problem', async () => {
  await withServer([problem(403, 'scope_missing', { scope: 'contacts:read' })], async (server) => {
    const error = await server
      .client()
      .getContact('email:tom@hello.com')
      .catch((thrown: unknown) => thrown);
    assert.ok(error instanceof UsherClientError);
    assert.equal(error.code, 'scope_missing');
    assert.equal(error.status, 403);
    assert.equal(error.requestId, 'request-1');
    assert.equal(error.problem['scope'], 'contacts:read');
    assert.equal(server.bodies.length, 1);
  });
});

test('an answer that does not come from Usher is an error that says so', async () => {
  const page: Answer = (_request, response) => response.writeHead(200).end('<html>');
  await withServer([page], async ({ client }) => {
    await assert.rejects(client().getContact('email:tom@hello.com'), { code: 'answer_malformed' });
  });
});

for (const status of [429, 503]) {
  test(`a ${status} is retried`, async () => {
    const refusal = problem(status, 'refused', {}, { 'retry-after': '0' });
    await withServer([refusal, refusal, tom], async ({ client, bodies }) => {
      assert.deepEqual(await client().getContact('email:tom@hello.com'), { first_name: 'Tom' });
      assert.equal(bodies.length, 3);
    });
  });
}

test('a broken connection is retried', async () => {
  const broken: Answer = (request) => request.socket.destroy();
  await withServer([broken, tom], async ({ client }) => {
    assert.deepEqual(await client().getContact('email:tom@hello.com'), { first_name: 'Tom' });
  });
});

test('retries are bounded, and the last error is reported', async () => {
  const refusal = problem(503, 'starting', {}, { 'retry-after': '0' });
  await withServer([refusal, refusal, refusal, tom], async ({ client, bodies }) => {
    const call = client({ retries: 2 }).getContact('email:tom@hello.com');
    await assert.rejects(call, { code: 'starting', status: 503 });
    assert.equal(bodies.length, 3);
  });
});

test('other problems are not retried', async () => {
  await withServer([problem(500, 'internal'), tom], async ({ client, bodies }) => {
    await assert.rejects(client().getContact('email:tom@hello.com'), { code: 'internal' });
    assert.equal(bodies.length, 1);
  });
});

test('a retry waits as long as Retry-After says', async () => {
  const refusal = problem(429, 'rate_limited', {}, { 'retry-after': '1' });
  await withServer([refusal, tom], async ({ client }) => {
    const startMs = performance.now();
    await client().getContact('email:tom@hello.com');
    assert.ok(performance.now() - startMs >= 995);
  });
});

test('a Retry-After beyond the time left fails at once', async () => {
  const refusal = problem(429, 'rate_limited', {}, { 'retry-after': '60' });
  await withServer([refusal], async ({ client }) => {
    const call = client({ timeoutMs: 10_000 }).getContact('email:tom@hello.com');
    await assert.rejects(call, { code: 'rate_limited', retryAfterMs: 60_000 });
  });
});

test('a server that never answers is an error at the deadline', async () => {
  await withServer([() => {}], async ({ client }) => {
    const call = client({ timeoutMs: 100 }).getContact('email:tom@hello.com');
    await assert.rejects(call, { code: 'timed_out', status: 0, requestId: null });
  });
});

test('an aborted call rejects with the reason of the abort', async () => {
  const caller = new AbortController();
  const reason = new Error('the page is gone');
  await withServer([() => caller.abort(reason)], async ({ client, bodies }) => {
    const call = client().getContact('email:tom@hello.com', { signal: caller.signal });
    await assert.rejects(call, reason);
    assert.equal(bodies.length, 1);
  });
});

test('many contacts come back in the order of the request, fifty for each call', async () => {
  const batch: Answer = (_request, response, body) => {
    const { identities } = JSON.parse(body) as { identities: string[] };
    const results = identities.map((identity) =>
      identity.endsWith('7')
        ? { identity, status: 'contact_not_found' }
        : { identity, status: 'success', contact: { identity } },
    );
    send(response, 200, { status: 'success', results });
  };
  await withServer([batch, batch], async ({ client, bodies }) => {
    const identities = Array.from({ length: 60 }, (_, index) => `user_id:${index}`);
    const contacts = await client().getContacts(identities);
    assert.deepEqual(
      contacts,
      identities.map((identity) => (identity.endsWith('7') ? null : { identity })),
    );
    assert.equal(bodies.length, 2);
  });
});

test('an invalid identity fails the call and is not reported as unknown', async () => {
  const results = [{ status: 'contact_not_found' }, { status: 'identity_value_invalid' }];
  const batch: Answer = (_request, response) => send(response, 200, { status: 'success', results });
  await withServer([batch], async ({ client }) => {
    await assert.rejects(client().getContacts(['email:a@hello.com', 'email:a']), {
      code: 'identity_value_invalid',
      problem: { place: 1 },
    });
  });
});

test('contacts come with their freshness on request', async () => {
  const seen: IncomingMessage[] = [];
  const contact = { first_name: 'Tom' };
  const freshness = { first_name: { dataset: 'crm', as_of: null, status: 'present' } };
  const one: Answer = (request, response) => {
    seen.push(request);
    send(response, 200, { status: 'success', contact, freshness });
  };
  const batch: Answer = (_request, response) => {
    const results = [{ status: 'success', contact, freshness }, { status: 'contact_not_found' }];
    send(response, 200, { status: 'success', results });
  };
  await withServer([one, batch], async ({ client }) => {
    const options = { freshness: true, minRevision: '019ab4c2d1e00001' } as const;
    const found = await client().getContact('email:tom@hello.com', options);
    assert.deepEqual(found, { contact, freshness });
    assert.equal(found.freshness['first_name']?.status, 'present');
    assert.equal(seen[0]?.headers['usher-freshness'], '1');
    assert.equal(seen[0]?.headers['usher-min-revision'], '019ab4c2d1e00001');
    const both = await client().getContacts(['email:tom@hello.com', 'email:b@c.d'], options);
    assert.deepEqual(both, [{ contact, freshness }, null]);
  });
});

test('rows are sent 1,000 to a request, each with a key that a retry repeats', async () => {
  const keys: unknown[] = [];
  const take: Answer = (request, response, body) => {
    keys.push(request.headers['idempotency-key']);
    assert.equal(request.url, '/ingest/v1/contacts');
    const { rows } = JSON.parse(body) as { rows: unknown[] };
    const rejections = [{ row: 1, code: 'value_invalid', column: 'n', reason: 'is no number' }];
    const counts = { received: rows.length, added: rows.length - 1, changed: 0, unchanged: 0 };
    const unknown = { field_unknown: 1, unknown_columns: ['shoe'] };
    const people = { joined: 2, refused_claims: { identity_shared: 1, identity_taken: 3 } };
    const revision = `00000000000000${keys.length}0`;
    send(response, 200, { ...counts, rejected: 1, rejections, ...unknown, ...people, revision });
  };
  const busy: Answer = (request, response, body) => {
    keys.push(request.headers['idempotency-key']);
    problem(503, 'overloaded')(request, response, body);
  };
  await withServer([busy, take, take], async ({ client, bodies }) => {
    const rows = Array.from({ length: 1_500 }, (_, n) => ({ email: `p${n}@x.org`, n }));
    const report = await client().pushRows('web', rows, { idempotencyKey: 'order' });
    assert.deepEqual(keys, ['order-0', 'order-0', 'order-1000']);
    assert.deepEqual(bodies[0], bodies[1]);
    assert.deepEqual([report.received, report.added, report.rejected], [1_500, 1_498, 2]);
    assert.deepEqual(
      report.rejections.map(({ row }) => row),
      [1, 1_001],
    );
    assert.deepEqual([report.fieldUnknown, report.unknownColumns], [2, ['shoe']]);
    assert.deepEqual(report.joined, 4);
    assert.deepEqual(report.refusedClaims, { identity_shared: 2, identity_taken: 6 });
    assert.equal(report.revision, '0000000000000030');
  });
  await withServer([take], async ({ client }) => {
    await client().pushRows('web', [{ email: 'a@b.c' }]);
    assert.match(String(keys.at(-1)), /^[0-9a-f-]{36}$/);
    assert.equal((await client().pushRows('web', [])).revision, null);
  });
});

test('rows of identities are sent to their own route, each request with its key', async () => {
  const urls: unknown[] = [];
  const keys: unknown[] = [];
  const take: Answer = (request, response, body) => {
    urls.push(request.url);
    keys.push(request.headers['idempotency-key']);
    const { rows } = JSON.parse(body) as { rows: unknown[] };
    const counts = { received: rows.length, added: 0, changed: rows.length, unchanged: 0 };
    const rejections = [{ row: 0, code: 'identity_missing', column: null, reason: 'has none' }];
    const unknown = { field_unknown: 0, unknown_columns: [], joined: 0, refused_claims: {} };
    send(response, 200, { ...counts, rejected: 1, rejections, ...unknown, revision: '0f' });
  };
  await withServer([take, take], async ({ client, bodies }) => {
    const rows = Array.from({ length: 1_001 }, (_, n) => ({ user: n, mail: `p${n}@x.org` }));
    const options = { idempotencyKey: 'same' };
    const report = await client().pushIdentities('same_people', rows, options);
    assert.deepEqual(urls, ['/ingest/v1/identities', '/ingest/v1/identities']);
    assert.deepEqual(keys, ['same-0', 'same-1000']);
    assert.deepEqual(bodies[1], { dataset: 'same_people', rows: rows.slice(1_000) });
    assert.deepEqual([report.received, report.changed, report.revision], [1_001, 1_001, '0f']);
    assert.deepEqual(
      report.rejections.map(({ row }) => row),
      [0, 1_000],
    );
  });
});

interface Trial {
  readonly client: (options?: Partial<UsherClientOptions>) => UsherClient;
  readonly bodies: unknown[];
}

/** Runs the trial with a server that gives these answers one after the other. */
async function withServer(answers: Answer[], trial: (server: Trial) => Promise<void>) {
  const bodies: unknown[] = [];
  const left = [...answers];
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8');
    request.on('data', (text: string) => {
      body += text;
    });
    request.on('end', () => {
      bodies.push(JSON.parse(body));
      left.shift()?.(request, response, body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  try {
    await trial({
      client: (options) => new UsherClient({ url, token: 'ush_test', random: () => 0, ...options }),
      bodies,
    });
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

function problem(status: number, code: string, members = {}, headers = {}): Answer {
  return (_request, response) => send(response, status, { code, status, ...members }, headers);
}

function send(response: ServerResponse, status: number, body: object, headers = {}): void {
  response.writeHead(status, { 'x-request-id': 'request-1', ...headers });
  response.end(JSON.stringify(body));
}
