/**
 * THE READ SIDE: finds one contact by an identity and renders it by a plan. It never writes, and it
 * waits only where the store does: whatever must be waited for is known before the store lends the
 * contact.
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

/** `parts` are those of the plan. */
export interface LookupRequest extends ContactQuery {
  readonly plan: LookupPlan;
  /** Nothing stands around the contact when missing. */
  readonly envelope?: Envelope;
  /** How to tag the answer; it needs no tag when missing. */
  readonly entityTag?: EntityTag | undefined;
  /** Needed where the plan may withhold values, or freshness is to be told. */
  readonly ages?: AgeRequest | undefined;
}

export interface AgeRequest {
  readonly datasetAges: DatasetAges;
  /** Milliseconds since the epoch. */
  readonly nowMs: number;
  /** Whether the answer tells the freshness of its fields behind the contact. */
  readonly isTold: boolean;
}

export interface ContactAnswer extends RenderedContact {
  /** When its record was last written, in milliseconds since the epoch. */
  readonly modifiedMs: number;
}

/** The contact, or `undefined` when the identity leads to none. */
export function lookupContact(
  reader: ContactReader,
  request: LookupRequest,
): Awaitable<ContactAnswer | undefined> {
  const { ages } = request;
  if (ages === undefined) return reader.lendContact(request, answerPlainly);
  // Asked for before the contact is read: a run that ends meanwhile makes the values newer than is
  // told, never older.
  const asOfMs = ages.datasetAges.ofPlan(request.organizationId, request.plan);
  return asOfMs instanceof Promise
    ? asOfMs.then((known) => lookupAged(reader, { ...request, ages, asOfMs: known }))
    : lookupAged(reader, { ...request, ages, asOfMs });
}

/** The contacts of several identities, all as of one moment and in the order given. */
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
  /** Of each section of the plan. */
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

/** The same where ages matter. */
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

/** Memberships are lists; an empty one is what nothing recorded would be. */
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

/** By slot; a built-in field of which nothing is recorded keeps its implied `[]`. */
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
