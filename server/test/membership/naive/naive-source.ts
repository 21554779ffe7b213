/** What random rules are made of. */
import type { NaiveContact } from './naive-contact.ts';
import type { RandomSource } from './random-source.ts';

/** A piece of a rule, and what it means. */
export interface Naive<Value> {
  readonly text: string;
  readonly value: (contact: NaiveContact) => Value | null;
  /** The parts that && connects. Missing: the piece itself is the only one. */
  readonly clauses?: readonly Naive<boolean>[];
}

export type NaiveCondition = Naive<boolean>;

/** Makes pieces of each type. A piece of depth 0 has no pieces below it. */
export interface NaiveSource {
  readonly random: RandomSource;
  condition(depth: number): NaiveCondition;
  /** `isWhole`: a whole number. */
  number(depth: number, isWhole: boolean): Naive<number>;
  text(depth: number): Naive<string>;
  big(depth: number): Naive<bigint>;
  set(depth: number): Naive<readonly string[]>;
  date(depth: number): Naive<number>;
  duration(depth: number): Naive<number>;
  days(depth: number): Naive<number>;
  /** Computed fields and segments so far, by type. */
  readonly computed: NaiveComputed;
  readonly flows: NaiveMemberships;
}

export interface NaiveMemberships {
  /** Ids that rules ask for: those of defined flows, and of flows that only feeds know. */
  readonly askedIds: number[];
  /** The variants that a rule may ask for; `undefined`: any. */
  variantsOf(flowId: number): readonly string[] | undefined;
  /** The variants of the contact in the flow: none if it is not in it. */
  variantsIn(contact: NaiveContact, flowId: number): readonly (string | null)[];
}

export interface NaiveComputed {
  readonly number: Naive<number>[];
  readonly whole: Naive<number>[];
  readonly text: Naive<string>[];
  readonly date: Naive<number>[];
  readonly boolean: Naive<boolean>[];
  readonly segments: NaiveCondition[];
}

/** A null condition is false. */
export function isTrue(contact: NaiveContact, condition: NaiveCondition): boolean {
  return condition.value(contact) === true;
}

/** The same piece, which evaluates each contact once. */
export function remembered<Value>(piece: Naive<Value>): Naive<Value> {
  const known = new WeakMap<NaiveContact, { readonly value: Value | null }>();
  return {
    ...piece,
    ...(piece.clauses && { clauses: piece.clauses.map(remembered) }),
    value: (contact) => {
      const found = known.get(contact) ?? { value: piece.value(contact) };
      known.set(contact, found);
      return found.value;
    },
  };
}

/** One of two pieces of a type, as a condition decides. */
export function choice<Value>(
  condition: NaiveCondition,
  whenTrue: Naive<Value>,
  whenFalse: Naive<Value>,
): Naive<Value> {
  return {
    text: `(${condition.text} ? ${whenTrue.text} : ${whenFalse.text})`,
    value: (contact) => (isTrue(contact, condition) ? whenTrue : whenFalse).value(contact),
  };
}

/** The first value that is not null. */
export function coalesced<Value>(pieces: readonly Naive<Value>[]): Naive<Value> {
  return {
    text: `coalesce(${pieces.map(({ text }) => text).join(', ')})`,
    value: (contact) => {
      for (const piece of pieces) {
        const value = piece.value(contact);
        if (value !== null) return value;
      }
      return null;
    },
  };
}

/** A function of one value; null of null. */
export function applied<From, To>(
  piece: Naive<From>,
  text: string,
  apply: (value: From) => To | null,
): Naive<To> {
  return {
    text,
    value: (contact) => {
      const value = piece.value(contact);
      return value === null ? null : apply(value);
    },
  };
}

/** A function of two values; null if one of them is null. */
export function combined<From, Other, To>(
  [one, other]: readonly [Naive<From>, Naive<Other>],
  text: string,
  combine: (one: From, other: Other, contact: NaiveContact) => To | null,
): Naive<To> {
  return {
    text,
    value: (contact) => {
      const [left, right] = [one.value(contact), other.value(contact)];
      return left === null || right === null ? null : combine(left, right, contact);
    },
  };
}

export function constant<Value>(text: string, value: Value): Naive<Value> {
  return { text, value: () => value };
}
