/** Lists the tokens of the organization, without their texts. */
import { listTokens as operation } from '@usher/contract/administration-operations';
import { listTokens } from '../../administration/token/tokens.ts';
import { administrationOf, organizationIdOf, pageAnswer } from '../call/admin-call.ts';
import { guardedRoute } from '../guarded-route.ts';

export const listTokensRoute = guardedRoute({
  operation,
  handle: async ({ query, caller, limitHead }, context) => {
    const filter = { includeRevoked: query.include_revoked === true };
    const administration = administrationOf(context, caller);
    const tokens = await listTokens(administration, organizationIdOf(caller), filter);
    return pageAnswer(tokens, ({ id }) => id, { query, limitHead });
  },
});
