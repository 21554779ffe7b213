/** The columns of a `RuleFilter` in flat memory, which one small loop reads for each record. */
import type { Load } from './compile-context.ts';
import type { Evaluation } from './evaluation.ts';
import type { FilterColumn } from './filter-column.ts';

export class ColumnLayout {
  /** By column. */
  readonly #slots: Int32Array;
  readonly #memos: Int32Array;
  readonly #loads: readonly Load[];
  /** By column, where its part of `#cuts`, `#words` and `#rows` begins; and where the last ends. */
  readonly #cutStarts: Int32Array;
  readonly #wordStarts: Int32Array;
  readonly #rowStarts: Int32Array;
  readonly #cuts: Float64Array;
  readonly #words: Int32Array;
  readonly #rows: Int32Array;

  /** Gives the columns memory. */
  constructor(columns: readonly FilterColumn[]) {
    this.#slots = Int32Array.from(columns, ({ part }) => part.slot);
    this.#memos = Int32Array.from(columns, ({ part }) => part.memo);
    this.#loads = columns.map(({ part }) => part.load);
    const rowLength = ({ rangeCount, words }: FilterColumn) => (rangeCount + 1) * words.length;
    this.#cutStarts = startsOf(columns.map(({ rangeCount }) => rangeCount));
    this.#wordStarts = startsOf(columns.map(({ words }) => words.length));
    this.#rowStarts = startsOf(columns.map(rowLength));
    this.#cuts = new Float64Array(this.#cutStarts.at(-1) ?? 0);
    this.#rows = new Int32Array(this.#rowStarts.at(-1) ?? 0);
    this.#words = Int32Array.from(columns.flatMap(({ words }) => [...words]));
    for (const [place, column] of columns.entries()) {
      const cuts = this.#cuts.subarray(this.#cutStarts[place], this.#cutStarts[place + 1]);
      column.use(cuts, this.#rows.subarray(this.#rowStarts[place], this.#rowStarts[place + 1]));
    }
  }

  /** Clears the bits of rules that have a false clause. */
  find(evaluation: Evaluation, bits: Int32Array): void {
    const { numbers, stamps, stamp } = evaluation;
    const [slots, memos, words, rows] = [this.#slots, this.#memos, this.#words, this.#rows];
    const [cutStarts, wordStarts] = [this.#cutStarts, this.#wordStarts];
    let from = 0;
    for (let column = 0; column < slots.length; column += 1) {
      if (stamps[memos[column] as number] !== stamp) (this.#loads[column] as Load)(evaluation);
      const value = numbers[slots[column] as number] as number;
      const start = cutStarts[column] as number;
      const range = this.#rangeOf(value, start, (cutStarts[column + 1] as number) - start);
      const to = wordStarts[column + 1] as number;
      let at = (this.#rowStarts[column] as number) + range * (to - from);
      for (; from < to; from += 1) {
        const word = words[from] as number;
        bits[word] = (bits[word] as number) & (rows[at] as number);
        at += 1;
      }
    }
  }

  /** 0 for NaN, otherwise the number of the range from 1. Without branches, which are slow here. */
  #rangeOf(value: number, start: number, count: number): number {
    const cuts = this.#cuts;
    let low = start;
    for (let size = count; size > 1; ) {
      const half = size >> 1;
      low += +(value >= (cuts[low + half] as number)) * half;
      size -= half;
    }
    return low - start + +(value >= (cuts[start] as number));
  }
}

function startsOf(lengths: readonly number[]): Int32Array {
  const starts = new Int32Array(lengths.length + 1);
  for (const [place, length] of lengths.entries()) {
    starts[place + 1] = (starts[place] ?? 0) + length;
  }
  return starts;
}
