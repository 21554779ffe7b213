/**
 * Ends a session on a database server after its connection was given up. A server that sorts or
 * sleeps does not notice, and would work until its own time limit.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { cancelEveryMs, serverEndMs } from '../limits.ts';

/**
 * Repeats `ask`, because a cancel is lost on a statement that has not begun. Resolves when the
 * session is gone, when the server cannot be asked, or after `serverEndMs`.
 * @param ask tells the server to end the session; returns `true` when it is gone
 */
export async function endOnServer(ask: () => Promise<boolean>): Promise<void> {
  const isLate = new AbortController();
  const late = delay(serverEndMs, undefined, { signal: isLate.signal }).catch(() => undefined);
  let isOver = false;
  const asking = async () => {
    while (!isOver && !(await ask())) await delay(cancelEveryMs);
  };
  try {
    await Promise.race([asking().catch(() => undefined), late]);
  } finally {
    isOver = true;
    isLate.abort();
  }
}
