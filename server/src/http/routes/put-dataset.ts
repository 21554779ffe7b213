/** Creates a dataset or replaces its definition. */
import { putDataset as operation } from '@usher/contract/dataset-operations';
import { readDataset } from '../../administration/dataset/datasets.ts';
import { defineDataset } from '../../administration/dataset/define-dataset.ts';
import { administrationOf, organizationIdOf } from '../call/admin-call.ts';
import { readDatasetChange } from '../call/read-dataset-change.ts';
import { withoutUndefined } from '../call/without-undefined.ts';
import { guardedRoute } from '../guarded-route.ts';
import { preconditionOf, taggedAnswer } from '../json-answer.ts';

export const putDatasetRoute = guardedRoute({
  operation,
  handle: async ({ params, body, headers, caller, limitHead }, context) => {
    const administration = administrationOf(context, caller);
    const organizationId = organizationIdOf(caller);
    const change = readDatasetChange(body, params.name);
    const precondition = preconditionOf(headers['if-match']);
    await defineDataset(administration, organizationId, {
      ...change,
      ...withoutUndefined({ precondition }),
    });
    const dataset = await readDataset(administration, organizationId, params.name);
    return taggedAnswer(dataset, { ifNoneMatch: undefined, head: limitHead });
  },
});
