/** Lists the runs of a dataset, the newest first. */
import { listDatasetRuns as operation } from '@usher/contract/dataset-operations';
import { listDatasetRuns } from '../../runs/read-runs.ts';
import { administrationOf, organizationIdOf } from '../call/admin-call.ts';
import { guardedRoute } from '../guarded-route.ts';
import { jsonAnswer } from '../json-answer.ts';
import { pageSize } from '../limits.ts';

export const listDatasetRunsRoute = guardedRoute({
  operation,
  handle: async ({ params, query, caller, limitHead }, context) => {
    const administration = administrationOf(context, caller);
    const { limit = pageSize.default, cursor } = query;
    const afterId = cursor === undefined ? undefined : Buffer.from(cursor, 'base64url').toString();
    const page = { name: params.name, afterId, limit: limit + 1 };
    const runs = await listDatasetRuns(administration, organizationIdOf(caller), page);
    const data = runs.slice(0, limit);
    const last = runs.length > limit ? data.at(-1) : undefined;
    const next = last === undefined ? null : Buffer.from(last.run_id).toString('base64url');
    return jsonAnswer(200, { data, next_cursor: next }, limitHead);
  },
});
