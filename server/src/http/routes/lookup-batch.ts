/** Looks up several contacts, of mixed identity types, and answers in the order asked. */
import { lookupBatch as operation } from '@usher/contract/audience-operations';
import type { Problem } from '../../domain/problem.ts';
import { type AgeRequest, lookupContacts } from '../../lookup/lookup-contact.ts';
import type { LookupPlan } from '../../lookup/lookup-plan.ts';
import type { IdentityKey } from '../../stores/store.ts';
import { headLine } from '../answer.ts';
import type { ApiContext } from '../api-context.ts';
import { type Caller, isProblem } from '../authenticate.ts';
import { guardedRoute } from '../guarded-route.ts';
import { maxUnits } from '../limit-rate.ts';
import { maxBatchIdentities } from '../limits.ts';
import { identityKey } from '../lookup/answer-lookup.ts';
import { ageRequest, conditionsOf, refuseConditions } from '../lookup/lookup-conditions.ts';
import { selectionHead, selectListedFields } from '../lookup/lookup-selection.ts';

export const lookupBatchRoute = guardedRoute({
  operation,
  units: (body, caller) => {
    const count = countIdentities(body);
    const maximum = Math.min(maxBatchIdentities, maxUnits(caller, 'audience'));
    return count > maximum ? batchTooLarge(maximum) : Math.max(1, count);
  },
  handle: async ({ body, caller, headers, prefer, limitHead }, context) => {
    const { identities, fields = null, format = 'display' } = body;
    const selection = selectListedFields(caller, { fields, format }, prefer);
    if (isProblem(selection)) return selection;
    const conditions = conditionsOf(headers);
    const refused = await refuseConditions(context.reader, conditions);
    if (refused !== undefined) return refused;
    const { plan } = selection;
    context.fieldsRead(caller.token, plan);
    const ages = ageRequest(context, plan, conditions.freshness);
    context.counters.count('batch_identities', identities.length);
    const results = await lookUpAll(context, { caller, identities, plan, ages });
    const head = `Content-Type: application/json; charset=utf-8\r\n${privateHead}${limitHead}`;
    return {
      status: 200,
      head: head + selectionHead(selection),
      body: `{"status":"success","results":[${results.join(',')}]}`,
    };
  },
});

const privateHead = headLine('Cache-Control', 'private, no-cache');

/** Counted before the body is checked, because the units are taken first. */
function countIdentities(body: unknown): number {
  const isObject = typeof body === 'object' && body !== null && 'identities' in body;
  return isObject && Array.isArray(body.identities) ? body.identities.length : 1;
}

function batchTooLarge(maximum: number): Problem {
  return {
    code: 'batch_too_large',
    detail: `A batch may hold ${maximum} identities at most here. Split it.`,
    members: { maximum },
  };
}

interface AskedIdentities {
  readonly caller: Caller;
  readonly identities: readonly string[];
  readonly plan: LookupPlan;
  readonly ages: AgeRequest | undefined;
}

/** The results as latin1 text of UTF-8 bytes. A bad identity is reported in its own entry. */
async function lookUpAll(context: ApiContext, asked: AskedIdentities): Promise<string[]> {
  const { caller, identities, plan, ages } = asked;
  const organizationId = caller.organization.organization.id;
  const keys = identities.map((identity) => identityKey(caller, identity));
  const sound = keys.filter((key): key is IdentityKey => !isProblem(key));
  const request = { organizationId, plan, parts: plan.parts, ages };
  const contacts = (await lookupContacts(context.reader, sound, request)).values();
  return keys.map((key, place) => {
    const name = Buffer.from(JSON.stringify(identities[place])).toString('latin1');
    if (isProblem(key)) return `{"identity":${name},"status":"${key.code}"}`;
    const contact = contacts.next().value;
    return contact === undefined
      ? `{"identity":${name},"status":"contact_not_found"}`
      : `{"identity":${name},"status":"success","contact":${contact.json}}`;
  });
}
