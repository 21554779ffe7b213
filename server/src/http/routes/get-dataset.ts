/** Shows how a dataset is defined. */
import { getDataset as operation } from '@usher/contract/dataset-operations';
import { readDataset } from '../../administration/dataset/datasets.ts';
import { administrationOf, organizationIdOf } from '../call/admin-call.ts';
import { guardedRoute } from '../guarded-route.ts';
import { taggedAnswer } from '../json-answer.ts';

export const getDatasetRoute = guardedRoute({
  operation,
  handle: async ({ params, headers, caller, limitHead }, context) => {
    const administration = administrationOf(context, caller);
    const dataset = await readDataset(administration, organizationIdOf(caller), params.name);
    return taggedAnswer(dataset, { ifNoneMatch: headers['if-none-match'], head: limitHead });
  },
});
