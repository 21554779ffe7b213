/**
 * The read side: finds contacts by identity and renders them by a plan. A look-up never writes. It
 * awaits everything else first; only then does the store lend it the contact's record.
 */
import { isTooCostly, SharedWork } from '../membership/rule-work.ts';
import { contactIdWords, type IdWords } from '../stores/read-record.ts';
import type {
  Awaitable,
  ContactQuery,
  ContactReader,
  IdentityKey,
  LentBytes,
  LentContact,
  TurnReader,
} from '../stores/store.ts';
import type { AnswerArena, ArenaPlace } from './answer-arena.ts';
import type { DatasetAges } from './dataset-ages.ts';
import type { EntityTagger } from './entity-tag.ts';
import { judgeAges, tellFreshness, withheldInputs, withholdValues } from './freshness.ts';
import { located, locateValues } from './locate-values.ts';
import { type LookupPlan, utf8View } from './lookup-plan.ts';
import {
  type Envelope,
  makeEnvelope,
  placeContact,
  type RenderedContact,
  readRevisionMs,
  renderContact,
} from './render-contact.ts';
import { type ValueTexts, valueTexts } from './value-texts.ts';

/** `parts` must be `plan.parts`. */
export interface LookupRequest extends ContactQuery {
  readonly plan: LookupPlan;
  /** The text around the contact; none when missing. */
  readonly envelope?: Envelope;
  /** How to tag the answer; untagged when missing. */
  readonly entityTag?: EntityTagger | undefined;
  /** The time for all rules and ages of the request: milliseconds since the epoch. */
  readonly nowMs: number;
  /** Needed when the plan may withhold values or freshness is reported. */
  readonly ages?: AgeRequest | undefined;
}

export interface AgeRequest {
  readonly datasetAges: DatasetAges;
  /** Whether the answer reports the freshness of its fields. */
  readonly isTold: boolean;
}

export interface ContactAnswer<Body = string> extends RenderedContact<Body> {
  /** When its record was last written: milliseconds since the epoch. */
  readonly modifiedMs: number;
  /** The id of the contact, for the access log. */
  readonly idWords: IdWords;
}

/** The contact; `undefined` if the identity is unknown. */
export function lookupContact(
  reader: ContactReader,
  request: LookupRequest,
): Awaitable<ContactAnswer | undefined> {
  const { ages } = request;
  if (ages === undefined) return reader.lendContact(request, answerPlainly);
  // Read before the contact: if a run ends in between, values are newer than reported, never older.
  const asOfMs = ages.datasetAges.ofPlan(request.organizationId, request.plan);
  return asOfMs instanceof Promise
    ? asOfMs.then((known) => lookupAged(reader, { ...request, ages, asOfMs: known }))
    : lookupAged(reader, { ...request, ages, asOfMs });
}

/** Like `lookupContact`, with the answer in the arena. Not for plans that may withhold values. */
export function placeLookup(
  reader: TurnReader,
  request: PlacedRequest,
): ContactAnswer<ArenaPlace> | undefined {
  return reader.lendInTurn(request, answerInArena);
}

export interface PlacedRequest extends LookupRequest {
  readonly envelope: Envelope;
  readonly arena: AnswerArena;
  /** Bytes that are left free before the answer. */
  readonly room: number;
}

/**
 * The contacts of several identities, as of one moment and in the given order. Where rules take
 * too much work for a contact, it alone has no answer. If the contacts together take too much
 * (`maxSharedWork`), those that follow have none.
 */
export async function lookupContacts(
  reader: ContactReader,
  identities: readonly IdentityKey[],
  request: Omit<LookupRequest, 'identity'>,
): Promise<readonly (ContactAnswer | 'rules_too_costly' | undefined)[]> {
  const { organizationId, plan, ages } = request;
  const work = plan.computed === null ? null : new SharedWork(plan.computed.evaluation);
  if (ages === undefined) {
    const queries = identities.map((identity) => ({ ...request, identity, work }));
    return reader.readContacts(queries, answerPlainlyInBatch);
  }
  const asOfMs = await ages.datasetAges.ofPlan(organizationId, plan);
  const queries = identities.map((identity) => ({ ...request, identity, ages, asOfMs, work }));
  return reader.readContacts(queries, answerAgedInBatch);
}

interface AgedRequest extends LookupRequest {
  readonly ages: AgeRequest;
  /** One for each section of the plan. */
  readonly asOfMs: readonly (number | undefined)[];
}

function lookupAged(
  reader: ContactReader,
  request: AgedRequest,
): Awaitable<ContactAnswer | undefined> {
  return reader.lendContact(request, answerAged);
}

function answerPlainly(contact: LentContact, request: LookupRequest): ContactAnswer {
  const { plan, nowMs } = request;
  locateValues(contact.record, plan);
  const texts = valueTexts(contact, plan, { nowMs, withheld: undefined });
  return renderAnswer(request, contact.record, texts);
}

function answerInArena(contact: LentContact, request: PlacedRequest): ContactAnswer<ArenaPlace> {
  const { plan, nowMs, envelope, entityTag, arena, room } = request;
  const { record } = contact;
  locateValues(record, plan);
  const texts = valueTexts(contact, plan, { nowMs, withheld: undefined });
  const { json, tag } = placeContact(record, plan, { envelope, texts, entityTag, arena, room });
  return { json, tag, modifiedMs: readRevisionMs(record), idWords: contactIdWords(record) };
}

/** `null`: no rules are evaluated. */
interface BatchWork {
  readonly work: SharedWork | null;
}

type BatchedAnswer = ContactAnswer | 'rules_too_costly';

function answerPlainlyInBatch(
  contact: LentContact,
  request: LookupRequest & BatchWork,
): BatchedAnswer {
  if (request.work === null) return answerPlainly(contact, request);
  return answerWithin(request.work, () => answerPlainly(contact, request));
}

function answerAgedInBatch(contact: LentContact, request: AgedRequest & BatchWork): BatchedAnswer {
  if (request.work === null) return answerAged(contact, request);
  return answerWithin(request.work, () => answerAged(contact, request));
}

function answerWithin(work: SharedWork, answer: () => ContactAnswer): BatchedAnswer {
  if (work.isDone) return 'rules_too_costly';
  try {
    return answer();
  } catch (error) {
    if (isTooCostly(error)) return 'rules_too_costly';
    throw error;
  } finally {
    work.add();
  }
}

/** Like `answerPlainly`, but with the ages of the values. */
function answerAged(contact: LentContact, request: AgedRequest): ContactAnswer {
  const { plan, envelope = noEnvelope, asOfMs, nowMs, ages: asked } = request;
  const { record } = contact;
  locateValues(record, plan);
  const ages = judgeAges(record, plan, { nowMs, asOfMs });
  const found = valueTexts(contact, plan, { nowMs, withheld: withheldInputs(ages, plan) });
  const texts = withholdValues(found, ages, plan);
  if (!asked.isTold) return renderAnswer(request, record, texts);
  const isFilled = (slot: number) => located.starts[slot] !== 0 || found?.[slot] !== undefined;
  const end = Buffer.from(envelope.after.buffer).toString();
  const after = utf8View(`,"freshness":${tellFreshness({ plan, ages, isFilled })}${end}`);
  return renderAnswer({ ...request, envelope: { ...envelope, after } }, record, texts);
}

function renderAnswer(
  { plan, envelope = noEnvelope, entityTag }: LookupRequest,
  record: LentBytes,
  texts: ValueTexts,
): ContactAnswer {
  const { json, tag } = renderContact(record, plan, { envelope, texts, entityTag });
  return { json, tag, modifiedMs: readRevisionMs(record), idWords: contactIdWords(record) };
}

const noEnvelope = makeEnvelope('', '');
