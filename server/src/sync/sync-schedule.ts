/** Decides when a sync is due. The clock is an argument, and the caller keeps the position. */
import { Cron } from 'croner';
import type { SyncSchedule } from '../domain/dataset/dataset-definition.ts';
import {
  maxSyncAttempts,
  maxSyncRetryDelayMs,
  minSyncIntervalMs,
  syncRetryDelayMs,
} from './limits.ts';

/** The state of a schedule. Times are milliseconds since the epoch. */
export interface SchedulePosition {
  /**
   * The latest due time that was handled; before that, the time when the schedule was first seen.
   */
  readonly lastDueMs: number;
  /** Failed attempts since the last success. */
  readonly attempts: number;
  readonly retryAtMs: number | null;
}

export interface DueRun {
  /** `catch_up`: it was due while no server ran. */
  readonly trigger: 'schedule' | 'catch_up' | 'retry';
  /** The position from now on. */
  readonly position: SchedulePosition;
}

/** A due time longer ago than this was missed, not just late. */
const lateMs = 60_000;

/** @returns what is wrong with a schedule, in words; `undefined`: nothing */
export function findScheduleFault({ cron, timeZone }: SyncSchedule): string | undefined {
  let pattern: Cron;
  try {
    new Intl.DateTimeFormat('en', { timeZone });
  } catch {
    return 'is not a time zone: give a name of the IANA list, such as Europe/Berlin or UTC';
  }
  try {
    pattern = patternOf({ cron, timeZone });
  } catch {
    return 'is not a cron pattern: give five fields (minute, hour, day of the month, month, day of the week), such as "0 4 * * *", or six fields with the seconds first';
  }
  const [first, second] = pattern.nextRuns(2);
  if (first === undefined) return 'is never due';
  const gapMs = second === undefined ? Number.POSITIVE_INFINITY : Number(second) - Number(first);
  return gapMs < minSyncIntervalMs ? 'is due more than once a minute' : undefined;
}

/** The next time after `afterMs`; `undefined`: never. */
export function nextDueMs(schedule: SyncSchedule, afterMs: number): number | undefined {
  return patternOf(schedule).nextRun(new Date(afterMs))?.getTime();
}

/**
 * The run that is due now, if any; one run makes up for all missed times. Call `settlePosition`
 * first.
 */
export function findDueRun(
  schedule: SyncSchedule,
  position: SchedulePosition,
  nowMs: number,
): DueRun | undefined {
  const dueMs = previousDueMs(schedule, nowMs);
  if (dueMs !== undefined && dueMs > position.lastDueMs) {
    const trigger = nowMs - dueMs > lateMs ? 'catch_up' : 'schedule';
    return { trigger, position: { lastDueMs: dueMs, attempts: 0, retryAtMs: null } };
  }
  if (position.retryAtMs === null || position.retryAtMs > nowMs) return undefined;
  return { trigger: 'retry', position: { ...position, retryAtMs: null } };
}

/**
 * Corrects a position after the clock was set back. No due time comes twice, but a position more
 * than one period ahead of the clock is set to the clock, so that the schedule does not stop.
 */
export function settlePosition(
  schedule: SyncSchedule,
  position: SchedulePosition,
  nowMs: number,
): SchedulePosition {
  const { lastDueMs, retryAtMs } = position;
  const nextMs = nextDueMs(schedule, nowMs);
  const isAhead = lastDueMs > nowMs && nextMs !== undefined && lastDueMs > nextMs;
  const isRetryAhead = retryAtMs !== null && retryAtMs - nowMs > maxSyncRetryDelayMs;
  if (!isAhead && !isRetryAhead) return position;
  return {
    ...position,
    lastDueMs: isAhead ? nowMs : lastDueMs,
    retryAtMs: isRetryAhead ? nowMs : retryAtMs,
  };
}

/** The position after a failed run: each retry waits twice as long, up to `maxSyncAttempts`. */
export function afterFailure(position: SchedulePosition, nowMs: number): SchedulePosition {
  const attempts = position.attempts + 1;
  const delayMs = Math.min(syncRetryDelayMs * 2 ** (attempts - 1), maxSyncRetryDelayMs);
  return { ...position, attempts, retryAtMs: attempts < maxSyncAttempts ? nowMs + delayMs : null };
}

/** The latest due time that is not after `nowMs`. */
function previousDueMs(schedule: SyncSchedule, nowMs: number): number | undefined {
  // A due time in this very second counts.
  return patternOf(schedule)
    .previousRuns(1, new Date(nowMs + 1_000))
    .map((date) => date.getTime())
    .find((timeMs) => timeMs <= nowMs);
}

function patternOf({ cron, timeZone }: SyncSchedule): Cron {
  return new Cron(cron, { timezone: timeZone, paused: true, mode: '5-or-6-parts' });
}
