/**
 * Turns staged rows into batches of changes, in one pass. A staged row is a sequence of parts: its
 * identities, then its values (`stage-rows.ts`). Batches are encoded as they travel between threads
 * and processes (`change-batch.ts`).
 */
import { maxRowsPerBatch } from '../../domain/limits.ts';
import {
  changeHead,
  EncodedChanges,
  encodedHead,
  identityHead,
} from '../../stores/change-batch.ts';
import { type ChangeKind, changeKinds } from '../../stores/change-kind.ts';
import type { ContactChange } from '../../stores/store.ts';
import { partEnd as partEndText, rowEnd as rowEndText } from './row-sql.ts';

export interface ChangeLayout {
  readonly kind: Exclude<ChangeKind, 'clear' | 'forget' | 'keep-age'>;
  /** Identity type id for each identifier. */
  readonly typeIds: readonly number[];
  /** Ascending, one for each value of a row. */
  readonly fieldIds: readonly number[];
}

export interface ChangeBatch {
  readonly changes: readonly ContactChange[];
  /** The changes, encoded. Then `changes` decodes them each time it is read. */
  readonly encoded?: EncodedChanges;
  /** The `row_id` of each change, where a contact may have many rows. */
  readonly rows?: readonly number[];
  /** Call it when the batch is no longer needed: its memory is reused. */
  readonly release: () => void;
}

/** A batch in memory of its own, which begins at the memory's start. */
export class ReadBatch implements ChangeBatch {
  readonly encoded: EncodedChanges;
  readonly release: () => void;

  /** @param release gets the memory back */
  constructor(arena: Buffer, length: number, release: (arena: Buffer) => void) {
    this.encoded = new EncodedChanges(arena.subarray(0, length));
    this.release = () => release(arena);
  }

  get changes(): readonly ContactChange[] {
    return this.encoded.changes;
  }
}

const partEnd = partEndText.charCodeAt(0);
const rowEnd = rowEndText.charCodeAt(0);
const quote = 0x22;
const openBracket = 0x5b;
const closeBracket = 0x5d;
const digestLength = 16;
const headLength = 4;

/** Memory for a batch of ordinary rows: 1,000 of 2 kB. A larger row or batch gets its own. */
const arenaBytes = 2 * 1_048_576;

const hexValues = Uint8Array.from({ length: 128 }, (_, code) => {
  const value = Number.parseInt(String.fromCharCode(code), 16);
  return Number.isNaN(value) ? 0 : value;
});

/**
 * Turns whole rows into batches of up to `maxRowsPerBatch` changes. A value in the empty form
 * (`emptyForms`) clears its field. Sections are as `encodeSection` (`contact-codec.ts`) writes
 * them; a test compares.
 */
export class ChangeParser {
  readonly #layout: ChangeLayout;
  readonly #kind: number;
  readonly #index: Buffer;
  /** What a row needs besides its own length. */
  readonly #rowRoom: number;
  readonly #free: Buffer[] = [];
  readonly #release = (arena: Buffer) => {
    if (arena.length === arenaBytes) this.#free.push(arena);
  };
  #arena: Buffer;
  #used: number = encodedHead.length;
  #count = 0;

  constructor(layout: ChangeLayout) {
    this.#layout = layout;
    this.#kind = changeKinds.indexOf(layout.kind);
    this.#index = sectionIndex(layout.fieldIds);
    // A change needs less room than its row, since separators and hexadecimal digits are dropped.
    // Only heads and the index of fields are added.
    const heads = changeHead.length + identityHead.length * layout.typeIds.length;
    this.#rowRoom = heads + this.#index.length;
    this.#arena = Buffer.allocUnsafeSlow(arenaBytes);
  }

  /** The batches that these rows fill. */
  *push(bytes: Buffer): Generator<ReadBatch> {
    let from = 0;
    while (from < bytes.length) {
      const room = this.#rowRoom + bytes.indexOf(rowEnd, from) + 1 - from;
      if (this.#count === maxRowsPerBatch || this.#used + room > this.#arena.length) {
        if (this.#count > 0) yield this.#take();
        if (this.#used + room > this.#arena.length) {
          this.#arena = Buffer.allocUnsafeSlow(this.#used + room);
        }
      }
      from = this.#readRow(bytes, from);
    }
  }

  *end(): Generator<ReadBatch> {
    if (this.#count > 0) yield this.#take();
  }

  /** Memory of a batch that was released elsewhere. */
  reuse(arena: Buffer): void {
    this.#release(arena);
  }

  #take(): ReadBatch {
    const arena = this.#arena;
    arena.writeUInt16LE(encodedHead.version, 0);
    arena.writeUInt16LE(this.#count, encodedHead.countAt);
    const batch = new ReadBatch(arena, this.#used, this.#release);
    this.#arena = this.#free.pop() ?? Buffer.allocUnsafeSlow(arenaBytes);
    this.#used = encodedHead.length;
    this.#count = 0;
    return batch;
  }

  /** @returns where the next row begins */
  #readRow(bytes: Buffer, start: number): number {
    const arena = this.#arena;
    const changeStart = this.#used;
    this.#used += changeHead.length;
    let from = start;
    let identities = 0;
    for (const typeId of this.#layout.typeIds) {
      if (bytes[from] !== partEnd) {
        from = this.#readIdentity(bytes, from, typeId);
        identities += 1;
      }
      from += 1;
    }
    const sectionStart = this.#used;
    from = this.#readValues(bytes, from);
    arena[changeStart] = this.#kind;
    arena[changeStart + 1] = 0;
    writeUint16(arena, changeStart + changeHead.identityCountAt, identities);
    writeUint32(arena, changeStart + changeHead.sectionLengthAt, this.#used - sectionStart);
    this.#count += 1;
    return from + 1;
  }

  /** @returns where its part ends */
  #readIdentity(bytes: Buffer, start: number, typeId: number): number {
    const arena = this.#arena;
    const head = this.#used;
    let to = head + identityHead.length;
    let from = start;
    for (const end = start + digestLength * 2; from < end; from += 2) {
      const high = hexValues[bytes[from] as number] as number;
      const low = hexValues[bytes[from + 1] as number] as number;
      arena[to] = (high << 4) | low;
      to += 1;
    }
    const valueStart = to;
    let byte = bytes[from] as number;
    while (byte !== partEnd) {
      arena[to] = byte;
      to += 1;
      from += 1;
      byte = bytes[from] as number;
    }
    writeUint16(arena, head, typeId);
    writeUint16(arena, head + identityHead.valueLengthAt, to - valueStart);
    writeUint16(arena, head + identityHead.digestLengthAt, digestLength);
    this.#used = to;
    return from;
  }

  #readValues(bytes: Buffer, start: number): number {
    const arena = this.#arena;
    const count = this.#layout.fieldIds.length;
    const base = this.#used + headLength;
    arena.set(this.#index, this.#used);
    let to = this.#used + this.#index.length;
    let offsetPlace = to - (count + 1) * 4;
    let from = start;
    for (let field = 0; field < count; field += 1) {
      writeUint32(arena, offsetPlace, to - base);
      offsetPlace += 4;
      const valueStart = to;
      let byte = bytes[from] as number;
      while (byte !== partEnd) {
        arena[to] = byte;
        to += 1;
        from += 1;
        byte = bytes[from] as number;
      }
      from += 1;
      if (to - valueStart === 2 && isEmptyForm(arena, valueStart)) to = valueStart;
    }
    writeUint32(arena, offsetPlace, to - base);
    this.#used = to;
    return from;
  }
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

function writeUint16(bytes: Buffer, at: number, value: number): void {
  bytes[at] = value;
  bytes[at + 1] = value >>> 8;
}

function writeUint32(bytes: Buffer, at: number, value: number): void {
  bytes[at] = value;
  bytes[at + 1] = value >>> 8;
  bytes[at + 2] = value >>> 16;
  bytes[at + 3] = value >>> 24;
}
