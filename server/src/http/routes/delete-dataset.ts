/** Removes a dataset that no contact has values of. */
import { deleteDataset as operation } from '@usher/contract/dataset-operations';
import { planRemoval, removeDataset } from '../../administration/dataset/remove-dataset.ts';
import { administrationOf, organizationIdOf } from '../call/admin-call.ts';
import { guardedRoute } from '../guarded-route.ts';

export const deleteDatasetRoute = guardedRoute({
  operation,
  handle: async ({ params, query, caller, limitHead }, context) => {
    const administration = administrationOf(context, caller);
    const organizationId = organizationIdOf(caller);
    const { name } = params;
    const { dataset } = await planRemoval(administration, organizationId, name);
    const { sections } = await context.reader.datasetCounts(organizationId, dataset.id);
    const removal = { name, sections, force: query.force === true };
    await removeDataset(administration, organizationId, removal);
    return { status: 204, head: limitHead, body: '' };
  },
});
