/** Changes settings of the organization, except the rate limit, which the operator sets. */
import { updateOrganization as operation } from '@usher/contract/administration-operations';
import { updateOrganization } from '../../administration/organizations.ts';
import { administrationOf, organizationIdOf } from '../call/admin-call.ts';
import { withoutUndefined } from '../call/without-undefined.ts';
import { guardedRoute } from '../guarded-route.ts';
import { preconditionOf, taggedAnswer } from '../json-answer.ts';

export const updateOrganizationRoute = guardedRoute({
  operation,
  handle: async ({ body, caller, headers, limitHead }, context) => {
    const settings = withoutUndefined({
      currency: body.currency,
      locale: body.locale,
      timeZone: body.time_zone,
      unknownContactStatus: body.unknown_contact_status,
      tokenPoolMax: body.token_pool_max,
      tokenMaxAgeDays: body.token_max_age_days,
    });
    const changed = await updateOrganization(
      administrationOf(context, caller),
      organizationIdOf(caller),
      withoutUndefined({ settings, precondition: preconditionOf(headers['if-match']) }),
    );
    return taggedAnswer(changed, { ifNoneMatch: undefined, head: limitHead });
  },
});
