/**
 * How many rows a run rejects, and whether that needs approval. Without approval, a dataset's first
 * run may reject the share `maxRejectedShare` of its definition. Each later run may reject the
 * share that the last applied run rejected, plus `rejectedShareSlack`. Up to `fewRejectedRows`
 * rejected rows never need approval. Rows that are refused because they name an erased person
 * (`contact_suppressed`) count nowhere here: an erasure must not hide that a source went bad.
 */
import type { RejectionCode } from '../errors.ts';
import { fewRejectedRows, rejectedShareSlack } from '../limits.ts';
import type { WaitCause } from './wait-cause.ts';

export interface RejectedShare {
  readonly rowsRead: number;
  /** Without suppressed rows. */
  readonly rejected: number;
  /**
   * Rows that the store refuses because they name an erased person. They are left out of the share.
   * Missing: not measured.
   */
  readonly suppressed?: number;
  /** Rejected rows by code. */
  readonly counts: Readonly<Partial<Record<RejectionCode, number>>>;
  /** The share of the last applied run, 0 to 1; `null`: this is the first run. */
  readonly lastShare: number | null;
  /** The share that needs no approval, 0 to 1. */
  readonly maxShare: number;
}

/** A run with everything that it rejected, suppressed rows too. */
interface CountedRun {
  readonly rowsRead: number;
  readonly rejected: number;
  readonly rejections: RejectedShare['counts'];
}

/** What decides how large a share of its rows a run may reject. */
export interface RejectionMeasure {
  /** `maxRejectedShare` of the definition. */
  readonly firstShare: number;
  /** The last applied run; `undefined`: this is the first one. */
  readonly last: CountedRun | undefined;
  /** Whether runs read only a part of the source, which may be a few rows. */
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

/**
 * The share that the last applied run rejected. If runs are partial and it rejected few rows, at
 * most `firstShare`: one bad row of two is 50 %, which says little about the next run.
 */
function lastShareOf({ last, firstShare, isPartial }: RejectionMeasure): number | null {
  if (last === undefined) return null;
  const suppressed = last.rejections[suppressedCode] ?? 0;
  const rejected = last.rejected - suppressed;
  const share = shareOf({ rowsRead: last.rowsRead, rejected, suppressed });
  return isPartial && rejected <= fewRejectedRows ? Math.min(share, firstShare) : share;
}

export function isRejectedTooMuch(rejected: RejectedShare): boolean {
  return (
    rejected.rejected > fewRejectedRows && shareOf(rejected) > rejected.maxShare + roundingError
  );
}

/**
 * Whether a person who approved one share of rejected rows thereby approved the share that was
 * measured later.
 */
export function isRejectionCovered(now: RejectedShare, approved: RejectedShare | null): boolean {
  if (approved === null || approved.rejected <= fewRejectedRows) return false;
  return shareOf(now) <= shareOf(approved) + rejectedShareSlack + roundingError;
}

/** Why the run must wait; `undefined` if it need not wait. */
export function rejectionCause(rejected: RejectedShare): WaitCause | undefined {
  if (!isRejectedTooMuch(rejected)) return undefined;
  const { rowsRead, suppressed = 0, lastShare, maxShare, counts } = rejected;
  return {
    code: 'rows_rejected',
    ...{ rejected: rejected.rejected, rows: rowsRead - suppressed, share: shareOf(rejected) },
    ...{ last_share: lastShare, max_share: maxShare, counts },
  };
}

type CountedRows = Pick<RejectedShare, 'rowsRead' | 'rejected' | 'suppressed'>;

export function shareOf({ rowsRead, rejected, suppressed = 0 }: CountedRows): number {
  const rows = rowsRead - suppressed;
  return rows <= 0 ? 0 : Math.min(1, rejected / rows);
}

/** The code of rows that name an erased person. */
export const suppressedCode = 'contact_suppressed' satisfies RejectionCode;

/** Shares are sums of floating-point numbers: 0.06 + 0.01 is less than 0.07. */
export const roundingError = 1e-9;
