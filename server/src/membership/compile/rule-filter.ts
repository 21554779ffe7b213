/**
 * Finds which of many rules can be true for a record. Most clauses compare one field with
 * constants. The constants of all rules divide the values of a field into ranges, and within a
 * range each of these clauses is either true or false. So there is a row of bits for each range,
 * one bit for each rule. The rules that can be true are those whose bit is set in the row of every
 * field. For 2,000 rules, this takes a few instructions for each rule instead of several tests.
 */
import { ColumnLayout } from './column-layout.ts';
import type { Condition } from './compile-context.ts';
import { type Evaluation, nowSlot } from './evaluation.ts';
import { distinctCuts, FilterColumn, type PlacedClause } from './filter-column.ts';
import type { PlainClause } from './plain-clauses.ts';

/** A field has at most this many ranges, so that the rows stay small. */
const maxRanges = 256;

export interface FilteredRule {
  readonly plain: readonly PlainClause[];
  /** The other clauses; `null`: there are none. */
  readonly rest: Condition | null;
  /** All clauses. */
  readonly condition: Condition;
}

export class RuleFilter {
  /** The rule at the place n is the bit n % 32 of the word n / 32. */
  readonly #all: Int32Array;
  readonly #found: Int32Array;
  readonly #conditions: readonly Condition[];
  /** For which time the columns are right. */
  #nowMs = Number.NaN;
  /** What else must be evaluated of each rule at that time; `null`: nothing. */
  #rests: readonly (Condition | null)[];
  /** The first word of `#found` that may have bits. */
  #word = 0;
  readonly #columns: readonly FilterColumn[];
  readonly #layout: ColumnLayout;
  readonly #usualRests: readonly (Condition | null)[];

  constructor(rules: readonly FilteredRule[]) {
    const bits = new Int32Array(Math.ceil(rules.length / 32));
    for (let place = 0; place < rules.length; place += 1) setBit(bits, place);
    this.#all = bits;
    this.#found = new Int32Array(bits.length);
    const rests = rules.map(({ rest }) => rest);
    this.#columns = clausesByField(rules).flatMap((clauses) => {
      const { kept, left } = withinLimit(clauses);
      for (const { rule } of left) rests[rule] = rules[rule]?.condition ?? null;
      const [first] = kept;
      return first === undefined ? [] : [new FilterColumn(first.part, kept)];
    });
    this.#layout = new ColumnLayout(this.#columns);
    this.#usualRests = rests;
    this.#rests = rests;
    this.#conditions = rules.map(({ condition }) => condition);
  }

  /** Begins with another record: `next` returns the rules that can be true for it. */
  find(evaluation: Evaluation): void {
    if (evaluation.numbers[nowSlot] !== this.#nowMs) this.#refresh(evaluation);
    this.#found.set(this.#all);
    this.#layout.find(evaluation, this.#found);
    this.#word = 0;
  }

  #refresh(evaluation: Evaluation): void {
    this.#nowMs = evaluation.numbers[nowSlot] as number;
    const silent = this.#columns.filter((column) => !column.refresh(evaluation));
    this.#rests = this.#usualRests;
    if (silent.length === 0) return;
    const rests = [...this.#usualRests];
    for (const rule of silent.flatMap(({ rules }) => rules)) {
      rests[rule] = this.#conditions[rule] ?? null;
    }
    this.#rests = rests;
  }

  /** The place of the next rule that can be true; -1: there are no more. */
  next(): number {
    const found = this.#found;
    for (; this.#word < found.length; this.#word += 1) {
      const bits = found[this.#word] as number;
      if (bits === 0) continue;
      found[this.#word] = bits & (bits - 1);
      return this.#word * 32 + 31 - Math.clz32(bits & -bits);
    }
    return -1;
  }

  /** Whether a rule that `next` returned is true: evaluates what the rows do not say. */
  isTrue(place: number, evaluation: Evaluation): boolean {
    const rest = this.#rests[place] as Condition | null;
    return rest === null || rest(evaluation);
  }
}

/** The clauses about each field. */
function clausesByField(rules: readonly FilteredRule[]): readonly (readonly PlacedClause[])[] {
  const placed = rules.flatMap(({ plain }, rule) =>
    plain.map((clause): PlacedClause => ({ ...clause, rule })),
  );
  return [...Map.groupBy(placed, ({ part }) => part.slot).values()];
}

/** Keeps clauses, the first ones first, until there would be too many ranges. */
function withinLimit(clauses: readonly PlacedClause[]) {
  const [kept, left]: [PlacedClause[], PlacedClause[]] = [[], []];
  let ranges = 0;
  for (const clause of clauses) {
    ranges += clause.cuts.length;
    if (ranges >= maxRanges) ranges = distinctCuts([...kept, clause]).length;
    (ranges < maxRanges ? kept : left).push(clause);
  }
  return { kept, left };
}

function setBit(bits: Int32Array, place: number): void {
  bits[place >> 5] = (bits[place >> 5] ?? 0) | (1 << (place & 31));
}
