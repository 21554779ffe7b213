/** When syncs are due: time zones, missed times, retries and clocks that are set back. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  afterFailure,
  findDueRun,
  findScheduleFault,
  nextDueMs,
  type SchedulePosition,
  settlePosition,
} from '../../src/sync/sync-schedule.ts';

const daily = { cron: '0 4 * * *', timeZone: 'Europe/Berlin' };
const hour = 3_600_000;
const day = 24 * hour;
/** 04:00 in Berlin, in winter. */
const due = Date.parse('2026-11-23T03:00:00Z');

test('a sync is due at its time in its time zone, once', () => {
  const before = at(due - day);
  assert.equal(findDueRun(daily, before, due - 1), undefined);
  const run = findDueRun(daily, before, due);
  assert.equal(run?.trigger, 'schedule');
  assert.equal(findDueRun(daily, run?.position ?? before, due), undefined);
  assert.equal(findDueRun(daily, run?.position ?? before, due + 5_000), undefined);
});

test('a schedule follows daylight saving time', () => {
  assert.equal(
    nextDueMs(daily, Date.parse('2026-07-01T00:00:00Z')),
    Date.parse('2026-07-01T02:00:00Z'),
  );
});

test('one run makes up for all times that were missed in a downtime', () => {
  const run = findDueRun(daily, at(due - 3 * day), due + 2 * hour);
  assert.equal(run?.trigger, 'catch_up');
  assert.equal(run?.position.lastDueMs, due);
  assert.equal(findDueRun(daily, run?.position ?? at(0), due + 2 * hour), undefined);
});

test('a failed run is retried with growing pauses, up to five attempts', () => {
  let position = at(due);
  let nowMs = due;
  const pauses: number[] = [];
  for (;;) {
    position = afterFailure(position, nowMs);
    if (position.retryAtMs === null) break;
    pauses.push(position.retryAtMs - nowMs);
    assert.equal(findDueRun(daily, position, position.retryAtMs - 1), undefined);
    nowMs = position.retryAtMs;
    const run = findDueRun(daily, position, nowMs);
    assert.equal(run?.trigger, 'retry');
    position = run?.position ?? position;
  }
  assert.deepEqual(pauses, [30_000, 60_000, 120_000, 240_000]);
  assert.equal(findDueRun(daily, position, nowMs + hour), undefined);
  assert.equal(findDueRun(daily, position, due + day)?.trigger, 'schedule');
});

test('a clock that is set back over a due time does not cause a second run', () => {
  const taken = at(due);
  const back = settlePosition(daily, taken, due - hour);
  assert.equal(findDueRun(daily, back, due - hour), undefined);
  assert.equal(findDueRun(daily, back, due), undefined);
  assert.equal(findDueRun(daily, back, due + day)?.trigger, 'schedule');
});

test('a clock that is set back by months does not stop the schedule', () => {
  const far = settlePosition(
    daily,
    { ...at(due + 300 * day), retryAtMs: due + 300 * day },
    due + 1,
  );
  assert.equal(far.lastDueMs, due + 1);
  assert.equal(findDueRun(daily, { ...far, retryAtMs: null }, due + day)?.trigger, 'schedule');
  assert.equal(findDueRun(daily, far, due + 1)?.trigger, 'retry');
});

test('an impossible schedule is refused with a reason', () => {
  const fault = (cron: string, timeZone = 'UTC') => findScheduleFault({ cron, timeZone }) ?? '';
  assert.equal(fault('*/5 * * * *'), '');
  assert.match(fault('61 * * * *'), /not a cron pattern/);
  assert.match(fault('* * * * * * *'), /not a cron pattern/);
  assert.match(fault('0 4 30 2 *'), /never/);
  assert.match(fault('*/10 * * * * *'), /more than once a minute/);
  assert.match(fault('0 4 * * *', 'Mars/Olympus'), /time zone/);
});

function at(lastDueMs: number): SchedulePosition {
  return { lastDueMs, attempts: 0, retryAtMs: null };
}
