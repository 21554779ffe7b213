/** What the plain clauses of many rules say about one field: see `RuleFilter`. */
import type { Bound, KeptNumber } from './compile-context.ts';
import type { Evaluation } from './evaluation.ts';
import { type Cut, cutAt, type PlainClause } from './plain-clauses.ts';

export interface PlacedClause extends PlainClause {
  /** The place of its rule. */
  readonly rule: number;
}

export class FilterColumn {
  readonly part: KeptNumber;
  /** The words of bits that contain a rule of the clauses. */
  readonly words: Int32Array;
  /** How many ranges the field has, besides NaN. */
  readonly rangeCount: number;
  #cuts: Float64Array = new Float64Array(0);
  #rows: Int32Array = new Int32Array(0);
  readonly #clauses: readonly PlacedClause[];
  /** In the order of the cuts, without -Infinity. */
  #order: readonly Cut[];
  readonly #isChanging: boolean;
  #areRowsRight = false;
  /** By place in the order: whether the cut was equal to the one before when the rows were made. */
  #wereEqual: readonly boolean[] = [];

  /** @param clauses about one field */
  constructor(part: KeptNumber, clauses: readonly PlacedClause[]) {
    this.part = part;
    this.#clauses = clauses;
    this.#order = distinctCuts(clauses);
    this.#isChanging = this.#order.some(({ bound }) => bound.changing !== null);
    this.words = Int32Array.from(new Set(clauses.map(({ rule }) => rule >> 5))).sort();
    this.rangeCount = this.#order.length + 1;
  }

  /** The places of the rules of the clauses. */
  get rules(): readonly number[] {
    return this.#clauses.map(({ rule }) => rule);
  }

  /**
   * Gives the column memory, which `refresh` fills.
   * @param cuts where the ranges begin, ascending from -Infinity; NaN is in none of them
   * @param rows the words of the row for NaN, and then those of the row for each range
   */
  use(cuts: Float64Array, rows: Int32Array): void {
    cuts[0] = Number.NEGATIVE_INFINITY;
    this.#cuts = cuts;
    this.#rows = rows;
  }

  /**
   * Call it at the beginning, and when the time of the request has changed.
   * @returns whether the rows tell the truth of all clauses; otherwise they tell nothing
   */
  refresh(evaluation: Evaluation): boolean {
    if (!this.#isChanging && this.#areRowsRight) return true;
    for (const { bound } of this.#order) {
      const { changing } = bound;
      if (changing === null) continue;
      changing.load?.(evaluation);
      bound.value = evaluation.numbers[changing.slot] as number;
    }
    this.#areRowsRight = (this.#areRowsRight && this.#moveCuts()) || this.#makeRows();
    return this.#areRowsRight;
  }

  /**
   * Between equal cuts there are no numbers, so it does not matter what the row there says. Rows
   * cannot tell what would be between cuts that were equal when the rows were made.
   * @returns whether the rows are still right: the cuts have the same order, and no such cuts part
   */
  #moveCuts(): boolean {
    const cuts = this.#cuts;
    for (const [place, cut] of this.#order.entries()) {
      const [before, at] = [cuts[place] as number, cutAt(cut)];
      if (!(at >= before) || (at > before && this.#wereEqual[place] === true)) return false;
      cuts[place + 1] = at;
    }
    return true;
  }

  /** @returns whether all cuts are numbers: nothing is true of a bound that is null */
  #makeRows(): boolean {
    const sorted = this.#order.map((cut) => ({ cut, at: cutAt(cut) }));
    sorted.sort((one, other) => one.at - other.at);
    this.#order = sorted.map(({ cut }) => cut);
    this.#rows.fill(-1);
    this.#wereEqual = [];
    if (!this.#moveCuts()) return false;
    this.#wereEqual = this.#order.map((_, place) => this.#cuts[place] === this.#cuts[place + 1]);
    const ranges = new Map([...this.#cuts].map((cut, place) => [cut, place + 1]));
    for (const clause of this.#clauses) {
      if (!clause.holds(Number.NaN)) this.#clear(clause, 0, 1);
      // Between two cuts of its own, a clause has the same truth in all ranges.
      const own = [1, ...clause.cuts.map((cut) => ranges.get(cutAt(cut)) ?? 1)];
      own.sort((one, other) => one - other);
      for (const [place, range] of own.entries()) {
        const isTrue = clause.holds(this.#cuts[range - 1] ?? Number.NaN);
        if (!isTrue) this.#clear(clause, range, own[place + 1] ?? this.rangeCount + 1);
      }
    }
    return true;
  }

  /** Clears the bit of a rule in some rows. */
  #clear({ rule }: PlacedClause, from: number, to: number): void {
    const { length } = this.words;
    const rows = this.#rows;
    const keep = ~(1 << (rule & 31));
    for (let at = from * length + this.words.indexOf(rule >> 5); at < to * length; at += length) {
      rows[at] = (rows[at] as number) & keep;
    }
  }
}

/** The cuts of clauses, each once. */
export function distinctCuts(clauses: readonly PlainClause[]): readonly Cut[] {
  const [ats, afters] = [new Map<Bound | number, Cut>(), new Map<Bound | number, Cut>()];
  for (const cut of clauses.flatMap(({ cuts }) => cuts)) {
    const { bound, isAfter } = cut;
    (isAfter ? afters : ats).set(bound.changing === null ? bound.value : bound, cut);
  }
  return [...ats.values(), ...afters.values()];
}
