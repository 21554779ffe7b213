/** Adds an identity type to the organization. */
import { createIdentityType as operation } from '@usher/contract/administration-operations';
import { createIdentityType } from '../../administration/identity-types.ts';
import { headLine } from '../answer.ts';
import { administrationOf, organizationIdOf } from '../call/admin-call.ts';
import { withoutUndefined } from '../call/without-undefined.ts';
import { guardedRoute } from '../guarded-route.ts';
import { jsonAnswer } from '../json-answer.ts';

export const createIdentityTypeRoute = guardedRoute({
  operation,
  handle: async ({ body, caller, limitHead }, context) => {
    const { name, normalisation } = body;
    const type = await createIdentityType(
      administrationOf(context, caller),
      organizationIdOf(caller),
      { name, ...withoutUndefined({ normalisation }) },
    );
    const location = headLine('Location', `/admin/v1/identity-types/${type.name}`);
    return jsonAnswer(201, type, location + limitHead);
  },
});
