/** Tries a definition: what is wrong with it, what it would change, who would notice. */
import { validateDataset as operation } from '@usher/contract/dataset-operations';
import { validateDataset } from '../../administration/define-dataset.ts';
import { administrationOf, organizationIdOf } from '../admin-call.ts';
import { guardedRoute } from '../guarded-route.ts';
import { jsonAnswer } from '../json-answer.ts';
import { readDatasetChange } from '../read-dataset-change.ts';

export const validateDatasetRoute = guardedRoute({
  operation,
  handle: async ({ params, body, caller, limitHead }, context) => {
    const administration = administrationOf(context, caller);
    const change = readDatasetChange(body, params.name);
    const tried = await validateDataset(administration, organizationIdOf(caller), change);
    return jsonAnswer(200, tried, limitHead);
  },
});
