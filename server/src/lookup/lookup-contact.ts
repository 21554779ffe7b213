/**
 * THE READ SIDE: finds one contact by an identity and renders it by a plan. It never writes, and it waits only where the
 * store does.
 */
import type { Awaitable, ContactReader, IdentityKey, RecordBytes } from '../stores/store.ts';
import type { LookupPlan } from './lookup-plan.ts';
import {
  readContactId,
  readRevisionMs,
  readValues,
  renderMemberships,
  renderObject,
} from './render-contact.ts';

export interface LookupRequest {
  readonly organizationId: number;
  readonly identity: IdentityKey;
  readonly plan: LookupPlan;
}

export interface ContactAnswer {
  /** The contact as a JSON object, as latin1 text of its UTF-8 bytes. */
  readonly json: string;
  /** When its record was last written, in milliseconds since the epoch. */
  readonly modifiedMs: number;
}

/** The contact, or `undefined` when the identity leads to none. */
export function lookupContact(
  reader: ContactReader,
  request: LookupRequest,
): Awaitable<ContactAnswer | undefined> {
  const record = reader.readRecord(request.organizationId, request.identity);
  if (record instanceof Promise) return record.then((it) => renderRecord(reader, request, it));
  return renderRecord(reader, request, record);
}

function renderRecord(
  reader: ContactReader,
  request: LookupRequest,
  record: RecordBytes | undefined,
): Awaitable<ContactAnswer | undefined> {
  if (record === undefined) return undefined;
  const { plan } = request;
  // All that the record holds is taken out of it before the reader is called again.
  const values = readValues(record, plan);
  const modifiedMs = readRevisionMs(record);
  if (plan.memberships.length === 0) return { json: renderObject(plan, values), modifiedMs };

  const packed = reader.readMemberships(request.organizationId, readContactId(record));
  const finish = (memberships: RecordBytes | undefined): ContactAnswer => {
    renderMemberships(memberships, plan, values);
    return { json: renderObject(plan, values), modifiedMs };
  };
  return packed instanceof Promise ? packed.then(finish) : finish(packed);
}
