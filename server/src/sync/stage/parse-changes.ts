/**
 * Turns staged rows into batches of changes, in one pass. A staged row is a sequence of parts: its
 * identities, then its values (`stage-rows.ts`).
 */
import { maxRowsPerBatch } from '../../domain/limits.ts';
import type { ChangeKind } from '../../stores/change-kind.ts';
import type { ContactChange, KnownIdentity } from '../../stores/store.ts';
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
  /** The `row_id` of each change, where a contact may have many rows. */
  readonly rows?: readonly number[];
  /** Call it when the batch is no longer needed: its memory is reused. */
  readonly release: () => void;
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
  readonly #index: Buffer;
  readonly #free: Buffer[] = [];
  #arena: Buffer;
  #used = 0;
  #changes: ContactChange[] = [];

  constructor(layout: ChangeLayout) {
    this.#layout = layout;
    this.#index = sectionIndex(layout.fieldIds);
    this.#arena = Buffer.allocUnsafeSlow(arenaBytes);
  }

  /** The batches that these rows fill. */
  *push(bytes: Buffer): Generator<ChangeBatch> {
    let from = 0;
    while (from < bytes.length) {
      const rowLength = bytes.indexOf(rowEnd, from) + 1 - from;
      // A change needs less room than its row, since separators and hexadecimal digits are dropped.
      // Only the index of fields is added.
      const roomNeeded = this.#index.length + rowLength + 4;
      const isFull = this.#changes.length === maxRowsPerBatch;
      if (isFull || this.#used + roomNeeded > this.#arena.length) {
        if (this.#changes.length > 0) yield this.#take(roomNeeded);
        else if (roomNeeded > this.#arena.length) this.#arena = Buffer.allocUnsafeSlow(roomNeeded);
      }
      from = this.#readRow(bytes, from);
    }
  }

  *end(): Generator<ChangeBatch> {
    if (this.#changes.length > 0) yield this.#take(0);
  }

  #take(roomNeeded: number): ChangeBatch {
    const arena = this.#arena;
    const changes = this.#changes;
    this.#arena = this.#free.pop() ?? Buffer.allocUnsafeSlow(Math.max(arenaBytes, roomNeeded));
    if (roomNeeded > this.#arena.length) this.#arena = Buffer.allocUnsafeSlow(roomNeeded);
    this.#used = 0;
    this.#changes = [];
    const release = () => {
      if (arena.length === arenaBytes) this.#free.push(arena);
    };
    return { changes, release };
  }

  /** @returns where the next row begins */
  #readRow(bytes: Buffer, start: number): number {
    const { typeIds, kind } = this.#layout;
    const identities: KnownIdentity[] = [];
    let from = start;
    for (const typeId of typeIds) {
      if (bytes[from] !== partEnd) {
        const end = bytes.indexOf(partEnd, from + digestLength * 2);
        const value = bytes.toString('utf8', from + digestLength * 2, end);
        identities.push({ typeId, digest: this.#readDigest(bytes, from), value });
        from = end;
      }
      from += 1;
    }
    const sectionStart = this.#used;
    from = this.#readValues(bytes, from);
    const section = this.#arena.subarray(sectionStart, this.#used);
    // The next section begins at a multiple of 4, so that it can be read aligned.
    this.#used = (this.#used + 3) & ~3;
    this.#changes.push({ kind, identities, section });
    return from + 1;
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

  #readDigest(bytes: Buffer, from: number): Uint8Array {
    const start = this.#used;
    for (let place = 0; place < digestLength; place += 1) {
      const high = hexValues[bytes[from + place * 2] as number] as number;
      const low = hexValues[bytes[from + place * 2 + 1] as number] as number;
      this.#arena[start + place] = (high << 4) | low;
    }
    this.#used += digestLength;
    return this.#arena.subarray(start, this.#used);
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

function writeUint32(bytes: Buffer, at: number, value: number): void {
  bytes[at] = value;
  bytes[at + 1] = value >>> 8;
  bytes[at + 2] = value >>> 16;
  bytes[at + 3] = value >>> 24;
}
