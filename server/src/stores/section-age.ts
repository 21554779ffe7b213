/**
 * What the as-of in a section's directory entry says, and what it says together with its dataset's.
 * Above 0: when the section was pushed. 0: the dataset's last run says it. Below 0: the section
 * keeps the as-of that it has with its sign turned, whatever later runs say, since the contact's
 * row was rejected; minus infinity: it keeps one that nobody knows.
 */

/** Milliseconds since the epoch; `undefined`: nobody knows. */
export type AsOf = number | undefined;

/** Whether the section keeps its as-of until a good row of its contact comes. */
export function keepsAge(ownAsOf: number): boolean {
  return ownAsOf < 0;
}

/**
 * How fresh a section is.
 * @param ownAsOf as its directory entry has it
 * @param ofDataset what the dataset's last finished run said
 */
export function asOfOf(ownAsOf: number, ofDataset: AsOf): AsOf {
  if (keepsAge(ownAsOf)) return ownAsOf === Number.NEGATIVE_INFINITY ? undefined : -ownAsOf;
  // A dataset may have been brought in before it was pushed to, or the other way round.
  const newest = Math.max(ownAsOf, ofDataset ?? 0);
  return newest > 0 ? newest : undefined;
}

/** For the directory entry of a section that keeps its as-of from now on. */
export function keptAsOf(asOf: AsOf): number {
  return asOf === undefined ? Number.NEGATIVE_INFINITY : -asOf;
}
