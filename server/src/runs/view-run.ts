/** A run and its plan as the API and the command line show them. */
import { rfc3339 } from '../administration/administration.ts';
import type { Run } from '../catalog/catalog.ts';
import { type JoinedShare, joinedShareOf } from '../domain/dataset/joined-share.ts';
import { type PeopleCounts, warningsOf } from '../domain/dataset/people-counts.ts';
import { type RejectedShare, shareOf } from '../domain/dataset/rejected-share.ts';
import { causesToWait, type RunPlan, reasonsToWait } from '../domain/dataset/run-plan.ts';

export type RunView = ReturnType<typeof viewRun>;

export function viewRun(run: Run, dataset: string) {
  const { added, changed, unchanged, stale, cleared, rejected, bytes, plan } = run;
  return {
    run_id: run.id,
    dataset,
    kind: run.kind,
    trigger: run.trigger,
    state: run.state,
    definition_version: run.definitionVersion,
    started_at: rfc3339(run.startedAtMs),
    ended_at: run.endedAtMs === null ? null : rfc3339(run.endedAtMs),
    rows_read: run.rowsRead,
    ...{ added, changed, unchanged, stale, cleared, rejected, rejections: run.rejections, bytes },
    ...viewPeople(run.people),
    error: run.errorCode === null ? null : { code: run.errorCode, detail: run.errorDetail },
    progress: progressOf(run),
    plan: plan === null ? null : viewPlan(plan),
    approved_by: run.approvedBy,
    approval_of: run.approvalOf,
  };
}

/** How far a run is, or how far it came if it broke off. */
function progressOf({ state, progress }: Run): Run['progress'] {
  return state === 'running' || state === 'interrupted' || state === 'failed' ? progress : null;
}

export function viewPeople(people: PeopleCounts) {
  const { joined, parted, moved, released, refusedClaims } = people;
  return {
    ...{ joined, parted, moved, released },
    refused_claims: refusedClaims,
    warnings: warningsOf(people),
  };
}

export function viewPlan(plan: RunPlan) {
  return {
    contacts_before: plan.contactsBefore,
    would_add: plan.wouldAdd,
    would_change: plan.wouldChange,
    would_clear: plan.wouldClear,
    would_vanish: plan.wouldVanish,
    share: plan.share,
    max_share: plan.maxShare,
    emptied_fields: plan.emptiedFields,
    field_losses: plan.fieldLosses ?? [],
    rejections: plan.rejections === null ? null : viewRejections(plan.rejections),
    joins: plan.joins == null ? null : viewJoins(plan.joins),
    reasons: reasonsToWait(plan),
    causes: causesToWait(plan),
  };
}

export function viewJoins(joins: JoinedShare) {
  return {
    contacts: joins.contacts,
    contacts_named: joins.named,
    share: joinedShareOf(joins),
    max_share: joins.maxShare,
    identity_types: joins.identityTypes,
    largest_groups: joins.largest.map(({ contacts, rows, identityTypes }) => {
      return { contacts, rows, identity_types: identityTypes };
    }),
  };
}

function viewRejections(rejected: RejectedShare) {
  return {
    rows_read: rejected.rowsRead,
    rejected: rejected.rejected,
    suppressed: rejected.suppressed ?? null,
    counts: rejected.counts,
    share: shareOf(rejected),
    last_share: rejected.lastShare,
    max_share: rejected.maxShare,
  };
}
