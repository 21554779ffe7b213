/**
 * `POST /ingest/v1/contacts` over HTTP. The writer is reached through its socket, as from a look-up
 * thread.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { defineDataset } from '../../src/administration/dataset/define-dataset.ts';
import type { FieldType } from '../../src/domain/contact/field.ts';
import { dataFiles } from '../../src/domain/data-files.ts';
import { usualDefinition } from '../../src/domain/dataset/dataset-definition.ts';
import { UsherError } from '../../src/domain/errors.ts';
import { windowKey } from '../../src/domain/rate-limit.ts';
import type { ContactWriter } from '../../src/stores/store.ts';
import { callApi } from './call-api.ts';
import type { RawAnswer } from './raw-connection.ts';
import { type ApiOptions, type RunningApi, startApi, waitFor } from './start-api.ts';

const path = '/ingest/v1/contacts';
const types: readonly (readonly [string, FieldType])[] = [
  ['plan', 'string'],
  ['visits', 'integer'],
  ['account', 'big integer'],
  ['tags', 'set'],
  ['constructor', 'string'],
];

async function startPushed(t: TestContext, options: ApiOptions = {}) {
  const api = await startApi(t, options);
  await defineDataset(api.administration, 1, {
    name: 'web',
    definition: {
      ...usualDefinition,
      source: { kind: 'push' },
      identifiers: [
        { identityType: 'email', column: 'email' },
        { identityType: 'user_id', column: 'user' },
      ],
      columns: types.map(([name]) => ({ column: name === 'tags' ? 'Tags' : name, field: name })),
    },
    fields: new Map(types.map(([name, type]) => [name, { type }])),
    newIdentityTypes: [{ name: 'user_id', normalisation: 'exact' }],
  });
  const scopes = ['contacts:read', 'contacts:write'];
  const token = await api.token({ scopes });
  const push = (rows: unknown, headers: Record<string, string> = {}, as = token) =>
    callApi(api, { method: 'POST', path, token: as, body: { dataset: 'web', rows }, headers });
  await waitFor(async () => (await push([{ email: 'ready@hello.com' }])).status === 200);
  return { api, token, push };
}

async function read(api: RunningApi, token: string, identity: string) {
  const query = `identity=${identity}&fields=first_name,${types.map(([name]) => name).join(',')}`;
  const answer = await callApi(api, {
    path: `/audience/v2/contacts?${query}&format=raw`,
    token,
    headers: { 'usher-freshness': '1' },
  });
  return JSON.parse(answer.body);
}

const bodyOf = (answer: RawAnswer) => JSON.parse(answer.body);

test('a row is a patch: what it leaves out stays, null clears, and a look-up shows it', async (t) => {
  const { api, token, push } = await startPushed(t);
  const before = Date.now();
  const first = bodyOf(
    await push([
      { email: 'tom@hello.com', plan: 'gold', visits: 3, Tags: ['a', 'b'], constructor: 'x' },
      { user: 7, email: 'TOM@hello.com', visits: 4 },
      { email: 'new@hello.com', account: '12345678901234567890' },
    ]),
  );
  const { revision, ...counts } = first;
  assert.deepEqual(counts, {
    status: 'success',
    dataset: 'web',
    received: 3,
    added: 1,
    changed: 2,
    unchanged: 0,
    rejected: 0,
    rejections: [],
    field_unknown: 0,
    unknown_columns: [],
    joined: 0,
    refused_claims: {},
  });
  const tom = await read(api, token, 'user_id:7');
  const filled = { plan: 'gold', visits: 4, account: '0', tags: ['a', 'b'], constructor: 'x' };
  assert.deepEqual(tom.contact, { first_name: 'Tom', ...filled });
  const { visits, first_name } = tom.freshness;
  assert.equal(visits.dataset, 'web');
  assert.ok(Date.parse(visits.as_of) >= before && Date.parse(visits.as_of) <= Date.now());
  assert.equal(first_name.as_of, '2024-01-02T00:00:00.000Z');

  const second = bodyOf(await push([{ user: '7', plan: null, Tags: [], visits: 4 }]));
  assert.ok(second.revision > revision);
  const { contact } = await read(api, token, 'email:tom@hello.com');
  assert.deepEqual([contact.plan, contact.tags, contact.visits], [null, null, 4]);
  const third = bodyOf(await push([{ user: '7', visits: 4 }]));
  assert.deepEqual([third.unchanged, third.changed], [1, 0]);
  assert.match(third.revision, /^[0-9a-f]{16}$/);
});

test('an error in a row is reported with its position and without its value, and other rows are applied', async (t) => {
  const { api, token, push } = await startPushed(t);
  const answer = await push([
    { email: 'ana@hello.com', visits: 'secret many', plan: 'x'.repeat(300) },
    { email: 'not an address' },
    { plan: 'gold' },
    { email: { toString: 1 }, visits: 1 },
    { email: 'big@hello.com', account: 2 ** 60 },
    { user: 2 ** 60 },
    { email: 'good@hello.com', visits: 2, shoe_size: 44, __proto__x: 1, 'tom@hello.com': 1 },
    ...['a', 'b', 'c', 'd'].map((name) => ({ email: `${name}@hello.com`, user: 'family' })),
    { user: 'family', visits: 3 },
  ]);
  assert.equal(answer.status, 200);
  const body = bodyOf(answer);
  assert.deepEqual(
    body.rejections.map((it: { row: number; code: string; column: string | null }) => [
      it.row,
      it.code,
      it.column,
    ]),
    [
      [0, 'value_invalid', 'visits'],
      [0, 'value_invalid', 'plan'],
      [1, 'identity_invalid', 'email'],
      [2, 'identity_missing', null],
      [3, 'identity_invalid', 'email'],
      [4, 'value_invalid', 'account'],
      [5, 'identity_invalid', 'user'],
      // More rows than may share a value have it, so that none of them is meant.
      [11, 'identity_shared', null],
    ],
  );
  assert.deepEqual([body.rejected, body.received], [7, 12]);
  assert.ok(!answer.body.includes('secret') && !answer.body.includes('not an address'));
  assert.deepEqual([body.field_unknown, body.unknown_columns], [3, ['shoe_size']]);
  assert.equal((await read(api, token, 'email:good@hello.com')).contact.visits, 2);
  assert.ok(api.logged.every((line) => !line.includes('hello.com')));
});

test('an identity stays with its row until another row names it, or its column is null', async (t) => {
  const { api, token, push } = await startPushed(t);
  const visits = async (identity: string) => {
    const { contact } = await read(api, token, identity);
    return contact?.visits;
  };
  await push([{ email: 'one@hello.com', user: 'u1', visits: 1 }]);
  await push([
    { email: 'one@hello.com', visits: 11 },
    { email: 'two@hello.com', visits: 2 },
  ]);
  assert.equal(await visits('user_id:u1'), 11, 'a missing column keeps the identity');
  await push([{ email: 'two@hello.com', user: 'u1' }]);
  assert.equal(await visits('user_id:u1'), 2, 'the last word counts');
  await push([{ email: 'two@hello.com', user: null }]);
  assert.equal(await visits('user_id:u1'), 11, 'null lets the identity go');
  await push([{ email: 'one@hello.com', user: '' }]);
  assert.equal(await visits('user_id:u1'), undefined);
  assert.equal(await visits('email:one@hello.com'), 11);
});

test('names of JavaScript are columns like any other', async (t) => {
  const { api, token } = await startPushed(t);
  const body =
    '{"dataset":"web","rows":[{"email":"tom@hello.com","__proto__":{"plan":"x"},"toString":1,"constructor":"y"}]}';
  const answer = await callApi(api, { method: 'POST', path, token, body });
  assert.equal(answer.status, 200);
  assert.equal(bodyOf(answer).field_unknown, 2);
  const { contact } = await read(api, token, 'email:tom@hello.com');
  assert.deepEqual([contact.plan, contact.constructor], [null, 'y']);
});

test('a repeated request with the same key gets the same answer and is applied once', async (t) => {
  const { api, token, push } = await startPushed(t);
  const key = { 'idempotency-key': 'order-1' };
  const rows = [{ email: 'tom@hello.com', visits: 1 }, { visits: 2 }];
  const many = await Promise.all(Array.from({ length: 6 }, () => push(rows, key)));
  for (const answer of many) assert.equal(answer.body, many[0]?.body);
  assert.equal(many[0]?.status, 200);
  await push([{ email: 'tom@hello.com', visits: 5 }]);
  assert.equal((await push(rows, key)).body, many[0]?.body);
  assert.equal((await read(api, token, 'email:tom@hello.com')).contact.visits, 5);
  const other = await push([{ email: 'tom@hello.com', visits: 9 }], key);
  assert.deepEqual([other.status, bodyOf(other).code], [409, 'idempotency_conflict']);
  assert.equal((await push(rows, { 'idempotency-key': 'order-2' })).status, 200);
  for (const wrong of ['', 'x'.repeat(256), 'a b']) {
    const answer = await push(rows, { 'idempotency-key': wrong });
    assert.deepEqual([answer.status, bodyOf(answer).code], [400, 'parameter_invalid'], wrong);
  }
});

test('no text that a caller sent is kept for a repeated answer, which has the same text', async (t) => {
  const { api, push } = await startPushed(t);
  const key = { 'idempotency-key': 'Key-jane-doe' };
  const rows = [
    { email: 'tom@hello.com', Column_jane_doe: 1, 'jane@hello.com': 2 },
    { visits: 'Value-jane-doe', shoe_size: 3, Column_jane_doe: 4 },
  ];
  const first = await push(rows, key);
  assert.deepEqual(bodyOf(first).unknown_columns, ['Column_jane_doe', 'shoe_size']);
  const stored = readFileSync(join(api.dataFolder, dataFiles.contacts), 'latin1');
  assert.ok(stored.includes('tom@hello.com'));
  assert.doesNotMatch(stored, /jane/);
  assert.equal((await push(rows, key)).body, first.body);
});

test('a token pushes only with its scope, to its dataset, and with its identity types and fields', async (t) => {
  const { api, push } = await startPushed(t);
  const rows = [{ email: 'tom@hello.com', visits: 6, plan: 'gold' }];
  const codeOf = (answer: RawAnswer) => [answer.status, bodyOf(answer).code];
  const reads = await api.token();
  assert.deepEqual(codeOf(await push(rows, {}, reads)), [403, 'scope_missing']);
  const scopes = ['contacts:write', 'contacts:read'];
  const crm = await api.token({ scopes, dataset: 'crm' });
  assert.deepEqual(codeOf(await push(rows, {}, crm)), [403, 'dataset_not_allowed']);
  const phone = await api.token({ scopes, identityTypes: ['id'] });
  assert.deepEqual(codeOf(await push(rows, {}, phone)), [403, 'identity_type_not_allowed']);
  const own = await api.token({ scopes, dataset: 'web', fields: ['visits'] });
  const answer = bodyOf(await push(rows, {}, own));
  assert.deepEqual([answer.changed, answer.field_unknown], [1, 1]);
  for (const dataset of ['crm', 'nope']) {
    const body = { dataset, rows };
    const all = await api.token({ scopes });
    const refused = await callApi(api, { method: 'POST', path, token: all, body });
    assert.deepEqual(codeOf(refused), [422, 'definition_invalid'], dataset);
  }
});

test('a malformed or too large body is refused as a whole', async (t) => {
  const { api, token, push } = await startPushed(t);
  const row = { email: 'tom@hello.com', visits: 77 };
  const send = async (body: unknown) => {
    const answer = await callApi(api, { method: 'POST', path, token, body });
    return [answer.status, bodyOf(answer).code];
  };
  assert.deepEqual(await send('{"dataset":"web","rows":['), [400, 'body_malformed']);
  const twice = '{"dataset":"web","rows":[{"email":"tom@hello.com","visits":77,"visits":78}]}';
  assert.deepEqual(await send(twice), [400, 'body_malformed']);
  const deep = `{"dataset":"web","rows":[{"email":${'['.repeat(40)}${']'.repeat(40)}}]}`;
  assert.deepEqual(await send(deep), [400, 'body_malformed']);
  assert.deepEqual(await send({ dataset: 'web', rows: [] }), [422, 'definition_invalid']);
  assert.deepEqual(await send({ dataset: 'web', rows: [row, 7] }), [422, 'definition_invalid']);
  assert.deepEqual(await send({ rows: [row] }), [422, 'definition_invalid']);
  assert.deepEqual(await send({ dataset: 'web', rows: [row], x: 1 }), [422, 'definition_invalid']);
  const many = Array.from({ length: 1_001 }, () => row);
  assert.deepEqual(await send({ dataset: 'web', rows: many }), [400, 'batch_too_large']);
  const large = [{ ...row, plan: 'x'.repeat(1_100_000) }];
  assert.deepEqual(await send({ dataset: 'web', rows: large }), [413, 'body_too_large']);
  assert.notEqual((await read(api, token, 'email:tom@hello.com')).contact.visits, 77);
  assert.equal((await push(many.slice(1))).status, 200);
});

test('pushes have a limit of their own, which look-ups do not use up', async (t) => {
  const { api, token, push } = await startPushed(t, { rateLimit: 1 });
  const answer = await push([{ email: 'tom@hello.com' }]);
  assert.equal(answer.headers.get('ratelimit-policy'), '"org";q=200;w=1');
  const query = '/audience/v2/contacts?identity=email:tom@hello.com';
  await callApi(api, { path: query, token });
  assert.equal((await push([{ email: 'tom@hello.com' }])).status, 200);
  const all = { key: windowKey('ingest', 1), limit: 1_000, units: 200, share: null };
  assert.ok(api.limiter.take(all) >= 0);
  const refused = await push([{ email: 'tom@hello.com' }]);
  assert.deepEqual([refused.status, bodyOf(refused).code], [429, 'rate_limited']);
  assert.ok(refused.headers.has('retry-after'));
});

test('a full disk and a missing writer are reported, and nothing is stored', async (t) => {
  let failure: UsherError | undefined;
  const failing = (real: ContactWriter) =>
    ({
      push: (...args: Parameters<ContactWriter['push']>) =>
        failure === undefined ? real.push(...args) : Promise.reject(failure),
    }) as ContactWriter;
  const { api, token, push } = await startPushed(t, { writer: failing });
  const key = { 'idempotency-key': 'one' };
  const rows = [{ email: 'tom@hello.com', visits: 8 }];
  failure = new UsherError('storage_full', 'The disk is full.');
  const full = await push(rows, key);
  assert.deepEqual([full.status, bodyOf(full).code], [507, 'storage_full']);
  failure = new UsherError('store_unavailable', 'Nobody writes.');
  const gone = await push(rows, key);
  assert.deepEqual([gone.status, bodyOf(gone).code], [503, 'store_unavailable']);
  assert.ok(gone.headers.has('retry-after'));
  failure = undefined;
  assert.equal((await push(rows, key)).status, 200);
  assert.equal((await read(api, token, 'email:tom@hello.com')).contact.visits, 8);
});

test('pushes above the limit of concurrent pushes are told to try again', async (t) => {
  const { push } = await startPushed(t, { pushesUnderWay: 1 });
  const rows = Array.from({ length: 500 }, (_, row) => ({ user: `u${row}`, visits: row }));
  const answers = await Promise.all(Array.from({ length: 5 }, () => push(rows)));
  const busy = answers.filter(({ status }) => status === 503);
  assert.ok(busy.length > 0);
  assert.ok(busy.every((answer) => bodyOf(answer).code === 'overloaded'));
  assert.ok(busy.every(({ headers }) => headers.has('retry-after')));
  assert.equal((await push(rows)).status, 200);
});

test('rows are counted by their outcome', async (t) => {
  const { api, push } = await startPushed(t);
  const key = { 'idempotency-key': 'one' };
  const rows = [{ email: 'tom@hello.com', visits: 1 }, { visits: 1 }, { email: 'n@hello.com' }];
  await push(rows, key);
  await push(rows, key);
  const token = await api.token({ scopes: ['admin:read'] });
  const scraped = await callApi(api, { path: '/metrics', token });
  const samples = scraped.body.split('\n').filter((line) => line.startsWith('usher_ingest_rows'));
  assert.deepEqual(samples, [
    'usher_ingest_rows_total{outcome="added"} 2',
    'usher_ingest_rows_total{outcome="changed"} 1',
    'usher_ingest_rows_total{outcome="unchanged"} 0',
    'usher_ingest_rows_total{outcome="rejected"} 1',
  ]);
});

test('a pushed blocked value identifies nobody', async (t) => {
  const { api, token, push } = await startPushed(t);
  const rows = [
    { email: 'a@hello.com', user: 'guest', plan: 'a' },
    { email: 'b@hello.com', user: 0, plan: 'b' },
    { email: 'NoReply@hello.com', user: 'Null', plan: 'c' },
  ];
  const report = bodyOf(await push(rows));
  assert.deepEqual([report.added, report.rejected], [2, 1]);
  assert.equal(report.rejections[0].code, 'identity_missing');
  const found = async (identity: string) => (await read(api, token, identity)).code;
  assert.equal(await found('user_id:guest'), 'contact_not_found');
  assert.equal(await found('user_id:0'), 'contact_not_found');
});
