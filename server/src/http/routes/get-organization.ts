/** Shows the organization of the calling token, with its settings. */
import { getOrganization as operation } from '@usher/contract/administration-operations';
import { readOrganization } from '../../administration/organizations.ts';
import { administrationOf, organizationIdOf } from '../call/admin-call.ts';
import { guardedRoute } from '../guarded-route.ts';
import { taggedAnswer } from '../json-answer.ts';

export const getOrganizationRoute = guardedRoute({
  operation,
  handle: async ({ caller, headers, limitHead }, context) => {
    const administration = administrationOf(context, caller);
    const organization = await readOrganization(administration, organizationIdOf(caller));
    return taggedAnswer(organization, { ifNoneMatch: headers['if-none-match'], head: limitHead });
  },
});
