/**
 * Converts rollback entries of format 3 and older. Key: organization u16, dataset u16, source
 * version u64, contact id 16. Value: u8 version 1, u8 flags (1: there was a section or memberships,
 * 2: the run added the contact, 4: a report), u16 identities added, u16 identities valued, u16
 * fields, u32, f64 as-of, u64 source version; the identities (u16 type, 16 digest); the section or
 * the memberships.
 */
import type { ByteScratch } from '../../byte-scratch.ts';
import { unpackList } from '../contacts/contact-list.ts';
import { founderOf, rowsOf } from '../contacts/old-contact.ts';
import { asValue, type KeyedDatabase } from '../keyed-database.ts';
import { type NotedRow, packRollbackEntry, rollbackKey } from './rollback-entry.ts';

const oldKeyLength = 28;
const headLength = 28;
const identityLength = 18;
const flagBits = { hadBefore: 1, isAdded: 2, isReport: 4 } as const;

export function isOldRollbackKey(key: Uint8Array): boolean {
  return key.length === oldKeyLength;
}

/**
 * Call it before the contacts are converted. An entry of a contact that an old rollback removed
 * goes.
 */
export function convertRollbackEntry(
  { undo, ids, rec, mem }: Readonly<Record<'undo' | 'ids' | 'rec' | 'mem', KeyedDatabase>>,
  scratch: ByteScratch,
  key: Uint8Array,
  value: Buffer,
): void {
  undo.remove(key);
  const at = Buffer.from(key);
  const contactKey = Buffer.concat([at.subarray(0, 2), at.subarray(12)]);
  const packed = ids.getBinaryFast(contactKey);
  if (packed === undefined) return;
  const list = unpackList(packed, ids.lastSize);
  const place = {
    organizationId: at.readUInt16BE(0),
    datasetId: at.readUInt16BE(2),
    sourceVersion: at.readBigUInt64BE(4),
  };
  const founder = list.identities[founderOf(list)];
  if (founder === undefined) return;
  const flags = value.readUInt8(1);
  const isReport = (flags & flagBits.isReport) !== 0;
  const hadBefore = (flags & flagBits.hadBefore) !== 0;
  const addedCount = value.readUInt16LE(2);
  const start = headLength + (addedCount + value.readUInt16LE(4)) * identityLength;
  const added = Array.from({ length: addedCount }, (_, index) => {
    const from = headLength + index * identityLength;
    return value.subarray(from, from + identityLength);
  });
  const identities = list.identities.filter(({ typeId, digest }) => {
    return !added.some(
      (it) => it.readUInt16LE(0) === typeId && Buffer.compare(it.subarray(2), digest) === 0,
    );
  });
  // The run may have added the strongest identity.
  const keyBefore = identities[founderOf({ ...list, identities })];
  const claims = identities.map(({ typeId, digest, value: text }) => {
    return { typeId, digest, value: text, since: 0n, isOfSnapshot: false };
  });
  const view = {
    bytes: value,
    start,
    fieldCount: value.readUInt16LE(6),
    length: value.length - start,
  };
  const section = {
    view,
    asOfMs: value.readDoubleLE(12),
    sourceVersion: value.readBigUInt64LE(20),
  };
  const isThere = rowsOf({ rec, mem }, contactKey).some((it) => it.datasetId === place.datasetId);
  const row: NotedRow = {
    kind: isReport ? 'report' : 'contact',
    version: 0n,
    key: keyBefore === founder ? undefined : keyBefore,
    ...{ isPushed: false, isConverted: true, claims },
    section: isReport || !hadBefore ? undefined : section,
  };
  const isNew = (flags & flagBits.isAdded) !== 0 || !hadBefore;
  const entry = {
    before: isNew && !(isReport && hadBefore) ? undefined : row,
    isGone: !isThere,
    isReport,
    memberships: isReport && hadBefore ? value.subarray(start) : undefined,
  };
  const length = packRollbackEntry(scratch, entry);
  undo.put(rollbackKey(place, 'row', founder), asValue(scratch.bytes, length));
}
