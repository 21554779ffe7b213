/**
 * Reads delimited text row by row, forgiving in what it reads on and strict in what it accepts: any
 * mix of line ends, quoted cells with separators and line ends in them, and rows that break the
 * rules come back with a fault instead of swallowing what follows.
 */
export interface CsvRow {
  readonly cells: readonly string[];
  /** Why the row is not to be used. */
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
  /** In a line that is too long, of which nothing is kept. */
  #isSkipping = false;

  constructor(options: { readonly separator: string; readonly maxRowLength: number }) {
    this.#separator = options.separator.charCodeAt(0);
    this.#maxRowLength = options.maxRowLength;
  }

  /**
   * The rows that are complete with this piece of text. A blank line is a row of one empty cell.
   */
  *push(piece: string): Generator<CsvRow> {
    this.#text += piece;
    yield* this.#rows();
  }

  /** The rest; the last line needs no line end. */
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

  /** `undefined`: the row may go on in the next piece. */
  #readRow(start: number): Parsed | undefined {
    const cells: string[] = [];
    let place = start;
    let fault: string | undefined;
    for (;;) {
      const cell = this.#readCell(place);
      if (cell === undefined) return this.#final ? this.#refuseLine(start) : undefined;
      if (cell.trailing && cell.text.includes('\n')) return this.#refuseLine(start);
      if (cell.trailing) fault = 'has text after a closing quote';
      cells.push(cell.text);
      place = cell.end;
      if (place >= this.#text.length) {
        return this.#final ? { row: rowOf(cells, fault), next: place } : undefined;
      }
      const code = this.#text.charCodeAt(place);
      place += 1;
      if (code === this.#separator) continue;
      if (code === carriageReturn) {
        if (place === this.#text.length && !this.#final) return undefined;
        if (this.#text.charCodeAt(place) === lineFeed) place += 1;
      }
      return { row: rowOf(cells, fault), next: place };
    }
  }

  /**
   * The cell at `start`, and where it ends; `undefined`: a quote is open at the end of the text.
   */
  #readCell(start: number): { text: string; end: number; trailing: boolean } | undefined {
    let place = start;
    while (this.#text.charCodeAt(place) === space) place += 1;
    if (this.#text.charCodeAt(place) !== quote) {
      const end = this.#endOfPlain(start);
      return { text: this.#text.slice(start, end), end, trailing: false };
    }
    let text = '';
    let from = place + 1;
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
    let place = start;
    for (; place < this.#text.length; place += 1) {
      const code = this.#text.charCodeAt(place);
      if (code === this.#separator || code === lineFeed || code === carriageReturn) break;
    }
    return place;
  }

  /**
   * A quote that does not close would make one row of the rest of the file: only its first line is
   * refused.
   */
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

  /** Drops text up to a line end, and answers where the next line begins. */
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
    let place = start;
    for (; place < this.#text.length; place += 1) {
      const code = this.#text.charCodeAt(place);
      if (code === lineFeed || code === carriageReturn) break;
    }
    return place;
  }
}

function rowOf(cells: readonly string[], fault: string | undefined): CsvRow {
  return fault === undefined ? { cells } : { cells, fault };
}
