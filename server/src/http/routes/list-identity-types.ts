/** Lists the identity types of the organization, the built-in ones first. */
import { listIdentityTypes as operation } from '@usher/contract/administration-operations';
import { listIdentityTypes } from '../../administration/identity-types.ts';
import { administrationOf, organizationIdOf, pageAnswer } from '../call/admin-call.ts';
import { guardedRoute } from '../guarded-route.ts';

export const listIdentityTypesRoute = guardedRoute({
  operation,
  handle: async ({ query, caller, limitHead }, context) => {
    const administration = administrationOf(context, caller);
    const types = await listIdentityTypes(administration, organizationIdOf(caller));
    return pageAnswer(types, ({ name }) => name, { query, limitHead });
  },
});
