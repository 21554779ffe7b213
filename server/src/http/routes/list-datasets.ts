/** Lists the datasets of the organization. */
import { listDatasets as operation } from '@usher/contract/dataset-operations';
import { listDatasets } from '../../administration/dataset/datasets.ts';
import { administrationOf, organizationIdOf, pageAnswer } from '../call/admin-call.ts';
import { guardedRoute } from '../guarded-route.ts';

export const listDatasetsRoute = guardedRoute({
  operation,
  handle: async ({ query, caller, limitHead }, context) => {
    const administration = administrationOf(context, caller);
    const datasets = await listDatasets(administration, organizationIdOf(caller));
    return pageAnswer(datasets, ({ name }) => name, { query, limitHead });
  },
});
