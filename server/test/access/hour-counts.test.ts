/** Counts of looks by hour, which the catalog keeps. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { openCatalog } from '../../src/catalog/open-catalog.ts';
import type { AccessHours } from '../../src/domain/access-hours.ts';
import { act, looker, makeAccessPlace, openTestLog, startMs, subject } from './access-place.ts';

test('looks are counted by hour, also if the catalog cannot be written for a while', async (t) => {
  const folder = makeAccessPlace(t);
  const catalog = await openCatalog({ kind: 'sqlite', dataFolder: folder }, startMs);
  t.after(() => catalog.close());
  let isAway = true;
  const hours: AccessHours = {
    addAccessHours: (counts, nowHour) =>
      isAway ? Promise.reject(new Error('full')) : catalog.addAccessHours(counts, nowHour),
  };
  const log = openTestLog(folder, { hours });
  const note = (who: string, change: Parameters<typeof act>[0] = {}) =>
    log.queues[0]?.note(looker(who), subject(1), act(change));
  note('token:reader', { outcome: 'contact_not_found' });
  note('user:ann', { way: 'reveal' });
  note('user:ann', { way: 'reveal' });
  note('user:ann', { way: 'reveal', outcome: 'withdrawn' });
  await log.written();
  note('token:reader', { atMs: startMs - 3_600_000 });
  isAway = false;
  await log.appender.close();
  const hour = Math.floor(startMs / 3_600_000);
  const counted = { organizationId: 1, hour, looks: 4, byUsers: 3, reveals: 1 };
  assert.deepEqual(await catalog.read((view) => view.listAccessHours(1, 0)), [
    { ...counted, hour: hour - 1, looks: 1, byUsers: 0, reveals: 0 },
    counted,
  ]);
});
