/**
 * Ends work that may miss being told once: a statement that is queued but has not begun does not
 * see an interrupt, and a process may not heed a signal. A cancel is repeated until the work has
 * settled, and work that outlives it meets the next, stronger one.
 */
import { cancelEveryMs } from './limits.ts';

interface EndStep {
  readonly cancel: () => void;
  /**
   * How long the work may take to end before the next step; without a bound as long as it takes.
   */
  readonly boundMs?: number;
  /** Where a second call would mean more than the first, as it does with signals. */
  readonly isOnce?: boolean;
}

/**
 * Cancels `work` step by step until it has settled, whichever way. Work that has ended may be
 * cancelled once more.
 * @returns `false` when it has outlived all steps
 */
export async function endWork(work: Promise<unknown>, steps: readonly EndStep[]): Promise<boolean> {
  let isSettled = false;
  const note = () => {
    isSettled = true;
  };
  const settled = work.then(note, note);
  for (const step of steps) {
    if (!isSettled) await cancelUntil(settled, step);
  }
  return isSettled;
}

async function cancelUntil(settled: Promise<void>, step: EndStep): Promise<void> {
  const { cancel, boundMs, isOnce = false } = step;
  const late = Promise.withResolvers<void>();
  const bound = boundMs === undefined ? undefined : setTimeout(late.resolve, boundMs);
  const again = isOnce ? undefined : setInterval(cancel, cancelEveryMs);
  try {
    cancel();
    await Promise.race([settled, late.promise]);
  } finally {
    clearTimeout(bound);
    clearInterval(again);
  }
}

interface Cancelling {
  readonly signal: AbortSignal;
  readonly cancel: () => void;
}

/**
 * The same as `work`, cancelled as often as it takes once the signal fires. Where it has fired
 * before, the work does not begin.
 * @throws the signal's reason, where it had fired before
 */
export async function untilAborted<T>(
  work: () => Promise<T>,
  { signal, cancel }: Cancelling,
): Promise<T> {
  signal.throwIfAborted();
  const running = work();
  const end = () => void endWork(running, [{ cancel }]);
  signal.addEventListener('abort', end, { once: true });
  try {
    return await running;
  } finally {
    signal.removeEventListener('abort', end);
  }
}
