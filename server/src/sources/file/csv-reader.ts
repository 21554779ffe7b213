/**
 * Reads CSV row by row. It accepts any mix of line ends, and separators and line ends in quoted
 * cells. A broken row comes back with a fault, and the next row is read normally.
 */
export interface CsvRow {
  readonly cells: readonly string[];
  /** Why the row must be rejected. */
  readonly fault?: string;
}

interface Parsed {
  readonly row: CsvRow;
  readonly next: number;
}

const quote = 0x22;
const space = 0x20;
const lineFeed = 0x0a;
const carriageReturn = 0x0d;

export class CsvReader {
  readonly #separator: number;
  readonly #maxRowLength: number;
  #text = '';
  #final = false;
  /** Whether the text is inside a line that is too long, of which nothing is kept. */
  #isSkipping = false;

  constructor(options: { readonly separator: string; readonly maxRowLength: number }) {
    this.#separator = options.separator.charCodeAt(0);
    this.#maxRowLength = options.maxRowLength;
  }

  /** The rows that this piece completes. A blank line is a row of one empty cell. */
  *push(piece: string): Generator<CsvRow> {
    this.#text += piece;
    yield* this.#rows();
  }

  /** The remaining rows. The last line needs no line end. */
  *end(): Generator<CsvRow> {
    this.#final = true;
    yield* this.#rows();
  }

  *#rows(): Generator<CsvRow> {
    let start = this.#isSkipping ? this.#skipLine() : 0;
    if (this.#isSkipping) return;
    while (start < this.#text.length) {
      const parsed = this.#readRow(start) ?? this.#readTooLong(start);
      if (parsed === undefined) break;
      const isLong = parsed.next - start > this.#maxRowLength;
      yield isLong ? { cells: parsed.row.cells, fault: this.#tooLong() } : parsed.row;
      if (this.#isSkipping) return;
      start = parsed.next;
    }
    this.#text = this.#text.slice(start);
  }

  /** Returns `undefined` when the row may continue in the next piece. */
  #readRow(start: number): Parsed | undefined {
    const cells: string[] = [];
    let offset = start;
    let fault: string | undefined;
    for (;;) {
      const cell = this.#readCell(offset);
      if (cell === undefined) return this.#final ? this.#refuseLine(start) : undefined;
      if (cell.trailing && cell.text.includes('\n')) return this.#refuseLine(start);
      if (cell.trailing) fault = 'has text after a closing quote';
      cells.push(cell.text);
      offset = cell.end;
      if (offset >= this.#text.length) {
        return this.#final ? { row: rowOf(cells, fault), next: offset } : undefined;
      }
      const code = this.#text.charCodeAt(offset);
      offset += 1;
      if (code === this.#separator) continue;
      if (code === carriageReturn) {
        if (offset === this.#text.length && !this.#final) return undefined;
        if (this.#text.charCodeAt(offset) === lineFeed) offset += 1;
      }
      return { row: rowOf(cells, fault), next: offset };
    }
  }

  /** The cell at `start`, and its end; `undefined` when its quote is still open. */
  #readCell(start: number): { text: string; end: number; trailing: boolean } | undefined {
    let offset = start;
    while (this.#text.charCodeAt(offset) === space) offset += 1;
    if (this.#text.charCodeAt(offset) !== quote) {
      const end = this.#endOfPlain(start);
      return { text: this.#text.slice(start, end), end, trailing: false };
    }
    let text = '';
    let from = offset + 1;
    for (;;) {
      const close = this.#text.indexOf('"', from);
      if (close === -1) return undefined;
      if (this.#text.charCodeAt(close + 1) === quote) {
        text += this.#text.slice(from, close + 1);
        from = close + 2;
        continue;
      }
      if (close + 1 === this.#text.length && !this.#final) return undefined;
      text += this.#text.slice(from, close);
      const end = this.#endOfPlain(close + 1);
      return { text, end, trailing: this.#text.slice(close + 1, end).trim() !== '' };
    }
  }

  #endOfPlain(start: number): number {
    let offset = start;
    for (; offset < this.#text.length; offset += 1) {
      const code = this.#text.charCodeAt(offset);
      if (code === this.#separator || code === lineFeed || code === carriageReturn) break;
    }
    return offset;
  }

  /** Rejects one line only: an unclosed quote would swallow the rest of the file. */
  #refuseLine(start: number): Parsed {
    const end = this.#endOfLine(start);
    const cells = [this.#text.slice(start, end)];
    const isPair = this.#text.startsWith('\r\n', end);
    return {
      row: { cells, fault: 'has a quote that does not close' },
      next: end + (isPair ? 2 : 1),
    };
  }

  #readTooLong(start: number): Parsed | undefined {
    if (this.#text.length - start <= this.#maxRowLength) return undefined;
    const end = this.#endOfLine(start);
    if (end < this.#text.length) return this.#refuseLine(start);
    this.#isSkipping = true;
    this.#text = '';
    return { row: { cells: [], fault: this.#tooLong() }, next: 0 };
  }

  /** Drops the rest of a line that is too long, and returns the offset of the next one. */
  #skipLine(): number {
    const end = this.#endOfLine(0);
    if (end < this.#text.length) this.#isSkipping = false;
    else this.#text = '';
    return end + (this.#text.startsWith('\r\n', end) ? 2 : 1);
  }

  #tooLong(): string {
    return `is longer than ${this.#maxRowLength} characters`;
  }

  #endOfLine(start: number): number {
    let offset = start;
    for (; offset < this.#text.length; offset += 1) {
      const code = this.#text.charCodeAt(offset);
      if (code === lineFeed || code === carriageReturn) break;
    }
    return offset;
  }
}

function rowOf(cells: readonly string[], fault: string | undefined): CsvRow {
  return fault === undefined ? { cells } : { cells, fault };
}
