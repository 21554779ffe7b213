/** Calendar days in time zones, on days on which a clock changes and on all others. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dayMs, ZoneDays, zoneDaysOf } from '../../src/domain/value/zone-days.ts';
import { toEpochMs } from '../../src/domain/value/zoned-time.ts';

const hourMs = 3_600_000;

test('a local time becomes the same instant as by the rule for single times, and back', () => {
  for (const timeZone of [
    ...['Z', 'America/New_York', 'Europe/London', 'Australia/Lord_Howe', 'Asia/Kathmandu'],
    ...['America/Sao_Paulo', 'Pacific/Apia', 'Africa/Casablanca'],
  ]) {
    const zone = new ZoneDays(timeZone);
    for (let ms = Date.UTC(2011, 9, 1, 0, 30); ms < Date.UTC(2012, 10, 30); ms += 5 * hourMs) {
      const epochMs = zone.toEpochMs(ms);
      assert.equal(epochMs, toEpochMs(ms, timeZone), `${timeZone} ${new Date(ms).toISOString()}`);
      const back = zone.toEpochMs(zone.toLocalMs(epochMs));
      assert.ok(Math.abs(back - epochMs) <= hourMs, 'a repeated hour means its first one');
    }
  }
});

test('days have 23, 24 and 25 hours', () => {
  const zone = zoneDaysOf('America/New_York');
  const hoursOf = (day: string) => {
    const number = Date.parse(day) / dayMs;
    return (zone.startOf(number + 1) - zone.startOf(number)) / hourMs;
  };
  assert.deepEqual(['2026-03-07', '2026-03-08', '2026-11-01', '2026-11-02'].map(hoursOf), [
    ...[24, 23, 25, 24],
  ]);
});

test('of a time that occurs twice, the one with a given offset can be chosen', () => {
  for (const [timeZone, first, second] of [
    ['America/Havana', '2026-11-01T04:30:00Z', '2026-11-01T05:30:00Z'],
    ['Australia/Lord_Howe', '2026-04-04T14:45:00.500Z', '2026-04-04T15:15:00.500Z'],
  ] as const) {
    const zone = zoneDaysOf(timeZone);
    const [early, late] = [Date.parse(first), Date.parse(second)];
    const local = zone.toLocalMs(late);
    assert.equal(zone.toLocalMs(early), local);
    assert.equal(zone.toEpochMs(local), early);
    for (const wanted of [early, late]) {
      assert.equal(zone.toEpochMsWith(local, local - wanted), wanted);
    }
    assert.equal(zone.toEpochMsWith(local, 0), early, 'the zone never has this offset');
  }
});

test('a day is the same time of day, also across a change and in far years', () => {
  const zone = zoneDaysOf('Europe/London');
  const plus = (time: string, days: number) =>
    new Date(zone.toEpochMs(zone.toLocalMs(Date.parse(time)) + days * dayMs)).toISOString();
  assert.equal(plus('2026-03-28T09:00:00Z', 1), '2026-03-29T08:00:00.000Z');
  assert.equal(plus('2026-03-28T01:30:00Z', 1), '2026-03-29T01:30:00.000Z', 'the clock skips it');
  assert.equal(plus('2026-10-24T00:30:00Z', 1), '2026-10-25T00:30:00.000Z', 'it occurs twice');
  assert.equal(plus('2140-06-01T11:00:00Z', -90), '2140-03-03T12:00:00.000Z');
  assert.equal(plus('0001-01-05T00:01:15Z', -4), '0001-01-01T00:01:15.000Z');
});
