/** Explains a contact. The identity is in the body. */
import { explainEverything as operation } from '@usher/contract/contact-operations';
import { explainEverything } from '../../explain/explain-everything.ts';
import { adminRoute } from '../admin-route.ts';
import { jsonAnswer } from '../json-answer.ts';
import { requireIdentity } from '../require-identity.ts';

export const explainRoute = adminRoute(operation, async (call, context) => {
  const { administration, caller, body, limitHead } = call;
  const { organization } = caller;
  const explained = await explainEverything({ administration, organization }, context, {
    identity: requireIdentity(caller, body.identity),
    identityType: body.identity.slice(0, body.identity.indexOf(':')),
    token: body.token ?? null,
  });
  return jsonAnswer(200, explained, limitHead);
});
