/** Replaces a token with a new one of the same rights, whose text is shown here only. */
import { rotateToken as operation } from '@usher/contract/administration-operations';
import { rotateToken } from '../../administration/token/rotate-token.ts';
import { headLine } from '../answer.ts';
import { administrationOf, organizationIdOf } from '../call/admin-call.ts';
import { withoutUndefined } from '../call/without-undefined.ts';
import { guardedRoute } from '../guarded-route.ts';
import { jsonAnswer } from '../json-answer.ts';

export const rotateTokenRoute = guardedRoute({
  operation,
  handle: async ({ params, body, caller, limitHead }, context) => {
    const { token, text, replaced } = await rotateToken(
      administrationOf(context, caller),
      organizationIdOf(caller),
      { reference: params.ref, ...withoutUndefined({ overlap: body.overlap }) },
    );
    const location = headLine('Location', `/admin/v1/tokens/${token.id}`);
    return jsonAnswer(201, { token: text, ...token, replaced }, location + limitHead);
  },
});
