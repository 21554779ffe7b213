/** Approves or rejects the plan of a waiting run. */
import { approveRun, rejectRun } from '@usher/contract/dataset-operations';
import { decideRun } from '../../runs/decide-run.ts';
import { administrationOf, organizationIdOf } from '../call/admin-call.ts';
import { guardedRoute } from '../guarded-route.ts';
import { jsonAnswer } from '../json-answer.ts';

export const approveRunRoute = guardedRoute({
  operation: approveRun,
  handle: async ({ params, caller, limitHead }, context) => {
    const decision = { runId: params.id, verdict: 'approved' } as const;
    const administration = administrationOf(context, caller);
    const run = await decideRun(administration, organizationIdOf(caller), decision);
    return jsonAnswer(200, run, limitHead);
  },
});

export const rejectRunRoute = guardedRoute({
  operation: rejectRun,
  handle: async ({ params, caller, limitHead }, context) => {
    const decision = { runId: params.id, verdict: 'rejected' } as const;
    const administration = administrationOf(context, caller);
    const run = await decideRun(administration, organizationIdOf(caller), decision);
    return jsonAnswer(200, run, limitHead);
  },
});
