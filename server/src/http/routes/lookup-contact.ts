/** A look-up with the identity in the body, to keep personal data out of URLs and access logs. */
import { lookupContact as operation } from '@usher/contract/audience-operations';
import { lookupContact } from '../../lookup/lookup-contact.ts';
import { isProblem } from '../authenticate.ts';
import { guardedRoute } from '../guarded-route.ts';
import { answerContact, envelope, identityKey } from '../lookup/answer-lookup.ts';
import { ageRequest, conditionsOf, refuseConditions } from '../lookup/lookup-conditions.ts';
import { selectListedFields } from '../lookup/lookup-selection.ts';

export const lookupContactRoute = guardedRoute({
  operation,
  handle: async ({ body, caller, headers, prefer, requestId, limitHead }, context) => {
    const key = identityKey(caller, body.identity);
    if (isProblem(key)) return key;
    const { fields = null, format = 'display' } = body;
    const selection = selectListedFields(caller, { fields, format }, prefer);
    if (isProblem(selection)) return selection;
    const conditions = conditionsOf(headers);
    const refused = await refuseConditions(context.reader, conditions);
    if (refused !== undefined) return refused;
    const organizationId = caller.organization.organization.id;
    const { plan } = selection;
    context.fieldsRead(caller.token, plan);
    const { reader, entityTag } = context;
    const ages = ageRequest(context, plan, conditions.freshness);
    const { parts } = plan;
    const asked = { organizationId, identity: key, plan, parts, envelope, entityTag, ages };
    const contact = await lookupContact(reader, asked);
    const call = { ifNoneMatch: headers['if-none-match'], requestId };
    return answerContact({ call, caller, limitHead }, selection, contact);
  },
});
