/** Explains why a contact is in its segments and flows. The identity is in the body. */
import { explainRules as operation } from '@usher/contract/contact-operations';
import { requireScopes } from '../../administration/contact/contact-caller.ts';
import { refusedJoin } from '../../administration/contact/join-refusals.ts';
import { requireWholeSight } from '../../administration/token/actor-sight.ts';
import { explainRules } from '../../lookup/explain-rules.ts';
import { adminRoute } from '../admin-route.ts';
import { jsonAnswer } from '../json-answer.ts';
import { requireIdentity } from '../require-identity.ts';

export const explainRoute = adminRoute(operation, async (call, context) => {
  const { administration, caller, body, limitHead } = call;
  const { organization } = caller;
  requireScopes({ administration, organization }, ['admin:read', 'contacts:read']);
  // Rules name fields.
  requireWholeSight(administration.actor);
  const explained = await explainRules(context.reader, {
    ...{ organization, datasetAges: context.datasetAges },
    identity: requireIdentity(caller, body.identity),
    nowMs: context.clock(),
  });
  if (explained === undefined) throw refusedJoin('contact_not_found');
  return jsonAnswer(200, explained, limitHead);
});
