/**
 * THE READ SIDE: finds one contact by an identity and renders it by a plan. It never writes, and it waits only where the
 * store does.
 */
import { packedMembership } from '../domain/membership.ts';
import type { Awaitable, ContactReader, IdentityKey, RecordBytes } from '../stores/store.ts';
import type { DatasetAges } from './dataset-ages.ts';
import type { EntityTag } from './entity-tag.ts';
import { judgeAges, tellFreshness, withholdValues } from './freshness.ts';
import { type LookupPlan, utf8View } from './lookup-plan.ts';
import {
  type Envelope,
  filledSlots,
  makeEnvelope,
  readContactId,
  readRevisionMs,
  renderContact,
} from './render-contact.ts';

export interface LookupRequest {
  readonly organizationId: number;
  readonly identity: IdentityKey;
  readonly plan: LookupPlan;
  /** Nothing stands around the contact when missing. */
  readonly envelope?: Envelope;
  /** How to tag the answer; it needs no tag when missing. */
  readonly entityTag?: EntityTag;
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

export interface ContactAnswer {
  /** The contact as a JSON object in its envelope, as latin1 text of UTF-8 bytes. */
  readonly json: string;
  /** Of the bytes of `json`; '' when not asked for. */
  readonly tag: string;
  /** When its record was last written, in milliseconds since the epoch. */
  readonly modifiedMs: number;
}

/** The contact, or `undefined` when the identity leads to none. */
export function lookupContact(
  reader: ContactReader,
  request: LookupRequest,
): Awaitable<ContactAnswer | undefined> {
  if (request.ages !== undefined) return lookupAged(reader, request, request.ages);
  const record = reader.readRecord(request.organizationId, request.identity);
  if (record instanceof Promise) return record.then((it) => answerRecord(reader, request, it));
  return answerRecord(reader, request, record);
}

function answerRecord(
  reader: ContactReader,
  request: LookupRequest,
  record: RecordBytes | undefined,
): Awaitable<ContactAnswer | undefined> {
  if (record === undefined) return undefined;
  const { plan } = request;
  if (plan.memberships.length === 0) return renderAnswer(request, record, undefined);
  // The record's bytes end with the next call of the reader.
  const kept = copyRecord(record);
  const packed = reader.readMemberships(request.organizationId, readContactId(kept));
  return packed instanceof Promise
    ? packed.then((it) => renderAnswer(request, kept, membershipTexts(it, plan)))
    : renderAnswer(request, kept, membershipTexts(packed, plan));
}

/** The same where ages matter. They are asked for first: a run that ends meanwhile makes the values newer than is told, never older. */
async function lookupAged(
  reader: ContactReader,
  request: LookupRequest,
  { datasetAges, nowMs, isTold }: AgeRequest,
): Promise<ContactAnswer | undefined> {
  const { organizationId, plan, envelope = noEnvelope } = request;
  const asOfMs = await datasetAges.ofPlan(organizationId, plan);
  const found = await reader.readRecord(organizationId, request.identity);
  if (found === undefined) return undefined;
  const record = copyRecord(found);
  const packed =
    plan.memberships.length === 0
      ? undefined
      : await reader.readMemberships(organizationId, readContactId(record));
  const recorded = packed === undefined ? undefined : membershipTexts(packed, plan);
  const ages = judgeAges(record, plan, { nowMs, asOfMs });
  const texts = withholdValues(recorded, ages);
  if (!isTold) return renderAnswer(request, record, texts);
  const filled = filledSlots(record, plan).map((is, slot) => is || isRecorded(recorded?.[slot]));
  const end = Buffer.from(envelope.after.buffer).toString();
  const after = utf8View(`,"freshness":${tellFreshness({ plan, ages, filled })}${end}`);
  return renderAnswer({ ...request, envelope: { ...envelope, after } }, record, texts);
}

/** Memberships are lists; an empty one is what nothing recorded would be. */
function isRecorded(text: string | undefined): boolean {
  return text !== undefined && text !== '[]';
}

function copyRecord({ bytes, length }: RecordBytes): RecordBytes {
  return { bytes: Buffer.from(bytes.subarray(0, length)), length };
}

function renderAnswer(
  { plan, envelope = noEnvelope, entityTag }: LookupRequest,
  record: RecordBytes,
  texts: readonly (string | undefined)[] | undefined,
): ContactAnswer {
  const bytes = renderContact(record, plan, { envelope, texts });
  return {
    json: bytes.toString('latin1'),
    tag: entityTag === undefined ? '' : entityTag(bytes),
    modifiedMs: readRevisionMs(record),
  };
}

const noEnvelope = makeEnvelope('', '');

/** By slot; a built-in field of which nothing is recorded keeps its implied `[]`. */
function membershipTexts(
  packed: RecordBytes | undefined,
  plan: LookupPlan,
): readonly (string | undefined)[] | undefined {
  if (packed === undefined) return undefined;
  const texts: (string | undefined)[] = new Array(plan.names.length).fill(undefined);
  for (const { place, slot } of plan.memberships) {
    texts[slot] = packedMembership(packed.bytes, place);
  }
  return texts;
}
