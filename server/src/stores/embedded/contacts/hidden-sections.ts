/**
 * The sections of rows that do not answer, because a newer row of their dataset is part of the same
 * contact. Key, big endian: organization u16, dataset u16, row key (u16 type, 16 digest). Value,
 * little endian: f64 as-of, u64 source version, u16 fields, u16 0, the section.
 */
import type { ByteScratch } from '../../byte-scratch.ts';
import type { SectionView } from '../../contact-codec.ts';
import type { HiddenRow } from '../../privacy-answer.ts';
import { fieldIdAt, valueAt } from '../../read-record.ts';
import type { DatasetPlace } from '../../run-lease.ts';
import type { IdentityKey } from '../../store.ts';
import { asValue, type KeyedDatabase } from '../keyed-database.ts';
import { identityBytes, identityOf, type WaitingRow } from './identity-links.ts';

/** A section with its age and version. */
export interface StoredSection {
  readonly view: SectionView;
  /** Encoded as `section-age.ts` describes. */
  readonly asOfMs: number;
  readonly sourceVersion: bigint;
}

const headLength = 20;

export function hiddenKey({ organizationId, datasetId }: DatasetPlace, key: IdentityKey): Buffer {
  const bytes = Buffer.allocUnsafe(22);
  bytes.writeUInt16BE(organizationId, 0);
  bytes.writeUInt16BE(datasetId, 2);
  bytes.set(identityBytes(key), 4);
  return bytes;
}

/** The row that a key names. */
export function readHiddenKey(key: Uint8Array): WaitingRow {
  const bytes = Buffer.from(key);
  return { datasetId: bytes.readUInt16BE(2), key: identityOf(bytes.subarray(4)) };
}

export function putHidden(
  row: KeyedDatabase,
  key: Uint8Array,
  { view, asOfMs, sourceVersion }: StoredSection,
  scratch: ByteScratch,
): void {
  const length = headLength + view.length;
  const bytes = scratch.reserve(length);
  bytes.writeDoubleLE(asOfMs, 0);
  bytes.writeBigUInt64LE(sourceVersion, 8);
  bytes.writeUInt16LE(view.fieldCount, 16);
  bytes.writeUInt16LE(0, 18);
  bytes.set(view.bytes.subarray(view.start, view.start + view.length), headLength);
  row.put(key, asValue(bytes, length));
}

/** A copy. */
export function readHidden(row: KeyedDatabase, key: Uint8Array): StoredSection | undefined {
  const found = row.getBinaryFast(key);
  if (found === undefined) return undefined;
  const bytes = Buffer.from(found.subarray(0, row.lastSize));
  const fieldCount = bytes.readUInt16LE(16);
  return {
    view: { bytes, start: headLength, fieldCount, length: bytes.length - headLength },
    asOfMs: bytes.readDoubleLE(0),
    sourceVersion: bytes.readBigUInt64LE(8),
  };
}

/** The values of a hidden row; `undefined`: the row answers, or there is none. */
export function readHiddenRow(row: KeyedDatabase, key: Uint8Array): HiddenRow | undefined {
  const hidden = readHidden(row, key);
  if (hidden === undefined) return undefined;
  return { asOfMs: hidden.asOfMs, values: valuesOf(hidden) };
}

/** The values of a section, without empty ones. */
export function valuesOf({ view }: Pick<StoredSection, 'view'>): HiddenRow['values'] {
  const values: { fieldId: number; value: string }[] = [];
  for (let place = 0; place < view.fieldCount; place += 1) {
    const value = Buffer.from(valueAt(view, place)).toString();
    if (value !== '') values.push({ fieldId: fieldIdAt(view, place), value });
  }
  return values;
}
