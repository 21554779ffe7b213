/**
 * Cancels work that may miss a single cancel: an interrupt is lost on a statement that has not
 * begun, and a process may ignore a signal. Cancels are repeated until the work has ended.
 */
import { cancelEveryMs } from './limits.ts';

interface EndStep {
  readonly cancel: () => void;
  /** How long to wait for the end of the work before the next step begins; missing: for ever. */
  readonly boundMs?: number;
  /**
   * Whether to call `cancel` only once: for signals, because a second one means more than the
   * first.
   */
  readonly isOnce?: boolean;
}

/**
 * Runs the steps one after the other until `work` has settled. `cancel` may be called once more
 * after `work` has settled.
 * @returns `false` when the work outlived all steps
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
 * Runs `work`, and cancels it repeatedly once the signal fires.
 * @throws the signal's reason, without starting the work, if it has already fired
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
