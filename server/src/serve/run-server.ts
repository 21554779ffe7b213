/** Runs a server: locks the data folder, starts the supervisor, and closes everything on `stop`. */
import { once } from 'node:events';
import type { Catalog } from '../catalog/catalog.ts';
import { composeCatalog, composeReader, contactsIn } from '../compose.ts';
import { UsherError } from '../domain/errors.ts';
import { createLog } from '../observe/log.ts';
import { monotonicMs } from '../observe/monotonic-clock.ts';
import { allocateUsage, UsageRows } from '../observe/usage-counters.ts';
import type { Settings } from '../settings/settings.ts';
import { takeServerLock } from '../stores/file-lock.ts';
import { collectRarely } from './collect-rarely.ts';
import { openAccessLog } from './compose-access.ts';
import { PrivacyResumer } from './privacy-resumer.ts';
import { requireFreePort } from './require-free-port.ts';
import { type Now, neverServed, noteServerEnd, takeServerEnd } from './server-end.ts';
import { Supervisor } from './supervisor.ts';
import { SyncScheduler } from './sync-scheduler.ts';
import { UploadSweeper } from './upload-sweeper.ts';
import { UsageRecorder } from './usage-recorder.ts';

export interface RunServerOptions {
  readonly settings: Settings;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
  /** Runs before the start, after the checks of the data folder and the port. */
  readonly prepare?: () => Promise<void>;
  /** Called now and then while the server waits for another process before it can take writes. */
  readonly onWaiting: (detail: string) => void;
  /** Called once `/readyz` answers 200. */
  readonly onReady: (port: number) => void;
  /** When aborted, the server drains and ends. */
  readonly stop: AbortSignal;
}

/**
 * Resolves when the server has ended after `stop`. `stop` may come at any moment; nothing is
 * started after it.
 * @throws UsherError when the server cannot start
 */
export async function runServer(options: RunServerOptions): Promise<void> {
  const { settings, clock, stop } = options;
  const { dataFolder } = settings;
  const catalog = await composeCatalog(settings, { make: true, clock });
  try {
    const isNew = neverServed(dataFolder);
    const lock = takeServerLock(dataFolder);
    if (lock === undefined) throw alreadyServed(dataFolder);
    try {
      const silentSinceMs = takeServerEnd(dataFolder, isNew, now(clock));
      if (options.prepare !== undefined && !stop.aborted) {
        await requireFreePort(settings.host, settings.port);
        await options.prepare();
      }
      const isEnded = stop.aborted || (await superviseServer(options, catalog, silentSinceMs));
      if (isEnded) await noteServerEnd(dataFolder, now(clock));
    } finally {
      lock.release();
    }
  } finally {
    await catalog.close();
  }
}

function now(clock: () => number): Now {
  return { monotonicMs: monotonicMs(), wallMs: clock() };
}

/** Resolves after `stop`, with whether nothing runs any more. */
async function superviseServer(
  options: RunServerOptions,
  catalog: Catalog,
  silentSinceMs: number,
): Promise<boolean> {
  const { settings, stop, clock } = options;
  collectRarely();
  const accessLog = createLog({ level: settings.logLevel, part: 'access log' });
  const kept = { ends: catalog, hours: catalog };
  const access = await openAccessLog(settings, { log: accessLog, clock, ...kept });
  const usage = recordUsage(options, catalog);
  const supervisor = new Supervisor({
    settings,
    log: createLog({ level: settings.logLevel, part: 'supervisor' }),
    silentSinceMs,
    onWaiting: options.onWaiting,
    recordLastUsed: (uses) => catalog.recordLastUsed(uses),
    usage: usage.memory,
    noteUsage: (told) => usage.recorder.note(told),
    access: access.memory,
    recordFieldReads: (reads) => catalog.recordFieldReads(reads),
    recordPushes: (pushes) => catalog.recordPushes(pushes),
    preRead: async (ended) => {
      const reader = await composeReader(settings);
      await reader.preRead(ended).finally(() => reader.close());
    },
  });
  const { dataFolder } = settings;
  const syncLog = createLog({ level: settings.logLevel, part: 'syncs' });
  const contacts = contactsIn(settings);
  const scheduler = new SyncScheduler({ catalog, contacts, dataFolder, log: syncLog, clock });
  const privacyLog = createLog({ level: settings.logLevel, part: 'privacy' });
  const resumer = new PrivacyResumer({ catalog, settings, log: privacyLog, clock });
  const sweeper = new UploadSweeper({ catalog, dataFolder, log: syncLog, clock });
  await sweeper.start();
  const stopped = stop.aborted ? Promise.resolve() : once(stop, 'abort');
  try {
    const isReady = supervisor.start().then((port) => {
      if (!stop.aborted) options.onReady(port);
    });
    await Promise.race([stopped, isReady]);
    // Without a writer each sync would fail.
    void supervisor.writes.then(() => {
      if (stop.aborted) return;
      scheduler.start();
      resumer.start();
    });
    await Promise.race([stopped, supervisor.failed]);
  } finally {
    await Promise.all([scheduler.close(), resumer.close(), sweeper.close(), supervisor.close()]);
    await access.close();
    await usage.recorder.close();
  }
  return await supervisor.close();
}

/** Stores what the threads count. */
function recordUsage({ settings, clock }: RunServerOptions, catalog: Catalog) {
  const layout = { rows: settings.workers };
  const memory = allocateUsage(layout);
  const log = createLog({ level: settings.logLevel, part: 'usage' });
  const rows = new UsageRows(memory, layout);
  const recorder = new UsageRecorder({ catalog, rows, log, clock });
  recorder.start();
  return { memory, recorder };
}

function alreadyServed(dataFolder: string): UsherError {
  return new UsherError(
    'store_unavailable',
    `Another server runs on the data folder ${dataFolder}, or a compaction is running. Stop it first, or name another folder with --data.`,
  );
}
