/**
 * The limiter's grant log (`USHER_LIMIT_LOG`), for audits of the limit: one line a grant,
 * `<monotonic ms>,<kind>,<id>,<units>`, appended by every thread, so that lines of one thread
 * ascend and those of several are to be sorted. Nothing of a caller is in it but the organization's
 * id.
 */
import { closeSync, openSync, writeSync } from 'node:fs';
import { type GrantLog, windowNames } from '../domain/rate-limit.ts';

export interface LimitLog {
  readonly log: GrantLog;
  close(): void;
}

/** Lines are written at least so often. */
const flushMs = 500;
/** Or when so many wait: 100,000 grants a second are 5 MB of text. */
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
