/** Explains a contact, and reveals its values. The identity is in the body. */
import * as operations from '@usher/contract/contact-operations';
import { explainEverything } from '../../explain/explain-everything.ts';
import { revealValue } from '../../explain/reveal-value.ts';
import { adminRoute } from '../admin-route.ts';
import { jsonAnswer } from '../json-answer.ts';
import { requireIdentity } from '../require-identity.ts';
import { requireRights } from '../still-allowed.ts';

export const explainRoute = adminRoute(operations.explainEverything, async (call, context) => {
  const { administration, caller, body, limitHead } = call;
  const { organization } = caller;
  const explained = await explainEverything({ administration, organization }, context, {
    identity: requireIdentity(caller, body.identity),
    identityType: body.identity.slice(0, body.identity.indexOf(':')),
    token: body.token ?? null,
  });
  return jsonAnswer(200, explained, limitHead);
});

export const revealRoute = adminRoute(operations.revealValue, async (call, context) => {
  const { administration, caller, body, limitHead } = call;
  const { organization } = caller;
  const { permission } = operations.revealValue;
  const revealed = await revealValue({ administration, organization }, context, {
    ...{ identity: requireIdentity(caller, body.identity), field: body.field },
    ...{ reason: body.reason, ticket: body.ticket ?? null },
    requireAllowed: () => requireRights(call, context, permission),
  });
  return jsonAnswer(200, revealed, limitHead);
});
