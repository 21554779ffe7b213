/**
 * What a run would do, stated before it does it, and whether that needs somebody's approval.
 * Counted are contacts that the dataset fills already: first loads, new contacts and newly mapped
 * fields never count. Rows that cannot be used are counted by `rejected-share.ts`.
 */
import {
  isRejectedTooMuch,
  isRejectionCovered,
  type RejectedShare,
  rejectionReason,
} from './rejected-share.ts';

export interface RunPlan {
  /** That the dataset fills now. */
  readonly contactsBefore: number;
  readonly wouldAdd: number;
  /** A value that is there would become another one. */
  readonly wouldChange: number;
  /** A value that is there would go. */
  readonly wouldClear: number;
  /** Their row is gone. */
  readonly wouldVanish: number;
  /** Of `contactsBefore`, 0 to 1: all three of the above. */
  readonly share: number;
  readonly maxShare: number;
  /** Fields that would lose more than half of their values. */
  readonly emptiedFields: readonly EmptiedField[];
  /** `null`: noted by a release that did not say. */
  readonly rejections: RejectedShare | null;
  /** Rows that the last applied run read, where this one reads none. */
  readonly rowsBefore?: number;
  /** Names of files that give no rows, and gave some to the last applied run; missing: none. */
  readonly emptiedFiles?: readonly string[];
}

/** A plan without its rejected rows. */
export type MeasuredChanges = Omit<RunPlan, 'rejections' | 'rowsBefore' | 'emptiedFiles'>;

/** Of a run whose changes are not measured. */
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

/** Why a run must wait, a sentence each; empty: it may go on. */
export function reasonsToWait(plan: RunPlan): readonly string[] {
  const reasons: string[] = [];
  const { contactsBefore, wouldChange, wouldClear, wouldVanish, share, maxShare } = plan;
  if (share > maxShare) {
    reasons.push(
      `${percent(share)} of the ${amount(contactsBefore)} contacts would change or be cleared (${amount(wouldChange)} changed, ` +
        `${amount(wouldClear)} losing a value, ${amount(wouldVanish)} gone from the source); ${percent(maxShare)} may without approval.`,
    );
  }
  if (plan.rowsBefore !== undefined) {
    reasons.push(`The source gives no rows. The last applied run read ${amount(plan.rowsBefore)}.`);
  }
  const emptied = plan.emptiedFiles ?? [];
  if (emptied.length > 0) reasons.push(emptiedReason(emptied));
  for (const { field, before, after } of plan.emptiedFields) {
    reasons.push(`The field ${field} would go from ${amount(before)} values to ${amount(after)}.`);
  }
  const rejections = plan.rejections === null ? undefined : rejectionReason(plan.rejections);
  if (rejections !== undefined) reasons.push(rejections);
  return reasons;
}

const namedFiles = 5;

function emptiedReason(names: readonly string[]): string {
  const shown = names.slice(0, namedFiles).join(', ');
  const more = names.length - namedFiles;
  return names.length === 1
    ? `The file ${shown} gives no rows. The last applied run read some from it.`
    : `${amount(names.length)} files give no rows (${shown}${more > 0 ? ` and ${amount(more)} more` : ''}). The last applied run read some from each.`;
}

/**
 * What the source does between a plan and its approval: it may have moved on a little, not become
 * something else.
 */
const approvalSlack = 0.01;

/** Whether an approval of one plan covers another that was made later. */
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
  const mayBeEmpty = new Set(approved.emptiedFiles);
  return (
    mayReject &&
    (plan.rowsBefore === undefined || approved.rowsBefore !== undefined) &&
    (plan.emptiedFiles ?? []).every((name) => mayBeEmpty.has(name)) &&
    touched(plan) <= touched(approved) + slack &&
    plan.wouldVanish <= approved.wouldVanish + slack &&
    plan.emptiedFields.every(({ field }) => fields.has(field))
  );
}

function percent(share: number): string {
  return `${Math.round(share * 1_000) / 10} %`;
}

function amount(count: number): string {
  return count.toLocaleString('en-US');
}
