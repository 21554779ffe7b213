/**
 * The read side: finds contacts by identity and renders them by a plan. A look-up never writes. It
 * awaits everything else first; only then does the store lend it the contact's record.
 */
import { packedMembership } from '../domain/membership/membership.ts';
import type {
  Awaitable,
  ContactQuery,
  ContactReader,
  IdentityKey,
  LentBytes,
  LentContact,
} from '../stores/store.ts';
import type { DatasetAges } from './dataset-ages.ts';
import type { EntityTag } from './entity-tag.ts';
import { judgeAges, tellFreshness, withholdValues } from './freshness.ts';
import { type LookupPlan, utf8View } from './lookup-plan.ts';
import {
  type Envelope,
  filledSlots,
  makeEnvelope,
  type RenderedContact,
  readRevisionMs,
  renderContact,
} from './render-contact.ts';

/** `parts` must be `plan.parts`. */
export interface LookupRequest extends ContactQuery {
  readonly plan: LookupPlan;
  /** The text around the contact; none when missing. */
  readonly envelope?: Envelope;
  /** How to tag the answer; untagged when missing. */
  readonly entityTag?: EntityTag | undefined;
  /** Needed when the plan may withhold values or freshness is reported. */
  readonly ages?: AgeRequest | undefined;
}

export interface AgeRequest {
  readonly datasetAges: DatasetAges;
  /** Milliseconds since the epoch. */
  readonly nowMs: number;
  /** Whether the answer reports the freshness of its fields. */
  readonly isTold: boolean;
}

export interface ContactAnswer extends RenderedContact {
  /** When its record was last written: milliseconds since the epoch. */
  readonly modifiedMs: number;
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

/** The contacts of several identities, as of one moment and in the given order. */
export async function lookupContacts(
  reader: ContactReader,
  identities: readonly IdentityKey[],
  request: Omit<LookupRequest, 'identity'>,
): Promise<readonly (ContactAnswer | undefined)[]> {
  const { organizationId, plan, ages } = request;
  if (ages === undefined) {
    const queries = identities.map((identity) => ({ ...request, identity }));
    return reader.readContacts(queries, answerPlainly);
  }
  const asOfMs = await ages.datasetAges.ofPlan(organizationId, plan);
  const queries = identities.map((identity) => ({ ...request, identity, ages, asOfMs }));
  return reader.readContacts(queries, answerAged);
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
  return renderAnswer(request, contact.record, membershipTexts(contact.memberships, request.plan));
}

/** Like `answerPlainly`, but with the ages of the values. */
function answerAged({ record, memberships }: LentContact, request: AgedRequest): ContactAnswer {
  const { plan, envelope = noEnvelope, asOfMs, ages: asked } = request;
  const recorded = membershipTexts(memberships, plan);
  const ages = judgeAges(record, plan, { nowMs: asked.nowMs, asOfMs });
  const texts = withholdValues(recorded, ages);
  if (!asked.isTold) return renderAnswer(request, record, texts);
  const filled = filledSlots(record, plan).map((is, slot) => is || isRecorded(recorded?.[slot]));
  const end = Buffer.from(envelope.after.buffer).toString();
  const after = utf8View(`,"freshness":${tellFreshness({ plan, ages, filled })}${end}`);
  return renderAnswer({ ...request, envelope: { ...envelope, after } }, record, texts);
}

/** Memberships are lists. An empty list means that nothing was recorded. */
function isRecorded(text: string | undefined): boolean {
  return text !== undefined && text !== '[]';
}

function renderAnswer(
  { plan, envelope = noEnvelope, entityTag }: LookupRequest,
  record: LentBytes,
  texts: readonly (string | undefined)[] | undefined,
): ContactAnswer {
  const { json, tag } = renderContact(record, plan, { envelope, texts, entityTag });
  return { json, tag, modifiedMs: readRevisionMs(record) };
}

const noEnvelope = makeEnvelope('', '');

/** By slot. A built-in field without records keeps its implied `[]`. */
function membershipTexts(
  packed: LentBytes | undefined,
  plan: LookupPlan,
): readonly (string | undefined)[] | undefined {
  if (packed === undefined) return undefined;
  const texts: (string | undefined)[] = new Array(plan.names.length).fill(undefined);
  for (const { place, slot } of plan.memberships) {
    texts[slot] = packedMembership(packed.bytes, place);
  }
  return texts;
}
