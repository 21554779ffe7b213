/** Checks a definition: its faults, its changes, and who would notice. */
import { validateDataset as operation } from '@usher/contract/dataset-operations';
import { validateDataset } from '../../administration/dataset/define-dataset.ts';
import { administrationOf, organizationIdOf } from '../call/admin-call.ts';
import { readDatasetChange } from '../call/read-dataset-change.ts';
import { guardedRoute } from '../guarded-route.ts';
import { jsonAnswer } from '../json-answer.ts';

export const validateDatasetRoute = guardedRoute({
  operation,
  handle: async ({ params, body, caller, limitHead }, context) => {
    const administration = administrationOf(context, caller);
    const change = readDatasetChange(body, params.name);
    const tried = await validateDataset(administration, organizationIdOf(caller), change);
    return jsonAnswer(200, tried, limitHead);
  },
});
