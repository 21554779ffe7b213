/** Pages of the log of joins: complete, and as cheap at the end of a large run as at its start. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { type TestContext, test } from 'node:test';
import * as lmdb from 'lmdb';
import { JoinLog, type StoredJoin } from '../../src/stores/embedded/contacts/join-log.ts';
import {
  databaseOptions,
  type KeyedDatabase,
  openKeyedDatabase,
} from '../../src/stores/embedded/keyed-database.ts';
import type { JoinLogPage } from '../../src/stores/join-answer.ts';
import { makeDataFolder } from './sample-changes.ts';

const runSize = 5_000;
const pageSize = 50;

function joinOf(place: number): StoredJoin {
  const key = (name: string, typeId: number) => {
    const digest = createHash('sha256').update(`${name} ${place}`).digest().subarray(0, 16);
    return { typeId, digest: Uint8Array.from(digest) };
  };
  const identity = key('email', 1);
  return {
    kind: 'join',
    atMs: place,
    datasetId: 1,
    keys: [key('crm', 2), key('web', 2)],
    identity,
  };
}

interface CountedPage {
  readonly result: JoinLogPage;
  readonly reads: number;
}

/** A run with many joins, between a merge and a run with one join. */
async function openLog(context: TestContext) {
  const root = lmdb.open({ path: makeDataFolder(context), ...databaseOptions });
  context.after(() => root.close());
  const database = openKeyedDatabase(root, 'joins');
  let reads = 0;
  const getRange: KeyedDatabase['getRange'] = function* (range) {
    for (const entry of database.getRange(range)) {
      reads += 1;
      yield entry;
    }
  };
  const counted = new Proxy(database, {
    get: (target, name) => (name === 'getRange' ? getRange : Reflect.get(target, name)),
  });
  const log = new JoinLog(counted, 1);
  await root.transaction(() => {
    log.put(6n, joinOf(runSize));
    for (let place = 0; place < runSize; place += 1) log.put(7n, joinOf(place));
    const [{ keys }, { keys: others }] = [joinOf(0), joinOf(1)];
    const lists = { lifted: [], forgotten: [], isTakenBack: false };
    log.put(8n, { kind: 'merge', atMs: 1, by: null, keys, sides: [keys, others], ...lists });
    new JoinLog(counted, 2).put(7n, joinOf(0));
  });
  const readsOf = (work: () => JoinLogPage): CountedPage => {
    reads = 0;
    const result = work();
    return { result, reads };
  };
  return { root, database, log, readsOf };
}

test('a page reads as many entries wherever in a run it begins', async (context) => {
  const { log, readsOf } = await openLog(context);
  const all = log.readBack(null, Number.MAX_SAFE_INTEGER).joins.map(({ entry }) => entry);
  assert.equal(all.length, runSize + 2);
  const found: string[] = [];
  let before: string | null = null;
  do {
    const from: string | null = before;
    const { result, reads }: CountedPage = readsOf(() => log.readBack(from, pageSize));
    assert.ok(reads <= pageSize + 10, `${reads} entries were read for ${pageSize}`);
    found.push(...result.joins.map(({ entry }) => entry));
    before = result.next;
    assert.match(before ?? '', /^$|^[0-9a-f]{16}(-[0-9a-f]{12}-[0-9a-f]{8})?$/);
  } while (before !== null);
  assert.deepEqual(found, all);
});

test('the name of an entry is still a place, also after the entry is gone', async (context) => {
  const { root, log } = await openLog(context);
  const first = log.readBack(null, 1_000);
  const { next } = first;
  assert.ok(next !== null);
  const following = log.readBack(next, pageSize);
  assert.deepEqual(log.readBack(next.slice(0, 29), pageSize), following);
  const last = first.joins.at(-1);
  assert.ok(last !== undefined && next.startsWith(last.entry));
  const [keys] = last.pairs;
  assert.ok(keys !== undefined);
  await root.transaction(() => log.removeJoin(7n, keys));
  assert.deepEqual(log.readBack(next, pageSize), following);
});

test('joins that an earlier release logged with the smaller key first are renamed and removed', async (context) => {
  const { root, database, log } = await openLog(context);
  const entry = joinOf(runSize + 1);
  await root.transaction(() => log.put(9n, entry));
  const all = () => [...database.getRange({ start: Uint8Array.of(0), limit: 1_000_000 })];
  const stored = all().at(-2);
  assert.ok(stored !== undefined);
  const at = Buffer.from(stored.key);
  assert.ok(Buffer.compare(at.subarray(10, 28), at.subarray(28)) > 0);
  const swapped = Buffer.concat([at.subarray(0, 10), at.subarray(28), at.subarray(10, 28)]);
  const [one, other] = entry.keys;
  const renamed = [one, joinOf(0).keys[1]] as const;
  await root.transaction(() => {
    log.removeJoin(9n, entry.keys);
    database.put(swapped, Buffer.from(stored.value));
    log.renameJoin(9n, [other, one], renamed);
  });
  assert.deepEqual(log.readBack(null, 1).joins[0]?.pairs, [renamed]);
  const before = all().length;
  await root.transaction(() => {
    log.removeJoin(9n, renamed);
    database.put(swapped, Buffer.from(stored.value));
    log.removeJoin(9n, entry.keys);
  });
  assert.equal(all().length, before - 1);
});
