/** The parts of staged rows (`stage-rows.ts`) as changes for the store: one pass over the bytes, no text made of a value. */
import type { ContactChange, KnownIdentity } from '../stores/store.ts';

export interface ChangeLayout {
  readonly kind: 'replace' | 'patch';
  /** Identity type id for each identifier. */
  readonly typeIds: readonly number[];
  /** Ascending, one for each value of a row. */
  readonly fieldIds: readonly number[];
}

const partEnd = 0x1f;
const quote = 0x22;
const openBracket = 0x5b;
const closeBracket = 0x5d;
const digestLength = 16;
const headLength = 4;

/** Values of hexadecimal digits by their character. */
const hexValues = Uint8Array.from({ length: 128 }, (_, code) => {
  const value = Number.parseInt(String.fromCharCode(code), 16);
  return Number.isNaN(value) ? 0 : value;
});

/**
 * Reads rows whose bytes are complete.
 * Sections are written as `stores/contact-codec.ts` writes them (`encodeSection`), a test compares; a value in its empty form clears
 * its field.
 */
export function parseChanges(bytes: Buffer, layout: ChangeLayout): ContactChange[] {
  const { fieldIds, typeIds, kind } = layout;
  const index = sectionIndex(fieldIds);
  // A value loses its separator and gains nothing, so that this many bytes always do.
  const rowsAtMost = Math.ceil(bytes.length / (fieldIds.length + typeIds.length * 33 + 1)) + 1;
  const sections = Buffer.allocUnsafe(bytes.length + rowsAtMost * (index.length + 4));
  const changes: ContactChange[] = [];
  let from = 0;
  let to = 0;
  while (from < bytes.length) {
    const identities: KnownIdentity[] = [];
    for (const typeId of typeIds) {
      const end = bytes.indexOf(partEnd, from);
      if (end > from) identities.push(readIdentity(bytes, { from, end, typeId }));
      from = end + 1;
    }
    const start = to;
    sections.set(index, start);
    let offsetPlace = start + index.length - (fieldIds.length + 1) * 4;
    const valuesStart = start + index.length;
    to = valuesStart;
    for (let field = 0; field < fieldIds.length; field += 1) {
      writeUint32(sections, offsetPlace, to - start - headLength);
      offsetPlace += 4;
      const valueStart = to;
      let byte = bytes[from] as number;
      while (byte !== partEnd) {
        sections[to] = byte;
        to += 1;
        from += 1;
        byte = bytes[from] as number;
      }
      from += 1;
      if (to - valueStart === 2 && isEmptyForm(sections, valueStart)) to = valueStart;
    }
    writeUint32(sections, offsetPlace, to - start - headLength);
    changes.push({ kind, identities, section: sections.subarray(start, to) });
    // The next section begins at a multiple of 4, so that its copy may be aligned.
    to = (to + 3) & ~3;
    from += 1;
  }
  return changes;
}

function readIdentity(
  bytes: Buffer,
  { from, end, typeId }: { from: number; end: number; typeId: number },
): KnownIdentity {
  const digest = Buffer.allocUnsafe(digestLength);
  for (let place = 0; place < digestLength; place += 1) {
    const high = hexValues[bytes[from + place * 2] as number] as number;
    digest[place] = (high << 4) | (hexValues[bytes[from + place * 2 + 1] as number] as number);
  }
  const value = bytes.toString('utf8', from + digestLength * 2, end);
  return { typeId, digest, value };
}

/** A section's head, field ids and room for its offsets. */
function sectionIndex(fieldIds: readonly number[]): Buffer {
  const padded = (fieldIds.length * 2 + 3) & ~3;
  const index = Buffer.alloc(headLength + padded + (fieldIds.length + 1) * 4);
  index.writeUInt16LE(fieldIds.length, 0);
  for (const [place, id] of fieldIds.entries()) index.writeUInt16LE(id, headLength + place * 2);
  return index;
}

/** `""` or `[]`; no other value of two bytes begins like these. */
function isEmptyForm(bytes: Buffer, at: number): boolean {
  const first = bytes[at];
  const second = bytes[at + 1];
  return (
    (first === quote && second === quote) || (first === openBracket && second === closeBracket)
  );
}

function writeUint32(bytes: Buffer, at: number, value: number): void {
  bytes[at] = value;
  bytes[at + 1] = value >>> 8;
  bytes[at + 2] = value >>> 16;
  bytes[at + 3] = value >>> 24;
}
