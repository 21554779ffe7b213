/**
 * A lock in shared memory for sections of well under a microsecond. The word holds the holder's
 * number, so that the supervisor can free what a thread held when it died.
 */

const free = 0;

/** Spins before sleeping: about 20 us, a hundred times what a section takes. */
const spins = 2_000;

/** Sleeps of 1 ms before giving up: a dead holder is freed within a second by the supervisor. */
const maxSleeps = 2_000;

/**
 * Takes the lock.
 * @param holder above 0, unique among the threads of the process
 * @returns whether it was taken; `false` only after about 2 s, when its holder is dead and nobody
 *   freed it
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
 * Takes the lock over from a thread known to be dead, or without waiting when `from` is 0; `false`:
 * not held by `from`.
 */
export function seizeLock(
  words: Int32Array,
  index: number,
  change: { readonly from: number; readonly to: number },
): boolean {
  return Atomics.compareExchange(words, index, change.from, change.to) === change.from;
}
