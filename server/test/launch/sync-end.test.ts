/** A sync that a server started ends when that server ends, however it ends. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { descendantsOf, isRunning } from '../../../scripts/process-tree.ts';
import { SyncPlace } from '../sync/sync-place.ts';
import { defineEndless } from './define-endless.ts';
import { startUsher, waitFor } from './run-usher.ts';

const day = 86_400_000;

const readsSqlite = (id: number) => commandOf(id).includes('sqlite-child');

function commandOf(id: number): string {
  try {
    return readFileSync(`/proc/${id}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}

for (const signal of ['SIGKILL', 'SIGTERM'] as const) {
  test(`a scheduled sync and its reading process end when their server gets ${signal}`, async (t) => {
    const place = new SyncPlace(t);
    await defineEndless(place);
    // A new schedule starts when it is first seen. This state says that it has missed three days.
    await place.administrate(({ catalog }) =>
      catalog.putScheduleState({
        ...{ organizationId: 1, datasetId: 1, pausedBy: null, attempts: 0, retryAtMs: null },
        lastDueMs: Date.now() - 3 * day,
      }),
    );
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
