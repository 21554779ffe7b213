/** Rolls back the last run of a dataset. Answers when all contacts have their old values. */
import { rollBackRun } from '@usher/contract/dataset-operations';
import { rollBackLastRun } from '../../runs/roll-back-run.ts';
import { administrationOf, organizationIdOf } from '../call/admin-call.ts';
import { guardedRoute } from '../guarded-route.ts';
import { jsonAnswer } from '../json-answer.ts';

export const rollBackRunRoute = guardedRoute({
  operation: rollBackRun,
  handle: async ({ params, caller, limitHead }, context) => {
    const administration = administrationOf(context, caller);
    const organizationId = organizationIdOf(caller);
    const { reader, runs } = context;
    const { dataFolder, interrupted } = runs;
    const parts = { dataFolder, interrupted, reader, writer: await context.writer() };
    const run = await rollBackLastRun({ administration, organizationId }, parts, params.id);
    return jsonAnswer(200, run, limitHead);
  },
});
