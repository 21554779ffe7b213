/**
 * How many of a run's rows cannot be used, and whether that is too much to go on without approval:
 * the first run of a dataset is measured by the dataset's own share, each later one by the last run
 * that was applied.
 */
import type { RejectionCode } from '../errors.ts';
import { fewRejectedRows, rejectedShareSlack } from '../limits.ts';

export interface RejectedShare {
  readonly rowsRead: number;
  readonly rejected: number;
  /** Rejected rows by code. */
  readonly counts: Readonly<Partial<Record<RejectionCode, number>>>;
  /** Of the last applied run, 0 to 1; `null`: this is the first one. */
  readonly lastShare: number | null;
  /** That may be rejected without approval, 0 to 1. */
  readonly maxShare: number;
}

/** What a run of a dataset is compared with. */
export interface RejectionMeasure {
  /** The dataset's `max_rejected_share`. */
  readonly firstShare: number;
  /** The last applied run; `undefined`: this is the first one. */
  readonly last: { readonly rowsRead: number; readonly rejected: number } | undefined;
  /** Whether runs read a part of the source only, which may be a few rows. */
  readonly isPartial: boolean;
}

export function measureRejected(
  found: Pick<RejectedShare, 'rowsRead' | 'rejected' | 'counts'>,
  measure: RejectionMeasure,
): RejectedShare {
  const lastShare = lastShareOf(measure);
  const maxShare =
    lastShare === null ? measure.firstShare : Math.min(1, lastShare + rejectedShareSlack);
  return { ...found, lastShare, maxShare };
}

/** One bad row of two says nothing of the next thousand. */
function lastShareOf({ last, firstShare, isPartial }: RejectionMeasure): number | null {
  if (last === undefined) return null;
  const share = shareOf(last);
  return isPartial && last.rejected <= fewRejectedRows ? Math.min(share, firstShare) : share;
}

export function isRejectedTooMuch(rejected: RejectedShare): boolean {
  return (
    rejected.rejected > fewRejectedRows && shareOf(rejected) > rejected.maxShare + roundingError
  );
}

/** Whether an approval of one share covers another that was measured later. */
export function isRejectionCovered(now: RejectedShare, approved: RejectedShare | null): boolean {
  if (approved === null || approved.rejected <= fewRejectedRows) return false;
  return shareOf(now) <= shareOf(approved) + rejectedShareSlack + roundingError;
}

/** Why a run must wait; `undefined`: it may go on. */
export function rejectionReason(rejected: RejectedShare): string | undefined {
  if (!isRejectedTooMuch(rejected)) return undefined;
  const { rowsRead, lastShare, maxShare, counts } = rejected;
  const codes = Object.entries(counts).map(([code, count]) => `${code} ${amount(count)}`);
  const allowed =
    lastShare === null
      ? `${percent(maxShare)} may be on a first run without approval`
      : `the last applied run rejected ${percent(lastShare)}, and ${percent(maxShare)} may be without approval`;
  return (
    `${amount(rejected.rejected)} of ${amount(rowsRead)} rows (${percent(shareOf(rejected))}) would be rejected ` +
    `(${codes.join(', ')}); ${allowed}.`
  );
}

export function shareOf({
  rowsRead,
  rejected,
}: Pick<RejectedShare, 'rowsRead' | 'rejected'>): number {
  return rowsRead === 0 ? 0 : Math.min(1, rejected / rowsRead);
}

/** Of sums of shares: 0.06 + 0.01 is less than 0.07. */
const roundingError = 1e-9;

function percent(share: number): string {
  return `${Math.round(share * 1_000) / 10} %`;
}

function amount(count: number): string {
  return count.toLocaleString('en-US');
}
