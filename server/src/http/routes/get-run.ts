/** Shows a run and what it did or would do. */
import { getRun as operation } from '@usher/contract/dataset-operations';
import { readRun } from '../../runs/read-runs.ts';
import { administrationOf, organizationIdOf } from '../call/admin-call.ts';
import { guardedRoute } from '../guarded-route.ts';
import { jsonAnswer } from '../json-answer.ts';

export const getRunRoute = guardedRoute({
  operation,
  handle: async ({ params, caller, limitHead }, context) => {
    const administration = administrationOf(context, caller);
    const run = await readRun(administration, organizationIdOf(caller), params.id);
    return jsonAnswer(200, run, limitHead);
  },
});
