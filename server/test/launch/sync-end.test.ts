/**
 * A sync that a server started ends when that server ends, however it ends, and a run whose process
 * died is interrupted at once.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { descendantsOf, isRunning } from '../../../scripts/process-tree.ts';
import type { Run } from '../../src/catalog/catalog.ts';
import { organizationId, SyncPlace } from '../sync/sync-place.ts';
import { defineEndless } from './define-endless.ts';
import { commandOf, killSync } from './find-sync.ts';
import { startUsher, waitFor } from './run-usher.ts';

const day = 86_400_000;

/** A run takes a second to begin, and many times that on a busy machine. */
const waitMs = 60_000;
/** The first retry comes after 30 s. It would end the run, too. */
const interruptedMs = 20_000;

const readsSqlite = (id: number) => commandOf(id).includes('sqlite-child');

for (const signal of ['SIGKILL', 'SIGTERM'] as const) {
  test(`a scheduled sync and its reading process end when their server gets ${signal}`, async (t) => {
    const place = new SyncPlace(t);
    await defineEndless(place);
    await missDays(place);
    const server = await startUsher(place.dataFolder, { USHER_WORKERS: '1' });
    t.after(() => server.process.kill('SIGKILL'));
    const below = await waitFor(() => {
      const found = descendantsOf(server.process.pid ?? 0);
      return found.some(readsSqlite) ? found : undefined;
    }, 60_000);
    t.after(() => {
      for (const id of below.filter(isRunning)) process.kill(id, 'SIGKILL');
    });
    const ended = once(server.process, 'exit');
    server.process.kill(signal);
    assert.deepEqual(await ended, signal === 'SIGTERM' ? [0, null] : [null, 'SIGKILL']);
    await waitFor(() => !below.some(isRunning) || undefined, 15_000);
  });
}

test('a run is interrupted at once when its process dies, and when its server dies', async (t) => {
  const place = new SyncPlace(t);
  await defineEndless(place);
  await missDays(place);
  const first = await startUsher(place.dataFolder, { USHER_WORKERS: '1' });
  t.after(() => first.process.kill('SIGKILL'));
  const running = await waitFor(() => newestRunIn(place, 'running'), waitMs);
  killSync(first.process.pid);
  await untilInterrupted(place, running);
  await missDays(place);
  const next = await waitFor(() => newestRunIn(place, 'running'), waitMs);
  const below = descendantsOf(first.process.pid ?? 0);
  const ended = once(first.process, 'exit');
  first.process.kill('SIGKILL');
  for (const id of below.filter(isRunning)) process.kill(id, 'SIGKILL');
  await ended;
  const second = await startUsher(place.dataFolder, { USHER_WORKERS: '1' });
  t.after(() => second.stop());
  await untilInterrupted(place, next);
});

/** A new schedule starts when it is first seen. This state says that it has missed three days. */
function missDays(place: SyncPlace): Promise<void> {
  return place.administrate(({ catalog }) =>
    catalog.putScheduleState({
      ...{ organizationId, datasetId: 1, pausedBy: null, attempts: 0, retryAtMs: null },
      lastDueMs: Date.now() - 3 * day,
    }),
  );
}

async function newestRunIn(place: SyncPlace, state: Run['state']): Promise<string | undefined> {
  const filter = { states: [state], limit: 1 };
  const runs = await place.administrate(({ catalog }) =>
    catalog.read((view) => view.listRuns(organizationId, filter)),
  );
  return runs[0]?.id;
}

function untilInterrupted(place: SyncPlace, id: string): Promise<true> {
  return waitFor(
    async () => (await newestRunIn(place, 'interrupted')) === id || undefined,
    interruptedMs,
  );
}
