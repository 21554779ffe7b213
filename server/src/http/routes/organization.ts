/** Shows the organization of the calling token, and changes its settings. */
import * as operations from '@usher/contract/administration-operations';
import { readOrganization, updateOrganization } from '../../administration/organizations.ts';
import { givenMembers } from '../../domain/given-members.ts';
import { adminRoute } from '../admin-route.ts';
import { taggedAnswer } from '../json-answer.ts';

export const organizationRoutes = [
  adminRoute(operations.getOrganization, async (call) => {
    const organization = await readOrganization(call.administration, call.organizationId);
    return taggedAnswer(organization, call);
  }),

  adminRoute(operations.updateOrganization, async (call) => {
    const { administration, organizationId, body, precondition } = call;
    const settings = givenMembers({
      currency: body.currency,
      locale: body.locale,
      timeZone: body.time_zone,
      unknownContactStatus: body.unknown_contact_status,
      tokenPoolMax: body.token_pool_max,
      tokenMaxAgeDays: body.token_max_age_days,
      separateApproval: body.separate_approval,
      trust: body.trust,
    });
    const update = givenMembers({ settings, precondition });
    return taggedAnswer(await updateOrganization(administration, organizationId, update), call);
  }),
];
