/** Starts a run of a dataset, which continues in its own process after the answer. */
import { startRun } from '@usher/contract/dataset-operations';
import { headLine } from '../answer.ts';
import { administrationOf, organizationIdOf } from '../call/admin-call.ts';
import { guardedRoute } from '../guarded-route.ts';
import { jsonAnswer } from '../json-answer.ts';

export const startRunRoute = guardedRoute({
  operation: startRun,
  handle: async ({ params, caller, limitHead }, context) => {
    const administration = administrationOf(context, caller);
    const organizationId = organizationIdOf(caller);
    const run = await context.runs.start({ administration, organizationId }, params.name);
    const location = headLine('Location', `/admin/v1/runs/${run.run_id}`);
    return jsonAnswer(202, run, location + limitHead);
  },
});
