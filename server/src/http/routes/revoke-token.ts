/** Revokes the token that a reference names; every thread refuses it within a second. */
import { revokeToken as operation } from '@usher/contract/administration-operations';
import { revokeToken } from '../../administration/token/tokens.ts';
import { administrationOf, organizationIdOf } from '../call/admin-call.ts';
import { guardedRoute } from '../guarded-route.ts';
import { jsonAnswer } from '../json-answer.ts';

export const revokeTokenRoute = guardedRoute({
  operation,
  handle: async ({ params, caller, limitHead }, context) => {
    const administration = administrationOf(context, caller);
    const token = await revokeToken(administration, organizationIdOf(caller), {
      reference: params.ref,
    });
    return jsonAnswer(200, token, limitHead);
  },
});
