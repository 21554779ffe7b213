/**
 * A look-up whose request is the same as an earlier one, except for the identity. What was found
 * out about that one is kept; everything that can change between two requests is looked at again:
 * the catalog, the token's end, the limit, the identity, the access log and the time.
 */

import type { AccessLooker } from '../../access/access-entry.ts';
import type { CatalogState } from '../../domain/catalog-state.ts';
import type { Problem } from '../../domain/problem.ts';
import { isLive } from '../../domain/token/token.ts';
import type { AnswerArena } from '../../lookup/answer-arena.ts';
import { type PlacedRequest, placeLookup } from '../../lookup/lookup-contact.ts';
import type { IdentityKey, TurnReader } from '../../stores/store.ts';
import { accessProblem, actorProblem, lookerOf } from '../access-notes.ts';
import { admitKnown } from '../admission.ts';
import { type Answer, type PlacedAnswer, textUnlessPlaced } from '../answer.ts';
import { type Caller, findCaller, isProblem, type TokenProof } from '../authenticate.ts';
import { percentDecoded } from '../call/read-query.ts';
import { type HeadPiece, type HeadPieces, textOf } from '../head-pieces.ts';
import { problemAnswer } from '../problem-response.ts';
import {
  answerFailure,
  answerNoted,
  envelope,
  identityKey,
  type LookupCall,
  type LookupContext,
  lookupRule,
} from './answer-lookup.ts';
import { badIdentityEncoding, parseLookupQuery } from './lookup-query.ts';
import { type LookupSelection, selectFields } from './lookup-selection.ts';

/** What was found out about a request. */
export interface KnownLookup {
  readonly call: LookupCall & { readonly proof: TokenProof };
  readonly caller: Caller;
  readonly looker: AccessLooker;
  readonly selection: LookupSelection;
  readonly reader: TurnReader;
  /** What the store is asked. Used again by each call. */
  readonly request: RepeatedQuery;
  /** Holds the digest of the identity. Used again by each call. */
  readonly digest: Buffer;
}

interface RepeatedQuery extends Omit<PlacedRequest, 'identity' | 'nowMs'> {
  identity: IdentityKey;
  nowMs: number;
}

const noIdentity: IdentityKey = { typeId: 0, digest: new Uint8Array(0) };

export interface PreparedLookup {
  /** Holds as long as this is the catalog's state. */
  readonly state: CatalogState;
  /** `undefined`: requests like this one are read anew each time. */
  readonly known: KnownLookup | undefined;
}

/** Prepares for requests like `call`. Counts nothing, and takes nothing of the limit. */
export function prepareLookup(
  context: LookupContext,
  call: KnownLookup['call'],
  arena: AnswerArena,
): PreparedLookup {
  const state = context.catalog.current();
  return { state, known: findKnown(context, { state, call, arena }) };
}

function findKnown(
  { clock, turnReader, entityTag }: LookupContext,
  {
    state,
    call,
    arena,
  }: Pick<PreparedLookup, 'state'> & Pick<KnownLookup, 'call'> & { readonly arena: AnswerArena },
): KnownLookup | undefined {
  if (turnReader === undefined || actorProblem(call.actor) !== undefined) return undefined;
  if (call.freshness !== undefined || call.minRevision !== undefined) return undefined;
  const query = parseLookupQuery(call.query);
  if (isProblem(query)) return undefined;
  const caller = findCaller(state, call, clock());
  if (caller === undefined || !caller.allowsAddress(call.address)) return undefined;
  const selection = selectFields(caller, query, call.prefer);
  if (isProblem(selection) || selection.plan.mayWithhold) return undefined;
  const organizationId = caller.organization.organization.id;
  const { plan } = selection;
  const { parts } = plan;
  const own = { identity: noIdentity, nowMs: 0 };
  const answer = { envelope, entityTag, arena, room: headRoom };
  const request: RepeatedQuery = { organizationId, plan, parts, ...answer, ...own };
  const looker = lookerOf(caller, call);
  return { call, caller, looker, selection, reader: turnReader, request, digest: Buffer.alloc(16) };
}

/** What differs from the request that was prepared for. */
export interface RepeatedCall {
  /** Percent-encoded, as sent. */
  readonly identity: string;
  readonly requestId: HeadPiece;
  /** Milliseconds since the epoch. */
  readonly nowMs: number;
}

/** What is known of requests like the one that was prepared for; `undefined`: they must be read. */
export function stillKnown(
  context: LookupContext,
  { state, known }: PreparedLookup,
  nowMs: number,
): KnownLookup | undefined {
  if (known === undefined || context.catalog.current() !== state) return undefined;
  return isLive(known.caller.token, nowMs) ? known : undefined;
}

/** As `answerLookup`. A body in the arena has `headRoom` free bytes before it. */
export function answerRepeated(
  context: LookupContext,
  known: KnownLookup,
  asked: RepeatedCall,
  onError: (error: unknown, requestId: string) => void,
): Answer | PlacedAnswer {
  try {
    return answerKnown(context, known, asked);
  } catch (error) {
    return answerFailure(error, { requestId: textOf(asked.requestId) }, onError);
  }
}

/** Room for the head of an answer. A longer one is sent as text. */
export const headRoom = 1_024;

function answerKnown(
  context: LookupContext,
  known: KnownLookup,
  { identity: encoded, requestId, nowMs }: RepeatedCall,
): Answer | PlacedAnswer {
  const { call, caller, looker, selection, reader, request } = known;
  const { access } = context;
  const { plan } = selection;
  const charge = { rule: lookupRule, proof: call.proof, nowMs };
  const { problem, head: limitHead } = admitKnown(context, caller, charge);
  if (problem !== undefined) return refuse(problem, requestId, limitHead);
  const text = percentDecoded(encoded);
  if (text === undefined) return refuse(badIdentityEncoding, requestId, limitHead);
  const identity = identityKey(caller, text, known.digest);
  if (isProblem(identity)) return refuse(identity, requestId, limitHead);
  const unnoted = accessProblem(access, 1);
  if (unnoted !== undefined) return refuse(unnoted, requestId, limitHead);
  context.fieldsRead(caller.token, plan);
  request.identity = identity;
  request.nowMs = nowMs;
  const contact = placeLookup(reader, request);
  const { ifNoneMatch } = call;
  const answered = { call: { ifNoneMatch, requestId }, caller, limitHead, looker };
  const look = { identity, plan, nowMs, way: 'lookup' } as const;
  return textUnlessPlaced(answerNoted(access, answered, { selection, look, contact }));
}

function refuse(problem: Problem, requestId: HeadPiece, limitHead: HeadPieces): Answer {
  return problemAnswer(problem, textOf(requestId), textOf(limitHead));
}
