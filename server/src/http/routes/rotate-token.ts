/** Replaces the token that a reference names with a new one of the same rights, which is shown here only. */
import { rotateToken as operation } from '@usher/contract/administration-operations';
import { rotateToken } from '../../administration/rotate-token.ts';
import { administrationOf, organizationIdOf } from '../admin-call.ts';
import { headLine } from '../answer.ts';
import { guardedRoute } from '../guarded-route.ts';
import { jsonAnswer } from '../json-answer.ts';
import { withoutUndefined } from '../without-undefined.ts';

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
