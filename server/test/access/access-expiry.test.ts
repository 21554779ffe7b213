/** Entries of the access log leave after so many days. */
import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { verifyAccess } from '../../src/access/verify-access.ts';
import {
  act,
  listAll,
  looker,
  makeAccessPlace,
  openTestLog,
  startMs,
  subject,
} from './access-place.ts';

test('entries leave after so many days', async (t) => {
  const folder = makeAccessPlace(t);
  let nowMs = startMs;
  const dayMs = 86_400_000;
  const retention = { maxBytes: 1_000_000_000, maxAgeMs: 3 * dayMs };
  const log = openTestLog(folder, { retention, clock: () => nowMs });
  for (let day = 0; day < 10; day += 1) {
    log.queues[0]?.note(looker(), subject(day), act({ atMs: nowMs }));
    await log.written();
    nowMs += dayMs + 1;
  }
  await log.written();
  await log.appender.close();
  const oldest = (await listAll(folder)).at(-1)?.atMs ?? 0;
  assert.ok(oldest >= nowMs - 5 * dayMs, new Date(oldest).toISOString());
  assert.equal((await verifyAccess(folder)).fault, null);
});

test('entries leave in time, however long the server was off', async (t) => {
  const folder = makeAccessPlace(t);
  const dayMs = 86_400_000;
  const retention = { maxBytes: 1_000_000_000, maxAgeMs: 3 * dayMs };
  for (const day of [0, 2, 5.5]) {
    const atMs = startMs + day * dayMs;
    const log = openTestLog(folder, { retention, clock: () => atMs });
    log.queues[0]?.note(looker(), subject(1), act({ atMs }));
    await log.written();
    await log.appender.close();
  }
  const left = (await listAll(folder)).map(({ atMs }) => (atMs - startMs) / dayMs);
  assert.deepEqual(left, [5.5]);
  assert.equal((await verifyAccess(folder)).fault, null);
});

test('a damaged file stays until the file after it is old, too', async (t) => {
  const folder = makeAccessPlace(t);
  const dayMs = 86_400_000;
  const retention = { maxBytes: 1_000_000_000, maxAgeMs: 3 * dayMs };
  const path = join(folder, 'access', '0000000001.log');
  const isThere: boolean[] = [];
  for (const day of [0, 2.6, 5.5, 5.7]) {
    const atMs = startMs + day * dayMs;
    const log = openTestLog(folder, { retention, clock: () => atMs });
    log.queues[0]?.note(looker(), subject(1), act({ atMs }));
    await log.written();
    await log.appender.close();
    isThere.push(existsSync(path));
    if (day === 2.6) writeFileSync(path, 'damaged', { flag: 'a' });
  }
  assert.deepEqual(isThere, [true, true, true, false]);
});
