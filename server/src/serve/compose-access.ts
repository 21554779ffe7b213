/** Opens the access log of a server: the queues of its threads, and the appender that writes it. */
import { type AccessAlarms, AccessAppender } from '../access/access-appender.ts';
import { AccessCheck } from '../access/access-check.ts';
import { AccessQueue, AppenderState, allocateAccessQueues } from '../access/access-queue.ts';
import { dayMs } from '../access/limits.ts';
import type { AccessRetention } from '../access/trim-access.ts';
import type { AccessEnds } from '../domain/access-end.ts';
import type { AccessHours } from '../domain/access-hours.ts';
import type { ApiContext } from '../http/api-context.ts';
import type { Log } from '../observe/log.ts';
import type { AccessLogFigures } from '../observe/metrics.ts';
import type { Settings } from '../settings/settings.ts';

export interface ServedAccessLog {
  /** The queues, for the look-up threads. `null`: nothing is noted. */
  readonly memory: SharedArrayBuffer | null;
  /** Writes what is queued. Call it when all threads have ended. */
  close(): Promise<void>;
}

interface OpenAccessLogParts {
  readonly log: Log;
  readonly clock: () => number;
  /** The catalog, which notes the end of the log. */
  readonly ends: AccessEnds;
  /** The catalog, which counts looks by hour. */
  readonly hours: AccessHours;
}

/** Starts to write the log, unless it is off. */
export async function openAccessLog(
  settings: Settings,
  { log, clock, ends, hours }: OpenAccessLogParts,
): Promise<ServedAccessLog> {
  const { accessLog, dataFolder, workers } = settings;
  if (accessLog === 'off') return { memory: null, close: async () => undefined };
  const memory = allocateAccessQueues(workers);
  const appender = new AccessAppender({
    ...{ dataFolder, memory, clock, ends, hours },
    threads: workers,
    retention: retentionOf(settings),
    alarms: alarmsTo(log, accessLog === 'required'),
  });
  await appender.start();
  return { memory, close: () => appender.close() };
}

function retentionOf({ accessLogMegabytes, accessLogDays }: Settings): AccessRetention {
  return {
    maxBytes: accessLogMegabytes * 1_000_000,
    maxAgeMs: accessLogDays === null ? null : accessLogDays * dayMs,
  };
}

function alarmsTo(log: Log, isRequired: boolean): AccessAlarms {
  const goesOn = isRequired ? 'look-ups are refused' : 'look-ups go on';
  return {
    failing: (error) => log.error({ error }, `the access log cannot be written; ${goesOn}`),
    recovered: () => log.info({}, 'the access log is written again'),
    lost: (count) => log.error({ count }, 'the access log lost entries: its queue was full'),
    broken: () =>
      log.error({}, 'the access log is not as it was left: run usher access verify to see where'),
  };
}

/** What a look-up thread notes with, and what it tells about the log. */
export function composeAccess(
  memory: SharedArrayBuffer | null,
  { row, settings, ends }: { row: number; settings: Settings; ends: AccessEnds },
): Pick<ApiContext, 'access' | 'accessLog'> {
  const { accessLog, dataFolder } = settings;
  return {
    access:
      memory === null
        ? {
            admits: () => true,
            note: () => undefined,
            isWriting: () => true,
            synced: async () => true,
          }
        : new AccessQueue({ memory, row, isRequired: accessLog === 'required' }),
    accessLog: {
      retention: retentionOf(settings),
      check: new AccessCheck(dataFolder, Date.now, ends),
    },
  };
}

/** The figures of the log, for metrics. */
export function accessFigures(
  memory: SharedArrayBuffer | null,
): () => AccessLogFigures | undefined {
  if (memory === null) return () => undefined;
  const state = new AppenderState(memory);
  return () => ({ ...state.figures, isWriting: state.isWriting });
}
