/** Shows and changes tokens. Only the answer that creates or rotates a token has its text. */
import * as operations from '@usher/contract/administration-operations';
import { rotateToken } from '../../administration/token/rotate-token.ts';
import {
  createToken,
  listTokens,
  readToken,
  revokeToken,
} from '../../administration/token/tokens.ts';
import { givenMembers } from '../../domain/given-members.ts';
import { adminRoute, pageAnswer } from '../admin-route.ts';
import { headLine } from '../answer.ts';
import { jsonAnswer } from '../json-answer.ts';

export const tokenRoutes = [
  adminRoute(operations.listTokens, async (call) => {
    const { administration, organizationId, query } = call;
    const filter = { includeRevoked: query.include_revoked === true };
    const tokens = await listTokens(administration, organizationId, filter);
    return pageAnswer(tokens, ({ id }) => id, call);
  }),

  adminRoute(operations.createToken, async (call) => {
    const { administration, organizationId, body, limitHead } = call;
    const request = givenMembers({
      createdBy: body.created_by,
      name: body.name,
      scopes: body.scopes,
      fields: body.fields,
      identityTypes: body.identity_types,
      addresses: body.addresses,
      maxShare: body.max_share,
      dataset: body.dataset,
      expires: body.expires,
    });
    const { token, text } = await createToken(administration, organizationId, request);
    const location = headLine('Location', `/admin/v1/tokens/${token.id}`);
    return jsonAnswer(201, { token: text, ...token }, location + limitHead);
  }),

  adminRoute(operations.getToken, async (call) => {
    const { administration, organizationId, params, limitHead } = call;
    const token = await readToken(administration, organizationId, params.ref);
    return jsonAnswer(200, token, limitHead);
  }),

  adminRoute(operations.revokeToken, async (call) => {
    const { administration, organizationId, params, limitHead } = call;
    const token = await revokeToken(administration, organizationId, { reference: params.ref });
    return jsonAnswer(200, token, limitHead);
  }),

  adminRoute(operations.rotateToken, async (call) => {
    const { administration, organizationId, params, body, limitHead } = call;
    const request = givenMembers({ reference: params.ref, overlap: body.overlap });
    const rotated = await rotateToken(administration, organizationId, request);
    const { token, text, replaced } = rotated;
    const location = headLine('Location', `/admin/v1/tokens/${token.id}`);
    return jsonAnswer(201, { token: text, ...token, replaced }, location + limitHead);
  }),
];
