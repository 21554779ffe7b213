/** Removes an identity type that is no longer used. */
import { deleteIdentityType as operation } from '@usher/contract/administration-operations';
import { deleteIdentityType } from '../../administration/identity-types.ts';
import { administrationOf, organizationIdOf } from '../call/admin-call.ts';
import { guardedRoute } from '../guarded-route.ts';

export const deleteIdentityTypeRoute = guardedRoute({
  operation,
  handle: async ({ params, caller, limitHead }, context) => {
    const administration = administrationOf(context, caller);
    await deleteIdentityType(administration, organizationIdOf(caller), params.name);
    return { status: 204, head: limitHead, body: '' };
  },
});
