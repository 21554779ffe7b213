/** Shows one identity type of the organization. */
import { getIdentityType as operation } from '@usher/contract/administration-operations';
import { listIdentityTypes } from '../../administration/identity-types.ts';
import { administrationOf, organizationIdOf } from '../call/admin-call.ts';
import { guardedRoute } from '../guarded-route.ts';
import { taggedAnswer } from '../json-answer.ts';

export const getIdentityTypeRoute = guardedRoute({
  operation,
  handle: async ({ params, caller, headers, limitHead }, context) => {
    const administration = administrationOf(context, caller);
    const types = await listIdentityTypes(administration, organizationIdOf(caller));
    const type = types.find(({ name }) => name === params.name);
    if (type === undefined) {
      return { code: 'resource_not_found', detail: 'The organization has no such identity type.' };
    }
    return taggedAnswer(type, { ifNoneMatch: headers['if-none-match'], head: limitHead });
  },
});
