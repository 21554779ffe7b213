/** The answer of a look-up by GET or HEAD, for the plain door and `routes/contacts.ts`. */

import type { AccessLooker, AccessNotes, AccessOutcome } from '../../access/access-entry.ts';
import {
  type IdentityProblem,
  identityDigest,
  isIdentityProblem,
  parseIdentity,
} from '../../domain/contact/identity.ts';
import type { Problem } from '../../domain/problem.ts';
import type { Token } from '../../domain/token/token.ts';
import { seesIdentityType } from '../../domain/token/token-sight.ts';
import type { DatasetAges } from '../../lookup/dataset-ages.ts';
import { type EntityTagger, tagText } from '../../lookup/entity-tag.ts';
import { type ContactAnswer, lookupContact } from '../../lookup/lookup-contact.ts';
import type { LookupPlan } from '../../lookup/lookup-plan.ts';
import { makeEnvelope } from '../../lookup/render-contact.ts';
import type { Awaitable, ContactReader, IdentityKey, TurnReader } from '../../stores/store.ts';
import {
  type AskedLook,
  accessProblem,
  actorProblem,
  lookerOf,
  noteLook,
} from '../access-notes.ts';
import { type AdmissionContext, type AdmissionRule, admit } from '../admission.ts';
import { type Answer, type PiecedAnswer, textAnswer } from '../answer.ts';
import { type Caller, isProblem, type TokenProof } from '../authenticate.ts';
import { fixedText, type HeadPiece, type HeadPieces, textOf } from '../head-pieces.ts';
import { httpDate } from '../http-date.ts';
import { problemAnswer, problemOf } from '../problem-response.ts';
import { ageRequest, refuseFreshness } from './freshness-headers.ts';
import { parseLookupQuery } from './lookup-query.ts';
import { type LookupSelection, selectFields, selectionHead } from './lookup-selection.ts';

export interface LookupContext extends AdmissionContext {
  readonly reader: ContactReader;
  readonly datasetAges: DatasetAges;
  readonly entityTag: EntityTagger;
  /** Notes which fields a token read. The catalog gets them later, with the day. */
  readonly fieldsRead: (token: Token, plan: LookupPlan) => void;
  readonly access: AccessNotes;
  /** `undefined`: the store cannot read without waiting. */
  readonly turnReader: TurnReader | undefined;
}

/** The parts of a GET or HEAD of `/audience/v2/contacts`. */
export interface LookupCall {
  /** The text after `?`, as sent. */
  readonly query: string;
  readonly authorization: string | undefined;
  readonly ifNoneMatch: string | undefined;
  readonly prefer: string | undefined;
  /** The header `Usher-Freshness`. */
  readonly freshness: string | undefined;
  readonly minRevision: string | undefined;
  /** The header `Usher-Actor`. */
  readonly actor: string | undefined;
  readonly address: string;
  readonly requestId: string;
  /** Present if the connection keeps a proof together with `authorization`. */
  readonly proof?: TokenProof;
}

/** Never throws and never rejects: errors become problems and go to `onError`. */
export function answerLookup(
  context: LookupContext,
  call: LookupCall,
  onError: (error: unknown, requestId: string) => void,
): Awaitable<Answer> {
  try {
    const answer = answerCall(context, call);
    if (!(answer instanceof Promise)) return answer;
    return answer.catch((error: unknown) => answerFailure(error, call, onError));
  } catch (error) {
    return answerFailure(error, call, onError);
  }
}

export function answerFailure(
  error: unknown,
  call: Pick<LookupCall, 'requestId'>,
  onError: (error: unknown, requestId: string) => void,
): Answer {
  onError(error, call.requestId);
  return problemAnswer(problemOf(error), call.requestId);
}

function answerCall(context: LookupContext, call: LookupCall): Awaitable<Answer> {
  const badActor = actorProblem(call.actor);
  if (badActor !== undefined) return problemAnswer(badActor, call.requestId);
  const { caller, problem, head } = admit(context, call, lookupRule);
  if (caller === undefined) return problemAnswer(problem, call.requestId, head);
  return answerCaller(context, { call, caller, limitHead: head });
}

export const lookupRule: AdmissionRule = { kind: 'audience', scopes: ['contacts:read'] };

export interface AnsweredCall {
  readonly call: Pick<LookupCall, 'ifNoneMatch'> & { readonly requestId: HeadPiece };
  readonly caller: Caller;
  readonly limitHead: HeadPieces;
}

interface AuthenticatedCall {
  readonly call: LookupCall;
  readonly caller: Caller;
  readonly limitHead: string;
}

function answerCaller(context: LookupContext, authenticated: AuthenticatedCall): Awaitable<Answer> {
  const { call, caller, limitHead } = authenticated;
  const refuse = (problem: Problem) => problemAnswer(problem, call.requestId, limitHead);
  const query = parseLookupQuery(call.query);
  if (isProblem(query)) return refuse(query);
  const identity = identityKey(caller, query.identity);
  if (isProblem(identity)) return refuse(identity);
  const selection = selectFields(caller, query, call.prefer);
  if (isProblem(selection)) return refuse(selection);
  const wanted = { identity, selection };
  if (call.freshness === undefined && call.minRevision === undefined) {
    return answerFound(context, authenticated, wanted);
  }
  return refuseFreshness(context.reader, call).then((refused) =>
    refused === undefined ? answerFound(context, authenticated, wanted) : refuse(refused),
  );
}

function answerFound(
  context: LookupContext,
  authenticated: AuthenticatedCall,
  wanted: { readonly identity: IdentityKey; readonly selection: LookupSelection },
): Awaitable<Answer> {
  const { call, caller } = authenticated;
  const { identity, selection } = wanted;
  const organizationId = caller.organization.organization.id;
  const { plan } = selection;
  const { reader, entityTag, access } = context;
  const unnoted = accessProblem(access, 1);
  if (unnoted !== undefined) return problemAnswer(unnoted, call.requestId, authenticated.limitHead);
  context.fieldsRead(caller.token, plan);
  const ages = ageRequest(context, plan, call.freshness);
  const nowMs = context.clock();
  const found = lookupContact(reader, {
    organizationId,
    identity,
    plan,
    parts: plan.parts,
    envelope,
    entityTag,
    nowMs,
    ages,
  });
  const answered = {
    call,
    caller,
    limitHead: [authenticated.limitHead],
    looker: lookerOf(caller, call),
  };
  const look = { identity, plan, nowMs, way: 'lookup' } as const;
  const answer = (contact: ContactAnswer | undefined) =>
    textAnswer(answerNoted(access, answered, { selection, look, contact }));
  return found instanceof Promise ? found.then(answer) : answer(found);
}

/** The answer for a found or unknown contact, noted in the access log. */
export function answerNoted<Body>(
  access: AccessNotes,
  answered: AnsweredCall & { readonly looker: AccessLooker },
  found: {
    readonly selection: LookupSelection;
    readonly look: AskedLook;
    readonly contact: ContactAnswer<Body> | undefined;
  },
): PiecedAnswer<Body | string> {
  const { selection, look, contact } = found;
  const answer = answerContact(answered, selection, contact);
  const outcome = outcomeOf(contact, answer);
  noteLook(access, answered, { look, found: contact?.idWords, outcome });
  return answer;
}

function outcomeOf(
  contact: ContactAnswer<unknown> | undefined,
  { status }: Pick<Answer, 'status'>,
): AccessOutcome {
  if (contact === undefined) return 'contact_not_found';
  return status === 304 ? 'not_modified' : 'success';
}

export const envelope = makeEnvelope('{"status":"success","contact":', '}');

/** The answer for a found or unknown contact. */
function answerContact<Body>(
  { call, caller, limitHead }: AnsweredCall,
  selection: LookupSelection,
  contact: ContactAnswer<Body> | undefined,
): PiecedAnswer<Body | string> {
  if (contact === undefined) {
    const unknown = problemAnswer(contactNotFound(caller), textOf(call.requestId));
    return { ...unknown, head: [unknown.head, limitHead] };
  }
  const { json: body, tag } = contact;
  // Last-Modified would reveal changes of fields that are not in the token's list. What rules
  // compute changes with the time and with definitions, too.
  const isTold = caller.token.fields === null && selection.plan.computed === null;
  const isKnown = call.ifNoneMatch !== undefined && matchesEtag(call.ifNoneMatch, tagText(tag));
  const start = isKnown ? etagStart : contentAndEtagStart;
  const selected = selectionHead(selection);
  const head = isTold
    ? [start, tag, modifiedStart, httpDate(contact.modifiedMs), lineEnd, limitHead, selected]
    : [start, tag, privateLine, limitHead, selected];
  return isKnown ? { status: 304, head, body: '' } : { status: 200, head, body };
}

const etagStart = fixedText('ETag: ');
const contentAndEtagStart = fixedText('Content-Type: application/json; charset=utf-8\r\nETag: ');
const lineEnd = fixedText('\r\n');
const privateLine = fixedText('\r\nCache-Control: private, no-cache\r\n');
const modifiedStart = fixedText('\r\nCache-Control: private, no-cache\r\nLast-Modified: ');

/** `If-None-Match` (RFC 9110, section 13.1.2): `*`, or a list compared weakly. */
function matchesEtag(ifNoneMatch: string, etag: string): boolean {
  if (ifNoneMatch === etag || ifNoneMatch.trim() === '*') return true;
  return ifNoneMatch.split(',').some((candidate) => candidate.trim().replace(/^W\//, '') === etag);
}

/**
 * The store's key of an identity text, if the token may use its type.
 * @param into memory for its digest; by default new memory
 */
export function identityKey(caller: Caller, text: string, into?: Buffer): IdentityKey | Problem {
  const { token, organization } = caller;
  const parsed = parseIdentity(text, organization.identityTypes);
  const type = isIdentityProblem(parsed) ? parsed.members['identity_type'] : parsed.type.name;
  // Before checking the value: a token with a list learns nothing about other types.
  if (type !== undefined && !seesIdentityType(token, String(type))) return typeNotAllowed(token);
  if (isIdentityProblem(parsed)) return identityProblem(parsed, token);
  return {
    typeId: parsed.type.id,
    digest: identityDigest(parsed.type.normalisation, parsed.value, into),
  };
}

function typeNotAllowed(token: Token): Problem {
  const allowed = token.identityTypes ?? [];
  return {
    code: 'identity_type_not_allowed',
    detail: `The token may only use the identity types ${allowed.join(', ')}.`,
    members: { allowed_types: allowed },
  };
}

function identityProblem(problem: IdentityProblem, token: Token): Problem {
  const { code, detail, members } = problem;
  if (code !== 'identity_type_unknown' || token.identityTypes === null)
    return { code, detail, members };
  const known = token.identityTypes;
  return {
    code,
    detail: `The identity type is unknown. The token may use ${known.join(', ')}.`,
    members: { ...members, known_types: known },
  };
}

/** The problem of an unknown contact, with the status that the organization chose. */
function contactNotFound(caller: Caller): Problem {
  const { name, unknownContactStatus } = caller.organization.organization;
  return {
    code: 'contact_not_found',
    detail:
      `No contact of the organization ${name} has this identity. Check its type and spelling, ` +
      'or import the contact.',
    status: unknownContactStatus,
  };
}
