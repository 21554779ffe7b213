/** Lists the commits of a dataset, the newest first. */
import { listDatasetVersions as operation } from '@usher/contract/dataset-operations';
import { listDatasetVersions } from '../../administration/dataset/datasets.ts';
import { administrationOf, organizationIdOf, pageAnswer } from '../call/admin-call.ts';
import { guardedRoute } from '../guarded-route.ts';

export const listDatasetVersionsRoute = guardedRoute({
  operation,
  handle: async ({ params, query, caller, limitHead }, context) => {
    const administration = administrationOf(context, caller);
    const organizationId = organizationIdOf(caller);
    const versions = await listDatasetVersions(administration, organizationId, params.name);
    return pageAnswer(versions, ({ version }) => String(version), { query, limitHead });
  },
});
