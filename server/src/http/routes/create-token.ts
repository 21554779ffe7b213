/** Creates a token. Its text is shown in this answer only. */
import { createToken as operation } from '@usher/contract/administration-operations';
import { createToken } from '../../administration/token/tokens.ts';
import { headLine } from '../answer.ts';
import { administrationOf, organizationIdOf } from '../call/admin-call.ts';
import { withoutUndefined } from '../call/without-undefined.ts';
import { guardedRoute } from '../guarded-route.ts';
import { jsonAnswer } from '../json-answer.ts';

export const createTokenRoute = guardedRoute({
  operation,
  handle: async ({ body, caller, limitHead }, context) => {
    const { token, text } = await createToken(
      administrationOf(context, caller),
      organizationIdOf(caller),
      {
        createdBy: body.created_by,
        ...withoutUndefined({
          name: body.name,
          scopes: body.scopes,
          fields: body.fields,
          identityTypes: body.identity_types,
          addresses: body.addresses,
          maxShare: body.max_share,
          dataset: body.dataset,
          expires: body.expires,
        }),
      },
    );
    const location = headLine('Location', `/admin/v1/tokens/${token.id}`);
    return jsonAnswer(201, { token: text, ...token }, location + limitHead);
  },
});
