/** The usage of tokens over real sockets. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { usagePageSchema } from '@usher/contract/usage-schema';
import type { UsagePage } from '../../src/administration/overview/list-usage.ts';
import { shapeFaults } from '../../src/http/call/check-shape.ts';
import { sumsOf } from '../contracts/catalog-usage-contract.ts';
import { callApi } from './call-api.ts';
import { readProblem } from './problem-shape.ts';
import { startApi } from './start-api.ts';

const path = '/admin/v1/usage';
const nowMs = Date.UTC(2026, 10, 29, 12, 30);
const nowHour = Math.floor(nowMs / 3_600_000);

interface Page {
  readonly data: UsagePage['entries'];
  readonly next_cursor: string | null;
}

async function startUsage(t: Parameters<typeof startApi>[0]) {
  const api = await startApi(t, { clock: () => nowMs });
  const { catalog } = api.administration;
  const reader = await api.token({ scopes: ['admin:read'], name: 'reader' });
  const shop = await api.token({ name: 'shop' });
  const rows = new Map(
    (await catalog.read((view) => view.listTokens(1))).map(({ name, rowId }) => [name, rowId]),
  );
  const use = (name: string, hoursAgo: number, lookups: number) =>
    catalog.addUsage(
      [
        {
          ...{ organizationId: 1, tokenRowId: rows.get(name) ?? 0, hour: nowHour - hoursAgo },
          sums: sumsOf(lookups),
          clients: [{ address: '192.0.2.1', userAgent: 'curl/8', calls: lookups }],
          fields: [
            { fieldId: api.fieldId('first_name'), reads: lookups },
            { fieldId: 9_999, reads: 1 },
          ],
        },
      ],
      nowHour,
    );
  const ask = (query: string, token = reader) => callApi(api, { path: path + query, token });
  const page = async (query: string): Promise<Page> => {
    const answer = await ask(query);
    assert.equal(answer.status, 200, answer.body);
    const read = JSON.parse(answer.body) as Page;
    assert.deepEqual(shapeFaults(usagePageSchema, read), []);
    return read;
  };
  const short = async (query: string) =>
    (await page(query)).data.map(({ at, token, requests }) => [
      at.slice(8, 13),
      token?.name ?? null,
      requests,
    ]);
  return { api, shop, use, ask, page, short };
}

test('usage is listed by token and hour, the newest first', async (t) => {
  const { use, short, shop } = await startUsage(t);
  await use('shop', 0, 3);
  await use('reader', 0, 1);
  await use('shop', 2, 5);
  await use('shop', 30, 7);
  assert.deepEqual(await short(''), [
    ['29T12', 'reader', 1],
    ['29T12', 'shop', 3],
    ['29T10', 'shop', 5],
  ]);
  assert.deepEqual(await short(`?ref=${shop.slice(4, 16)}&since=2026-11-28T00:00:00Z`), [
    ['29T12', 'shop', 3],
    ['29T10', 'shop', 5],
    ['28T06', 'shop', 7],
  ]);
  assert.deepEqual(await short('?until=2026-11-29T11:00:00Z'), [['29T10', 'shop', 5]]);
});

test('days and totals add hours and tokens up', async (t) => {
  const { use, short, page } = await startUsage(t);
  await use('shop', 0, 3);
  await use('reader', 1, 1);
  await use('shop', 13, 7);
  const since = 'since=2026-11-28T00:00:00Z';
  assert.deepEqual(await short(`?by=day&${since}`), [
    ['29T00', 'reader', 1],
    ['29T00', 'shop', 3],
    ['28T00', 'shop', 7],
  ]);
  assert.deepEqual(await short(`?by=day&total=true&${since}`), [
    ['29T00', null, 4],
    ['28T00', null, 7],
  ]);
  const [day] = (await page(`?by=day&total=true&details=true&${since}`)).data;
  assert.deepEqual(day?.clients, [{ address: '192.0.2.1', user_agent: 'curl/8', calls: 4 }]);
  assert.deepEqual(day?.fields, [{ field: 'first_name', reads: 4 }]);
  assert.deepEqual([day?.units, day?.statuses], [4, { 200: 4 }]);
  assert.ok((day?.latency?.p99_ms ?? 0) > 0.9 && (day?.latency?.p99_ms ?? 9) < 1.2);
});

test('pages end with whole hours, and hold every entry once', async (t) => {
  const { use, page } = await startUsage(t);
  for (let hour = 0; hour < 5; hour += 1) {
    for (const name of ['shop', 'reader']) await use(name, hour, 1);
  }
  const found: string[] = [];
  let cursor: string | null = null;
  do {
    const more: string = cursor === null ? '' : `&cursor=${cursor}`;
    const { data, next_cursor } = await page(`?limit=3${more}`);
    assert.ok(data.length <= 4);
    found.push(...data.map(({ at, token }) => `${at} ${token?.name}`));
    cursor = next_cursor;
  } while (cursor !== null);
  assert.deepEqual([found.length, new Set(found).size], [10, 10]);
  assert.deepEqual(found, found.toSorted().toReversed().toSorted(byHourThenToken));
});

const byHourThenToken = (one: string, other: string) =>
  other.slice(0, 20).localeCompare(one.slice(0, 20)) || one.localeCompare(other);

test('details are left out unless they are asked for, and faults are named', async (t) => {
  const { use, page, ask, api } = await startUsage(t);
  await use('shop', 0, 1);
  const [entry] = (await page('')).data;
  assert.deepEqual([entry?.clients, entry?.fields], [null, null]);
  const code = async (query: string, token?: string) => readProblem(await ask(query, token)).code;
  assert.equal(await code('?ref=zzzzzzzzzzzz'), 'resource_not_found');
  assert.equal(await code('?by=week'), 'parameter_invalid');
  assert.equal(await code('', await api.token()), 'scope_missing');
  const narrow = await api.token({ scopes: ['admin:read'], fields: ['first_name'] });
  assert.equal(await code('', narrow), 'scope_missing');
});

test('both doors note from where a token is called, and which user agent it names', async (t) => {
  const { api, shop } = await startUsage(t);
  const lookup = '/audience/v2/contacts?identity=email:tom@hello.com';
  api.usageClients.take();
  const headers = { 'user-agent': 'shop/1' };
  await callApi(api, { path: lookup, token: shop, headers });
  await callApi(api, { path: lookup, token: shop, headers: { ...headers, 'content-length': '0' } });
  await callApi(api, { path: lookup, token: shop });
  await callApi(api, { path: lookup, token: `${shop}x`, headers });
  const noted = api.usageClients.take().map(({ address, userAgent, calls }) => {
    return [address, userAgent, calls];
  });
  assert.deepEqual(noted, [
    ['127.0.0.1', 'shop/1', 2],
    ['127.0.0.1', '', 1],
  ]);
});
