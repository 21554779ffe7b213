/**
 * What syncs say, to people and to machines: what a run would do, what it did, and what to do next.
 */

import type { Run } from '../../catalog/catalog.ts';
import { type RunPlan, reasonsToWait } from '../../domain/dataset/run-plan.ts';
import { viewPlan } from '../../runs/view-run.ts';
import type { RollbackReport } from '../../sync/apply/roll-back.ts';
import type { SyncReport, SyncTrial } from '../../sync/run-sync.ts';
import { amount, countOf, rejectionData, rejectionLines } from '../import/import-words.ts';
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
    plan: plan === null ? null : viewPlan(plan),
    ...next,
  };
}

export function syncWords(report: SyncReport, suggest: Suggest): string {
  return report.state === 'waiting' ? waitingWords(report, suggest) : doneWords(report);
}

function doneWords(report: SyncReport): string {
  const counts = [
    `${amount(report.added)} added`,
    `${amount(report.changed)} changed`,
    `${amount(report.unchanged)} unchanged`,
    `${amount(report.cleared)} cleared`,
    `${amount(report.rejected)} rejected`,
    ...(report.unmatched > 0 ? [`${amount(report.unmatched)} of no known contact`] : []),
  ];
  const lines = [
    `${report.dataset}: ${countOf(report.rowsRead, 'row')} read: ${counts.join(', ')}`,
  ];
  if (report.stale > 0) {
    lines.push(`${amount(report.stale)} of the rows changed nothing: something newer was there`);
  }
  if (report.clearsWithheld) {
    lines.push(
      'Nothing was cleared: rows that cannot be read may name contacts that are still there.',
    );
  }
  lines.push(...rejectionLines(report));
  if (report.rejectionsPath !== null) lines.push(`all rejected rows: ${report.rejectionsPath}`);
  lines.push(`run ${report.runId}`);
  return lines.join('\n');
}

function waitingWords(report: SyncReport, suggest: Suggest): string {
  const { dataset, runId, plan } = report;
  return [
    `${dataset}: stopped before anything was written. The run waits for approval:`,
    ...(plan === null ? [] : reasonsToWait(plan)).map(indented),
    ...rejectionLines(report),
    ...(report.rejectionsPath === null ? [] : [`all rejected rows: ${report.rejectionsPath}`]),
    ...decisionLines(runId, suggest),
  ].join('\n');
}

export function trialData(trial: SyncTrial) {
  return {
    dataset: trial.dataset,
    rows_read: trial.rowsRead,
    plan: trial.plan === null ? null : viewPlan(trial.plan),
    ...rejectionData(trial),
  };
}

export function trialWords(trial: SyncTrial): string {
  const { dataset, rowsRead, rejected, plan } = trial;
  const lines = [`${dataset}: ${countOf(rowsRead, 'row')} read, ${amount(rejected)} rejected`];
  if (plan !== null) lines.push(...planLines(plan));
  return [...lines, ...rejectionLines(trial), 'Nothing was written.'].join('\n');
}

/** @param when of a run that ended: what it would do then, which may differ from what it did */
export function planLines(plan: RunPlan, when: 'now' | 'then' = 'now'): string[] {
  const reasons = reasonsToWait(plan);
  const [verb, need] = when === 'now' ? ['would', 'would wait for'] : ['was to', 'needed'];
  const changes =
    `Of ${amount(plan.contactsBefore)} contacts it ${verb} change ${amount(plan.wouldChange)}, ` +
    `take a value from ${amount(plan.wouldClear)}, clear ${amount(plan.wouldVanish)} whose row is gone; and add ${amount(plan.wouldAdd)}.`;
  // Feeds and first loads of reference rows are not measured.
  const isMeasured = plan.contactsBefore + plan.wouldAdd > 0;
  return [
    ...(isMeasured ? [changes] : []),
    ...(reasons.length === 0 ? [] : [`It ${need} approval:`, ...reasons.map(indented)]),
  ];
}

export function rollbackWords(dataset: string, report: RollbackReport, suggest: Suggest): string {
  const lines = [
    `${dataset}: the run ${report.rolledBackRunId} is taken back: ${amount(report.restored)} ${report.unit} restored, ${amount(report.removed)} removed`,
    'The source still says what was taken back: the next sync brings it in again.',
  ];
  if (report.isPaused) {
    lines.push(`So the schedule is paused: ${suggest('sync', 'resume', dataset)}`);
  }
  return lines.join('\n');
}

/** What a run is to a reader of the list. */
export function stateWords({ state, approvedBy }: Run): string {
  if (state === 'waiting') return approvedBy === null ? 'waits for approval' : 'approved';
  return state.replace('_', ' ');
}

export function decisionLines(runId: string, suggest: Suggest): string[] {
  return [
    `To let it: ${suggest('sync', 'approve', runId)}`,
    `To refuse: ${suggest('sync', 'reject', runId)}`,
  ];
}

function indented(reason: string): string {
  return `  ${reason}`;
}
