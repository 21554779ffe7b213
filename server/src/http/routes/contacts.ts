/** Look-ups of one contact, by GET and by POST, and of several. */
import * as operations from '@usher/contract/audience-operations';
import type { Problem } from '../../domain/problem.ts';
import { lookupContact, lookupContacts } from '../../lookup/lookup-contact.ts';
import type { IdentityKey } from '../../stores/store.ts';
import { accessProblem, lookerOf, noteLook } from '../access-notes.ts';
import { headLine, textAnswer } from '../answer.ts';
import type { ApiContext } from '../api-context.ts';
import { isProblem } from '../authenticate.ts';
import { actorIn, type Call, guardedRoute } from '../guarded-route.ts';
import { maxUnits } from '../limit-rate.ts';
import { maxBatchIdentities } from '../limits.ts';
import { logFailure } from '../log-failure.ts';
import { answerLookup, answerNoted, envelope, identityKey } from '../lookup/answer-lookup.ts';
import { ageRequest, freshnessHeaders, refuseFreshness } from '../lookup/freshness-headers.ts';
import { selectionHead, selectListedFields } from '../lookup/lookup-selection.ts';
import type { Route } from '../route.ts';

type OneCall = Call<typeof operations.lookupContact>;
type BatchCall = Call<typeof operations.lookupBatch>;

export const contactRoutes: readonly Route[] = [
  {
    operation: operations.getContact,
    // Answers only the look-ups that `connection/plain-door.ts` does not answer.
    answer: (context, { query, headers, address, requestId, proof }) => {
      const { authorization, prefer, 'if-none-match': ifNoneMatch } = headers;
      const call = {
        ...{ query, authorization, ifNoneMatch, address, requestId, proof },
        actor: actorIn(headers),
        ...freshnessHeaders(headers),
        prefer: prefer?.toString(),
      };
      return answerLookup(context, call, (error) => {
        logFailure(context.log, { error, requestId, message: 'a look-up failed' });
      });
    },
  },

  /** The identity is in the body, to keep personal data out of URLs and access logs. */
  guardedRoute({
    operation: operations.lookupContact,
    handle: async (call, context) => {
      const { body, caller, headers, requestId, limitHead } = call;
      const identity = identityKey(caller, body.identity);
      if (isProblem(identity)) return identity;
      const asked = await readAsked(call, context);
      if (isProblem(asked)) return asked;
      const { reader, entityTag } = context;
      const request = { ...asked.request, identity, envelope, entityTag };
      const contact = await lookupContact(reader, request);
      const answered = { ifNoneMatch: headers['if-none-match'], requestId };
      const { plan, nowMs } = asked.request;
      const noted = answerNoted(
        context.access,
        { call: answered, caller, limitHead: [limitHead], looker: lookerOf(caller, call.origin) },
        { selection: asked.selection, look: { identity, plan, nowMs, way: 'lookup' }, contact },
      );
      return textAnswer(noted);
    },
  }),

  /** The identities may be of several types. Answers in the order asked. */
  guardedRoute({
    operation: operations.lookupBatch,
    units: (body, caller) => {
      const count = countIdentities(body);
      const maximum = Math.min(maxBatchIdentities, maxUnits(caller, 'audience'));
      return count > maximum ? batchTooLarge(maximum) : Math.max(1, count);
    },
    handle: async (call, context) => {
      const asked = await readAsked(call, context);
      if (isProblem(asked)) return asked;
      context.counters.count('batch_identities', call.body.identities.length);
      const results = await lookUpAll(context, call, asked.request);
      return {
        status: 200,
        head: batchHead + call.limitHead + selectionHead(asked.selection),
        body: `{"status":"success","results":[${results.join(',')}]}`,
      };
    },
  }),
];

const batchHead =
  headLine('Content-Type', 'application/json; charset=utf-8') +
  headLine('Cache-Control', 'private, no-cache');

/** Counted before the body is checked, because the units are taken first. */
function countIdentities(body: unknown): number {
  const isObject = typeof body === 'object' && body !== null && 'identities' in body;
  return isObject && Array.isArray(body.identities) ? body.identities.length : 1;
}

function batchTooLarge(maximum: number): Problem {
  return {
    code: 'batch_too_large',
    detail: `A batch of this token may have at most ${maximum} identities. Split it.`,
    members: { maximum },
  };
}

/** What a look-up with a body asks for besides identities, or the problem with it. */
async function readAsked(
  { body, caller, headers, prefer }: OneCall | BatchCall,
  context: ApiContext,
) {
  const { fields = null, format = 'display' } = body;
  const selection = selectListedFields(caller, { fields, format }, prefer);
  if (isProblem(selection)) return selection;
  const asked = freshnessHeaders(headers);
  const refused = await refuseFreshness(context.reader, asked);
  if (refused !== undefined) return refused;
  const unnoted = accessProblem(context.access, 'identities' in body ? body.identities.length : 1);
  if (unnoted !== undefined) return unnoted;
  const { plan } = selection;
  context.fieldsRead(caller.token, plan);
  const ages = ageRequest(context, plan, asked.freshness);
  const organizationId = caller.organization.organization.id;
  const nowMs = context.clock();
  return { selection, request: { organizationId, plan, parts: plan.parts, nowMs, ages } };
}

/** The results as latin1 text of UTF-8 bytes. A bad identity is reported in its own entry. */
async function lookUpAll(
  { reader, access }: Pick<ApiContext, 'reader' | 'access'>,
  { caller, origin, body: { identities } }: BatchCall,
  request: Parameters<typeof lookupContacts>[2],
): Promise<string[]> {
  const keys = identities.map((identity) => identityKey(caller, identity));
  const looker = lookerOf(caller, origin);
  const sound = keys.filter((key): key is IdentityKey => !isProblem(key));
  const contacts = (await lookupContacts(reader, sound, request)).values();
  return keys.map((key, place) => {
    const name = Buffer.from(JSON.stringify(identities[place])).toString('latin1');
    if (isProblem(key)) return `{"identity":${name},"status":"${key.code}"}`;
    const contact = contacts.next().value;
    const isFound = typeof contact === 'object';
    const outcome = isFound ? 'success' : (contact ?? 'contact_not_found');
    const look = { ...request, identity: key, way: 'batch' } as const;
    const found = isFound ? contact.idWords : undefined;
    noteLook(access, { caller, looker }, { look, found, outcome });
    if (contact === 'rules_too_costly') return `{"identity":${name},"status":"${contact}"}`;
    return contact === undefined
      ? `{"identity":${name},"status":"contact_not_found"}`
      : `{"identity":${name},"status":"success","contact":${contact.json}}`;
  });
}
