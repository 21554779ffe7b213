/** Approves or rejects the plan of a waiting run. */
import { approveRun, rejectRun } from '@usher/contract/dataset-operations';
import { decideRun } from '../../runs/decide-run.ts';
import { administrationOf, organizationIdOf } from '../call/admin-call.ts';
import { guardedRoute } from '../guarded-route.ts';
import { jsonAnswer } from '../json-answer.ts';

export const approveRunRoute = decisionRoute(approveRun, 'approved');
export const rejectRunRoute = decisionRoute(rejectRun, 'rejected');

function decisionRoute(
  operation: typeof approveRun | typeof rejectRun,
  verdict: 'approved' | 'rejected',
) {
  return guardedRoute({
    operation,
    handle: async ({ params, caller, limitHead }, context) => {
      const decision = { runId: params.id, verdict };
      const administration = administrationOf(context, caller);
      const run = await decideRun(administration, organizationIdOf(caller), decision);
      return jsonAnswer(200, run, limitHead);
    },
  });
}
