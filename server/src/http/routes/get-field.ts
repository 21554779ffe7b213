/** Shows one field of the organization. */
import { getField as operation } from '@usher/contract/administration-operations';
import { readField } from '../../administration/fields.ts';
import { administrationOf, organizationIdOf } from '../call/admin-call.ts';
import { guardedRoute } from '../guarded-route.ts';
import { taggedAnswer } from '../json-answer.ts';

export const getFieldRoute = guardedRoute({
  operation,
  handle: async ({ params, caller, headers, limitHead }, context) => {
    const administration = administrationOf(context, caller);
    const field = await readField(administration, organizationIdOf(caller), params.name);
    return taggedAnswer(field, { ifNoneMatch: headers['if-none-match'], head: limitHead });
  },
});
