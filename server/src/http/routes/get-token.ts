/** Shows the token that a reference names. */
import { getToken as operation } from '@usher/contract/administration-operations';
import { readToken } from '../../administration/token/tokens.ts';
import { administrationOf, organizationIdOf } from '../call/admin-call.ts';
import { guardedRoute } from '../guarded-route.ts';
import { jsonAnswer } from '../json-answer.ts';

export const getTokenRoute = guardedRoute({
  operation,
  handle: async ({ params, caller, limitHead }, context) => {
    const administration = administrationOf(context, caller);
    const token = await readToken(administration, organizationIdOf(caller), params.ref);
    return jsonAnswer(200, token, limitHead);
  },
});
