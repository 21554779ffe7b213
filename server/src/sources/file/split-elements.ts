/** Splits a JSON array of any length, in pieces of text, into its elements. Does not check them. */
import { maxSourceRowBytes } from '../limits.ts';
import { SourceMalformed } from '../source-failure.ts';

const quote = 0x22;
const comma = 0x2c;
const openBracket = 0x5b;
const backslash = 0x5c;
const closeBracket = 0x5d;
const openBrace = 0x7b;
const closeBrace = 0x7d;

/**
 * An element above `maxSourceRowBytes` is cut off, so that it is invalid.
 * @throws SourceMalformed when the text is not one whole array
 */
export async function* splitElements(pieces: AsyncIterable<string>): AsyncGenerator<string> {
  const splitter = new ElementSplitter();
  for await (const piece of pieces) yield* splitter.push(piece);
  splitter.end();
}

class ElementSplitter {
  #state: 'before' | 'inside' | 'behind' = 'before';
  #isString = false;
  #isEscaped = false;
  #depth = 0;
  /** The beginning of the current element. */
  #text = '';
  #count = 0;

  *push(piece: string): Generator<string> {
    let from = 0;
    for (let offset = 0; offset < piece.length; offset += 1) {
      const code = piece.charCodeAt(offset);
      if (this.#isString) this.#readString(code);
      else if (this.#state !== 'inside') {
        this.#readOutside(code);
        from = offset + 1;
      } else if (this.#depth === 0 && (code === comma || code === closeBracket)) {
        const text = this.#keep(piece.slice(from, offset));
        this.#text = '';
        from = offset + 1;
        if (code === closeBracket) this.#state = 'behind';
        if (text.trim() !== '') yield text;
        else if (code === comma || this.#count > 0) throw broken();
        this.#count += 1;
      } else this.#readElement(code);
    }
    if (this.#state === 'inside') this.#text = this.#keep(piece.slice(from));
  }

  end(): void {
    if (this.#state !== 'behind') throw broken();
  }

  #keep(more: string): string {
    return (this.#text + more).slice(0, maxSourceRowBytes + 1);
  }

  #readString(code: number): void {
    if (this.#isEscaped) this.#isEscaped = false;
    else if (code === backslash) this.#isEscaped = true;
    else if (code === quote) this.#isString = false;
  }

  #readOutside(code: number): void {
    if (code === 0x20 || code === 0x09 || code === 0x0a || code === 0x0d) return;
    if (this.#state !== 'before' || code !== openBracket) throw broken();
    this.#state = 'inside';
  }

  #readElement(code: number): void {
    if (code === quote) this.#isString = true;
    else if (code === openBrace || code === openBracket) this.#depth += 1;
    else if (code === closeBrace || code === closeBracket) this.#depth -= 1;
    if (this.#depth < 0) throw broken();
  }
}

function broken(): SourceMalformed {
  return new SourceMalformed('not an array');
}
