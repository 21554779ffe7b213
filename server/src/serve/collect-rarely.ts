/** Tells V8 to look for garbage among old objects rarely, and with one thread among new ones. */
import { setFlagsFromString } from 'node:v8';

/** Each version of V8 may have other ones. */
export const collectorOptions = [
  '--heap-growing-percent=100',
  '--incremental-marking-soft-trigger=80',
  '--incremental-marking-hard-trigger=95',
  '--no-memory-reducer',
  '--no-parallel-scavenge',
] as const;

/**
 * Call it before threads are started. Marking the 25 MB of old objects of a look-up thread takes 30
 * to 50 ms of V8's helpers, and then 3 to 11 ms of its own. Where they share a core, look-ups wait
 * up to 80 ms. By default V8 marks every 5 to 15 s, though little has become old: it begins when
 * what is left of its limit is less than the space for new objects. With these options the limit is
 * twice the old objects, and V8 begins when four fifths of the rest are used. In a minute of full
 * load it did not begin.
 *
 * New objects take one thread 0.3 ms. With four, those of the writer delay look-ups, because
 * helpers have no low priority.
 */
export function collectRarely(): void {
  for (const option of collectorOptions) setFlagsFromString(option);
}
