/**
 * A lock in shared memory, for sections that take less than a microsecond. It is a word with the
 * number of the thread that holds it, so that the supervisor can free the lock of a dead thread.
 */

const free = 0;

/** Tries before sleeping: about 20 us, a hundred times as long as a section. */
const spins = 2_000;

/** Sleeps of 1 ms before giving up. The supervisor frees a dead holder's lock within a second. */
const maxSleeps = 2_000;

/**
 * Takes the lock.
 * @param holder this thread's number: above 0, unique in the process
 * @returns `false` after about 2 s, when the holder is dead and nobody freed the lock
 */
export function takeLock(words: Int32Array, index: number, holder: number): boolean {
  for (let spin = 0; spin < spins; spin += 1) {
    if (Atomics.compareExchange(words, index, free, holder) === free) return true;
  }
  for (let sleep = 0; sleep < maxSleeps; sleep += 1) {
    const current = Atomics.compareExchange(words, index, free, holder);
    if (current === free) return true;
    Atomics.wait(words, index, current, 1);
  }
  return false;
}

export function releaseLock(words: Int32Array, index: number): void {
  Atomics.store(words, index, free);
}

/**
 * Takes the lock from a dead thread, or with `from: 0` a free lock, without waiting.
 * @returns `false` if `from` did not hold it
 */
export function seizeLock(
  words: Int32Array,
  index: number,
  change: { readonly from: number; readonly to: number },
): boolean {
  return Atomics.compareExchange(words, index, change.from, change.to) === change.from;
}
