/**
 * The limiter's grant log (`USHER_LIMIT_LOG`), for audits of the limit. Each grant is a line
 * `<monotonic ms>,<kind>,<id>,<units>`. All threads append to it: lines of one thread ascend, so
 * sort the whole file. It holds nothing about callers except the organization's id.
 */
import { closeSync, openSync, writeSync } from 'node:fs';
import { type GrantLog, windowNames } from '../domain/rate-limit.ts';

export interface LimitLog {
  readonly log: GrantLog;
  close(): void;
}

/** The longest time before lines are written. */
const flushMs = 500;
/** The most lines that wait: 100,000 grants a second are 5 MB of text. */
const maxWaiting = 10_000;

export function openLimitLog(path: string): LimitLog {
  const file = openSync(path, 'a', 0o600);
  let waiting: string[] = [];
  const flush = () => {
    if (waiting.length > 0) writeSync(file, waiting.join(''));
    waiting = [];
  };
  const timer = setInterval(flush, flushMs);
  timer.unref();
  return {
    log: (timeMs, { key, units }) => {
      const { kind, id } = windowNames(key);
      waiting.push(`${timeMs},${kind},${id},${units}\n`);
      if (waiting.length >= maxWaiting) flush();
    },
    close: () => {
      clearInterval(timer);
      flush();
      closeSync(file);
    },
  };
}
