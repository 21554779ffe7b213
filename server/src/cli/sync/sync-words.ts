/** The output of syncs: what a run would do, what it did, and which command comes next. */
import type { Run } from '../../catalog/catalog.ts';
import { type RunPlan, reasonsToWait } from '../../domain/dataset/run-plan.ts';
import { viewPlan } from '../../runs/view-run.ts';
import type { RollbackReport } from '../../sync/apply/roll-back.ts';
import type { RowCounts } from '../../sync/compare/measure-rows.ts';
import type { SyncReport, SyncTrial } from '../../sync/run-sync.ts';
import {
  amount,
  appliedLines,
  broughtTogetherLines,
  countOf,
  groupLines,
  peopleData,
  rejectionData,
  rejectionLines,
} from '../import/import-words.ts';
import type { SuggestedCommands } from '../suggested-command.ts';

type Suggest = SuggestedCommands['next'];

export function syncData(report: SyncReport, suggest: Suggest) {
  const { runId, dataset, state, plan } = report;
  const { added, changed, unchanged, stale, cleared, unmatched } = report;
  const next = state === 'waiting' ? { approve: suggest('sync', 'approve', runId) } : {};
  return {
    ...{ run_id: runId, dataset, state },
    ...{ rows_read: report.rowsRead, added, changed, unchanged, stale, cleared, unmatched },
    ...rejectionData(report),
    rejections_path: report.rejectionsPath,
    ...peopleData(report),
    plan: plan === null ? null : viewPlan(plan),
    ...next,
  };
}

export function syncWords(report: SyncReport, suggest: Suggest): string {
  return report.state === 'waiting' ? waitingWords(report, suggest) : doneWords(report);
}

function doneWords(report: SyncReport): string {
  const lines = [...appliedLines(report), `run ${report.runId}`];
  return `${report.dataset}: ${lines.join('\n')}`;
}

function waitingWords(report: SyncReport, suggest: Suggest): string {
  const { dataset, runId, plan } = report;
  return [
    `${dataset}: the run stopped before it wrote anything, and waits for approval:`,
    ...(plan === null ? [] : reasonsToWait(plan)).map(indented),
    ...groupLines(plan?.joins ?? null),
    ...rejectionLines(report),
    ...decisionLines(runId, suggest),
  ].join('\n');
}

export function trialData(trial: SyncTrial) {
  return {
    dataset: trial.dataset,
    rows_read: trial.rowsRead,
    plan: trial.plan === null ? null : viewPlan(trial.plan),
    would_also_change: trial.rows?.alsoChanged ?? null,
    would_add_to_known: trial.rows?.ofKnownContacts ?? null,
    ...rejectionData(trial),
  };
}

export function trialWords(trial: SyncTrial): string {
  const { dataset, rowsRead, rejected, plan, rows } = trial;
  const lines = [`${dataset}: ${countOf(rowsRead, 'row')} read, ${amount(rejected)} rejected`];
  if (plan !== null) lines.push(...planLines(plan));
  if (rows !== null) lines.push(...rowLines(rows));
  return [...lines, ...rejectionLines(trial), 'Nothing was written.'].join('\n');
}

/** Rows that the run counts as changed, although the plan does not. */
function rowLines({ alsoChanged, ofKnownContacts }: RowCounts): string[] {
  return [
    ...(alsoChanged === 0
      ? []
      : [
          `The run counts ${countOf(alsoChanged, 'more row')} as changed: they only get a value where they had none, or other identities.`,
        ]),
    ...(ofKnownContacts === 0
      ? []
      : [
          `The run counts ${countOf(ofKnownContacts, 'new row')} of contacts that are known already as changed, not as added.`,
        ]),
  ];
}

/** @param when `then` for a run that ended: what it planned, not what it did */
export function planLines(plan: RunPlan, when: 'now' | 'then' = 'now'): string[] {
  const reasons = reasonsToWait(plan);
  const [would, needs] = when === 'now' ? ['would', 'would wait for'] : ['was to', 'needed'];
  const brings = `${would} bring`;
  const changes =
    `It ${would} add ${countOf(plan.wouldAdd, 'contact')}. Of the ${amount(plan.contactsBefore)} contacts that it ${when === 'now' ? 'fills' : 'filled'}, it ${would} ` +
    `change ${amount(plan.wouldChange)}, remove a value from ${amount(plan.wouldClear)}, and clear ${amount(plan.wouldVanish)} whose row is gone.`;
  // The changes of feeds and of first loads of reference rows are not measured.
  const isMeasured = plan.contactsBefore + plan.wouldAdd > 0;
  const suppressed = plan.rejections?.suppressed ?? 0;
  const refuses = `It ${would} reject ${countOf(suppressed, 'row')} of erased people (contact_suppressed).`;
  return [
    ...(isMeasured ? [changes] : []),
    ...(suppressed > 0 ? [refuses] : []),
    ...(plan.joins == null ? [] : broughtTogetherLines(plan.joins, brings)),
    ...(reasons.length === 0 ? [] : [`It ${needs} approval:`, ...reasons.map(indented)]),
  ];
}

export function rollbackWords(dataset: string, report: RollbackReport, suggest: Suggest): string {
  const lines = [
    `${dataset}: rolled back the run ${report.rolledBackRunId}: ${amount(report.restored)} ${report.unit} restored, ${amount(report.removed)} removed`,
    'The source still has what was rolled back: the next sync applies it again.',
  ];
  if (report.isPaused) {
    lines.push(
      `That is why the schedule is now paused. To resume it: ${suggest('sync', 'resume', dataset)}`,
    );
  }
  return lines.join('\n');
}

/** The state of a run, for people. */
export function stateWords({ state, approvedBy }: Run): string {
  if (state === 'waiting') return approvedBy === null ? 'waits for approval' : 'approved';
  return state.replace('_', ' ');
}

export function decisionLines(runId: string, suggest: Suggest): string[] {
  return [
    `To approve it: ${suggest('sync', 'approve', runId)}`,
    `To reject it: ${suggest('sync', 'reject', runId)}`,
  ];
}

function indented(reason: string): string {
  return `  ${reason}`;
}
