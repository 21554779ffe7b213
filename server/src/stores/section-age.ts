/**
 * The as-of of a section. Above 0: when it was pushed. 0: the dataset's last run says how fresh it
 * is. Below 0: its row was rejected, and the section keeps its old as-of, which is this number
 * without its sign (minus infinity: an unknown one).
 */

/** Milliseconds since the epoch; `undefined`: unknown. */
export type AsOf = number | undefined;

/** Whether the section keeps its as-of until a valid row of its contact arrives. */
export function keepsAge(ownAsOf: number): boolean {
  return ownAsOf < 0;
}

/** How fresh a section is, from its own as-of and that of the dataset's last finished run. */
export function asOfOf(ownAsOf: number, ofDataset: AsOf): AsOf {
  if (keepsAge(ownAsOf)) return ownAsOf === Number.NEGATIVE_INFINITY ? undefined : -ownAsOf;
  // A dataset may have been synced before it was pushed to, or the other way round.
  const newest = Math.max(ownAsOf, ofDataset ?? 0);
  return newest > 0 ? newest : undefined;
}

/**
 * How old a section was that is not there any more. Runs since then say nothing of it.
 * @param sourceVersion of the run or push that wrote it; 0: unknown
 */
export function asOfEarlier(ownAsOf: number, sourceVersion: bigint): AsOf {
  return asOfOf(ownAsOf, Number(sourceVersion >> 16n));
}

/** The as-of to store so that a section keeps this one from now on. */
export function keptAsOf(asOf: AsOf): number {
  return asOf === undefined ? Number.NEGATIVE_INFINITY : -asOf;
}
