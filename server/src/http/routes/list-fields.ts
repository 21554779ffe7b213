/** Lists the fields of the organization, the built-in ones first. */
import { listFields as operation } from '@usher/contract/administration-operations';
import { listFields } from '../../administration/fields.ts';
import { administrationOf, organizationIdOf, pageAnswer } from '../call/admin-call.ts';
import { guardedRoute } from '../guarded-route.ts';

export const listFieldsRoute = guardedRoute({
  operation,
  handle: async ({ query, caller, limitHead }, context) => {
    const fields = await listFields(administrationOf(context, caller), organizationIdOf(caller));
    return pageAnswer(fields, ({ name }) => name, { query, limitHead });
  },
});
