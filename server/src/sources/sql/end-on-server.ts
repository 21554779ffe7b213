/**
 * Ends what a database server still works on for a connection that we have given up. A server that
 * sorts or sleeps does not see that its client is gone, and would go on until its own time limit.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { cancelEveryMs, serverEndMs } from '../limits.ts';

/**
 * Asks again and again, since a statement that has not begun may miss being cancelled.
 * Resolves when the server has ended it, cannot be asked, or `serverEndMs` is over.
 * @param ask tells the server to end the session; `true`: it is gone
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
