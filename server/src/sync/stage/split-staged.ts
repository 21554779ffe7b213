/**
 * Reads the file that staging writes, while it grows. The parts of each row (its identities and
 * values, `stage-rows.ts`) go to the file of parts, and the digests to a file for the engine. Rows
 * that SQL could not read are read here, with `source-row.ts`.
 *
 * A line is `true` or `false` (whether SQL read the whole row), the row's number if the source
 * gives it, two hashes, a digest for each identifier, and the parts, or else the cells as a JSON
 * list.
 */
import { type FileHandle, open } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { isBlockedIdentity } from '../../domain/contact/blocked-value.ts';
import { identityDigest, normaliseIdentity } from '../../domain/contact/identity.ts';
import {
  isRowChange,
  type RowChange,
  type RowMapping,
  type RowProblem,
  readSourceRow,
} from '../../domain/dataset/source-row.ts';
import { copyPieceBytes } from '../../domain/limits.ts';
import { isEmptyValue } from '../../domain/value/field-value.ts';
import { codeOf } from '../../sources/source-failure.ts';
import type { Workbench } from '../../sources/workbench.ts';
import { addRows, type TableRow } from '../table/table-rows.ts';
import type { Tables } from '../table/tables.ts';
import type { PartsFile } from './parts-file.ts';
import { emptyForms, partEnd, rowEnd } from './row-sql.ts';
import { WrittenFile } from './written-file.ts';

/** Values of rejected rows that did not fit their column's type, by the field's index. */
export interface Misfits {
  readonly misfits: ReadonlyMap<number, readonly string[]>;
  readonly misfitCounts: ReadonlyMap<number, number>;
}

export type RejectedTables = Tables<'rejectedRows' | 'rejectedIdentities'>;

export interface SplitOptions {
  readonly tables: RejectedTables;
  readonly staged: string;
  /** Settles when the file is complete, or writing has failed. */
  readonly writing: Promise<void>;
  /** Path of a file to make, with lines of `row_id`, hashes and digests. */
  readonly digests: string;
  readonly parts: PartsFile;
  /** Whether lines have their row's number; otherwise they are in order. */
  readonly isNumbered: boolean;
}

/** Between the parts of a line. */
export const separator = '\x1d';

const separatorCode = separator.charCodeAt(0);
const lineEnd = 0x0a;

/** Pause before more of the file is read: the engine writes some megabytes in this time. */
const lookAgainMs = 10;
const letterT = 0x74;

/** How many values of a column that did not fit are kept, to find a type that fits them. */
const misfitsKept = 1_000;

/** @throws UsherError `storage_full`, and errors of `writing` */
export async function splitStaged(
  workbench: Workbench,
  mapping: RowMapping,
  options: SplitOptions,
): Promise<Misfits & { readonly rowsRead: number }> {
  const digests = new TextFile(options.digests);
  const splitter = new Splitter(mapping, options, digests);
  try {
    for await (const piece of wholeLines(options)) {
      splitter.push(piece);
      const { rejected, identities } = splitter;
      await addRows(workbench, options.tables.rejectedRows, rejected.splice(0));
      await addRows(workbench, options.tables.rejectedIdentities, identities.splice(0));
    }
    digests.flush();
    options.parts.finish();
  } finally {
    digests.close();
  }
  const { rowsRead, misfits, misfitCounts } = splitter;
  return { rowsRead, misfits, misfitCounts };
}

class Splitter {
  rowsRead = 0;
  /** Rows for the tables `rejectedRows` and `rejectedIdentities`. */
  readonly rejected: TableRow[] = [];
  readonly identities: TableRow[] = [];
  readonly misfits = new Map<number, string[]>();
  readonly misfitCounts = new Map<number, number>();
  readonly #mapping: RowMapping;
  readonly #options: SplitOptions;
  readonly #digests: TextFile;

  constructor(mapping: RowMapping, options: SplitOptions, digests: TextFile) {
    this.#mapping = mapping;
    this.#options = options;
    this.#digests = digests;
  }

  /** @param piece of whole lines; not kept */
  push(piece: Buffer): void {
    let start = 0;
    while (start < piece.length) {
      const end = piece.indexOf(lineEnd, start);
      this.#split(piece, start, end);
      start = end + 1;
    }
  }

  #split(line: Buffer, start: number, end: number): void {
    const { parts, isNumbered } = this.#options;
    const isPlain = line[start] === letterT;
    const digests = line.indexOf(separatorCode, start) + 1;
    const last = skipSeparators(
      line,
      digests,
      this.#mapping.identifiers.length + (isNumbered ? 3 : 2),
    );
    const rowId = isNumbered ? decimalAt(line, digests) : this.rowsRead;
    this.rowsRead += 1;
    if (!isPlain) {
      const hashes = isNumbered ? line.indexOf(separatorCode, digests) + 1 : digests;
      this.#readRow(rowId, hashTexts(line, hashes), line.toString('utf8', last + 1, end));
      return;
    }
    if (!isNumbered) this.#digests.addText(`${rowId}${separator}`);
    this.#digests.addLine(line, digests, last);
    parts.add(rowId, line, last + 1, end);
  }

  #readRow(rowId: number, hashes: readonly string[], json: string): void {
    const mapping = this.#mapping;
    const cells = JSON.parse(json) as (string | null)[];
    const read = readSourceRow(mapping, cells);
    if (isRowChange(read)) {
      const digests = digestsOf(mapping, read);
      this.#digests.addText(`${[rowId, ...hashes, ...digests].join(separator)}\n`);
      const parts = Buffer.from(partsOf(mapping, read, digests));
      this.#options.parts.add(rowId, parts, 0, parts.length);
      return;
    }
    this.rejected.push(rejectedRow(rowId, read));
    this.identities.push(...identitiesOf(mapping, cells));
    this.#noteMisfits(cells, read);
  }

  #noteMisfits(cells: readonly (string | null)[], problems: readonly RowProblem[]): void {
    const columns = new Set(
      problems.filter(({ code }) => isMisfit(code)).map(({ column }) => column),
    );
    if (columns.size === 0) return;
    for (const [place, { column, cell, type }] of this.#mapping.fields.entries()) {
      const text = cells[cell];
      if (!columns.has(column) || isEmptyValue(type, text)) continue;
      this.misfitCounts.set(place, (this.misfitCounts.get(place) ?? 0) + 1);
      const texts = this.misfits.get(place) ?? [];
      if (texts.length < misfitsKept) texts.push(text ?? '');
      this.misfits.set(place, texts);
    }
  }
}

function isMisfit(code: RowProblem['code']): boolean {
  return code === 'value_invalid' || code === 'currency_mismatch';
}

/** The digests of a row's identities, '' for a missing one. */
function digestsOf(mapping: RowMapping, change: RowChange): string[] {
  return mapping.identifiers.map(({ identityType }, place) => {
    const value = change.identities[place];
    if (value === undefined) return '';
    return identityDigest(identityType.normalisation, value).toString('hex');
  });
}

function partsOf(mapping: RowMapping, change: RowChange, digests: readonly string[]): string {
  const parts = [
    ...mapping.identifiers.map(({ identityType }, place) => {
      const known = identityType.normalisation === 'email-hash' ? '' : change.identities[place];
      return digests[place] === '' ? '' : `${digests[place]}${known ?? ''}`;
    }),
    ...mapping.fields.map(({ type }, place) => change.values[place] || emptyForms[type]),
  ];
  return parts.map((part) => part + partEnd).join('') + rowEnd;
}

/**
 * The key of a rejected row: it is still the row of this key, whatever is wrong with the rest. If
 * the key itself is invalid, all others of its identities.
 */
function identitiesOf(mapping: RowMapping, cells: readonly (string | null)[]): TableRow[] {
  const found: string[] = [];
  let isKey = true;
  for (const { cell, identityType } of mapping.identifiers) {
    const { normalisation, id } = identityType;
    const text = cells[cell] ?? '';
    if (text.trim() === '' || isBlockedIdentity(identityType, text)) continue;
    const value = normaliseIdentity(normalisation, text);
    if (value === undefined) isKey = false;
    else found.push(`${id} ${identityDigest(normalisation, value).toString('hex')}`);
    if (isKey) break;
  }
  return found.map((identity) => [identity, isKey ? 1 : 0]);
}

/** A row is listed once, with its first problem. */
function rejectedRow(rowId: number, problems: readonly RowProblem[]): TableRow {
  const [first] = problems;
  return [rowId, first?.column ?? null, first?.code ?? 'value_invalid', first?.reason ?? ''];
}

/** Whole lines of a file while it is written; a piece is valid until the next one is asked for. */
async function* wholeLines({
  staged,
  writing,
}: Pick<SplitOptions, 'staged' | 'writing'>): AsyncGenerator<Buffer> {
  let isWhole = false;
  const whole = writing.then(() => {
    isWhole = true;
  });
  // It can fail while nobody waits for it; the next wait gets the error.
  whole.catch(() => undefined);
  const file = await openWritten(staged, whole);
  try {
    let buffer = Buffer.allocUnsafeSlow(copyPieceBytes);
    let used = 0;
    for (;;) {
      // Read this before the file: otherwise lines written after the last read would be missed.
      const isLast = isWhole;
      used = await fill(file, buffer, used);
      if (used < buffer.length && !isLast) {
        await Promise.race([whole, delay(lookAgainMs)]);
        continue;
      }
      const end = buffer.subarray(0, used).lastIndexOf(lineEnd) + 1;
      if (end > 0) yield buffer.subarray(0, end);
      if (used < buffer.length) return;
      if (end === 0) buffer = Buffer.concat([buffer], buffer.length * 2);
      buffer.copy(buffer, 0, end, used);
      used -= end;
    }
  } finally {
    await file.close();
  }
}

/** Opens a file as soon as it exists. The engine removes it again if it cannot write all of it. */
async function openWritten(path: string, whole: Promise<void>): Promise<FileHandle> {
  for (;;) {
    try {
      return await open(path, 'r');
    } catch (error) {
      if (codeOf(error) !== 'ENOENT') throw error;
    }
    await Promise.race([whole, delay(lookAgainMs)]);
  }
}

/** @returns how much of the buffer is used: all of it, except at the end of the file */
async function fill(file: FileHandle, buffer: Buffer, used: number): Promise<number> {
  let filled = used;
  while (filled < buffer.length) {
    const { bytesRead } = await file.read(buffer, filled, buffer.length - filled, null);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return filled;
}

/** @returns the offset of the separator after `count` parts of the line */
function skipSeparators(line: Buffer, start: number, count: number): number {
  let at = start - 1;
  for (let skipped = 0; skipped < count; skipped += 1) at = line.indexOf(separatorCode, at + 1);
  return at;
}

function decimalAt(line: Buffer, start: number): number {
  let number = 0;
  for (let at = start; line[at] !== separatorCode; at += 1) {
    number = number * 10 + ((line[at] ?? 0) - 0x30);
  }
  return number;
}

function hashTexts(line: Buffer, start: number): string[] {
  const end = skipSeparators(line, start, 2);
  return line.toString('latin1', start, end).split(separator);
}

/** Short lines, written in large pieces. */
class TextFile {
  readonly #file: WrittenFile;
  readonly #buffer = Buffer.allocUnsafeSlow(1_048_576);
  #used = 0;

  constructor(path: string) {
    this.#file = new WrittenFile(path);
  }

  /** @param text ASCII, much shorter than the buffer */
  addText(text: string): void {
    this.#makeRoom(text.length);
    this.#used += this.#buffer.write(text, this.#used, 'latin1');
  }

  addLine(bytes: Buffer, start: number, end: number): void {
    this.#makeRoom(end - start + 1);
    this.#used += bytes.copy(this.#buffer, this.#used, start, end);
    this.#buffer[this.#used] = lineEnd;
    this.#used += 1;
  }

  flush(): void {
    this.#file.write(this.#buffer.subarray(0, this.#used));
    this.#used = 0;
  }

  close(): void {
    this.#file.close();
  }

  #makeRoom(bytes: number): void {
    if (this.#used + bytes > this.#buffer.length) this.flush();
  }
}
