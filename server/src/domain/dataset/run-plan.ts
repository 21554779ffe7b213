/**
 * The plan of a run: what it would change, and whether that needs approval. Of values, only changes
 * of contacts that the dataset filled before the run count. So new contacts and newly mapped fields
 * never need approval, unless they join existing contacts (`joined-share.ts`).
 */
import { approvalSlack } from '../limits.ts';
import { areJoinsCovered, isJoinedTooMuch, type JoinedShare, joinCause } from './joined-share.ts';
import {
  isRejectedTooMuch,
  isRejectionCovered,
  type RejectedShare,
  rejectionCause,
} from './rejected-share.ts';
import { reasonOf, type WaitCause } from './wait-cause.ts';

export interface RunPlan {
  /** Contacts that the dataset fills before the run. */
  readonly contactsBefore: number;
  readonly wouldAdd: number;
  /** Contacts with a value that would change. */
  readonly wouldChange: number;
  /** Contacts that would lose a value. */
  readonly wouldClear: number;
  /** Contacts whose row is no longer in the source. */
  readonly wouldVanish: number;
  /** The sum of the three counts above, as a share of `contactsBefore`: 0 to 1. */
  readonly share: number;
  readonly maxShare: number;
  /** Fields that would lose more than half of their values. */
  readonly emptiedFields: readonly EmptiedField[];
  /** The fields that would lose the largest share of their values. Early plans have none. */
  readonly fieldLosses?: readonly EmptiedField[];
  /** A few contacts, until the run is decided or anybody is erased. Early plans have none. */
  readonly examples?: readonly PlanExample[];
  /** `null` in plans of early releases. */
  readonly rejections: RejectedShare | null;
  /** How many rows the last applied run read. Set only if this run read none. */
  readonly rowsBefore?: number;
  /** Files that have no rows, but had some in the last applied run. */
  readonly emptiedFiles?: readonly string[];
  /** Missing in plans of early releases. `null`: the run joins nothing, or was not measured. */
  readonly joins?: JoinedShare | null;
}

/** What a run would do to one contact. It holds no value. */
export interface PlanExample {
  /** In hexadecimal. */
  readonly contactId: string;
  /** The first field that would change or be emptied; `null`: the row is gone. */
  readonly field: string | null;
  readonly effect: 'changed' | 'cleared' | 'gone';
}

/** The part of a plan that is measured against the stored contacts. */
export type MeasuredChanges = Omit<RunPlan, 'rejections' | 'rowsBefore' | 'emptiedFiles' | 'joins'>;

/** The plan of a run whose changes are not measured. */
export const unmeasuredChanges: MeasuredChanges = {
  ...{ contactsBefore: 0, wouldAdd: 0, wouldChange: 0, wouldClear: 0, wouldVanish: 0 },
  ...{ share: 0, maxShare: 1, emptiedFields: [] },
};

export interface EmptiedField {
  readonly field: string;
  /** Contacts with a value. */
  readonly before: number;
  readonly after: number;
}

/** Examples are for who decides, and name contacts. */
export function withoutExamples({ examples: _, ...plan }: RunPlan): RunPlan {
  return plan;
}

/** Why the run must wait. Empty if it need not wait. */
export function causesToWait(plan: RunPlan): readonly WaitCause[] {
  const { rowsBefore, rejections, joins, emptiedFiles: emptied = [] } = plan;
  return [
    ...changeCauses(plan),
    ...(rowsBefore === undefined
      ? []
      : [{ code: 'source_empty', rows_before: rowsBefore } as const]),
    ...(emptied.length === 0
      ? []
      : [
          {
            code: 'files_empty',
            files: emptied.slice(0, namedFiles),
            count: emptied.length,
          } as const,
        ]),
    ...plan.emptiedFields.map((field) => ({ code: 'field_emptied', ...field }) as const),
    ...causesOfRows(rejections, joins ?? null),
  ];
}

const namedFiles = 5;

function changeCauses(plan: RunPlan): WaitCause[] {
  const { contactsBefore, wouldChange, wouldClear, wouldVanish, share, maxShare } = plan;
  if (share <= maxShare) return [];
  return [
    {
      code: 'contacts_change',
      contacts_before: contactsBefore,
      ...{ would_change: wouldChange, would_clear: wouldClear, would_vanish: wouldVanish },
      ...{ share, max_share: maxShare },
    },
  ];
}

/** The causes that imports know, too. */
export function causesOfRows(
  rejected: RejectedShare | null,
  joins: JoinedShare | null,
): readonly WaitCause[] {
  const causes = [
    rejected === null ? undefined : rejectionCause(rejected),
    joins === null ? undefined : joinCause(joins),
  ];
  return causes.filter((cause) => cause !== undefined);
}

/** The same as a sentence for each cause. */
export function reasonsToWait(plan: RunPlan): readonly string[] {
  return causesToWait(plan).map((cause) => reasonOf(cause));
}

/** Whether the approval of one plan covers a later plan. */
export function isCoveredBy(plan: RunPlan, approved: RunPlan): boolean {
  const touched = ({ wouldChange, wouldClear, wouldVanish }: RunPlan) =>
    wouldChange + wouldClear + wouldVanish;
  const slack = Math.max(1, Math.floor(approved.contactsBefore * approvalSlack));
  const fields = new Set(approved.emptiedFields.map(({ field }) => field));
  const { rejections } = plan;
  const mayReject =
    rejections === null ||
    !isRejectedTooMuch(rejections) ||
    isRejectionCovered(rejections, approved.rejections);
  const mayJoin =
    plan.joins == null ||
    !isJoinedTooMuch(plan.joins) ||
    areJoinsCovered(plan.joins, approved.joins ?? null);
  const mayBeEmpty = new Set(approved.emptiedFiles);
  return (
    mayReject &&
    mayJoin &&
    (plan.rowsBefore === undefined || approved.rowsBefore !== undefined) &&
    (plan.emptiedFiles ?? []).every((name) => mayBeEmpty.has(name)) &&
    touched(plan) <= touched(approved) + slack &&
    plan.wouldVanish <= approved.wouldVanish + slack &&
    plan.emptiedFields.every(({ field }) => fields.has(field))
  );
}
