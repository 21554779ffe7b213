/** What the compilers of the single parts of a rule need from each other. */
import type { Field } from '../../domain/contact/field.ts';
import type { Flow } from '../../domain/flow/flow.ts';
import type { ZoneDays } from '../../domain/value/zone-days.ts';
import type { TypedNode } from '../check/typed-node.ts';
import type { Evaluation } from './evaluation.ts';
import type { TextConstants } from './text-constants.ts';

export type Load = (evaluation: Evaluation) => void;
export type Condition = (evaluation: Evaluation) => boolean;
export type ReadText = (evaluation: Evaluation) => string | null;

/** A number, a date, a duration, days, or a boolean as 1 and 0: `load` brings it to a register. */
export interface NumberPart {
  readonly slot: number;
  /** `null`: it is always there. */
  readonly load: Load | null;
  /** Where it says that the value is there, `load` need not be called. Missing: call it always. */
  readonly memo?: number;
}

/** A number that is found once for each record. */
export interface KeptNumber extends NumberPart {
  readonly load: Load;
  readonly memo: number;
}

/** Which constant of the rules the text of an input is, as a number from 0; -1: none of them. */
export interface TextNumber extends KeptNumber {
  readonly constants: TextConstants;
}

/** What fields are compared with. */
export interface Bound {
  /** Of a bound that is no constant, set it before the clause is evaluated. NaN is null. */
  value: number;
  /** `null`: the value is constant. */
  readonly changing: NumberPart | null;
}

/** A text, or a big integer as digits. */
export type TextPart =
  | { readonly kind: 'constant'; readonly text: string | null }
  | { readonly kind: 'input'; readonly input: Input; readonly read: ReadText }
  | { readonly kind: 'read'; readonly read: ReadText };

/** A set: its JSON, in the record or as text. */
export type SetPart =
  | { readonly kind: 'input'; readonly input: Input; readonly read: ReadText }
  | { readonly kind: 'read'; readonly read: ReadText };

/** A field that a rule reads from the record. */
export interface Input {
  /** Its place in the list of inputs. */
  readonly number: number;
  readonly field: Field;
  /** What a missing value means: parsed JSON. */
  readonly implied: string | number | boolean | readonly string[] | null;
  /** The memo of its value. */
  readonly memo: number;
  readonly slot: number;
}

/** A computed field: its value in the form of its type, with and without the implied value. */
export interface Computed {
  readonly field: Field;
  /** Whether the expression gives a value. */
  readonly has: Condition;
  /** With the implied value. For numbers, dates and booleans; otherwise always null. */
  readonly number: NumberPart;
  /** With the implied value. For texts, big integers and the JSON of sets; otherwise null. */
  readonly read: ReadText;
  /** The JSON of the value, without the implied one; `null`: there is none. */
  readonly readJson: ReadText;
}

/** What decides the slot of a contact: see `Flow`. */
export interface SlotBy {
  readonly unit: number;
  readonly salt: string;
}

/** The slot; -1: the contact has no such unit. */
export type SlotReader = (evaluation: Evaluation) => number;

/** A flow that follows a segment. */
export interface CompiledFlow {
  readonly flow: Flow;
  /** Each variant once. */
  readonly variants: readonly string[];
  /** `notInFlow`, `withoutVariant`, or `firstVariant` and the place in `variants` added to it. */
  readonly outcome: (evaluation: Evaluation) => number;
  /** The same for a contact that is known to be in the segment of the flow. */
  readonly memberOutcome: (evaluation: Evaluation) => number;
}

export const notInFlow = 0;
export const withoutVariant = 1;
export const firstVariant = 2;

export interface CompileContext {
  readonly zone: ZoneDays;
  number(node: TypedNode): NumberPart;
  condition(node: TypedNode): Condition;
  text(node: TypedNode): TextPart;
  set(node: TypedNode): SetPart;
  /** A function that reads a text part. */
  reader(part: TextPart | SetPart): ReadText;
  /** A new register. */
  register(value?: number, isDay?: boolean): number;
  /** The register of a constant. */
  constant(value: number): NumberPart;
  /** A new memo. */
  memo(): number;
  /** `undefined`: the field is computed, or gone. */
  input(fieldId: number): Input | undefined;
  textNumber(input: Input): TextNumber;
  /** Whether a set contains a text: rules often ask the same. */
  setHas(input: Input, text: string): Condition;
  /** A time that is the same for all records of a request: rules often compare with the same. */
  changingBound(node: TypedNode): Bound;
  /** `undefined`: the field is not computed, or gone. */
  computed(fieldId: number): Computed | undefined;
  segment(id: number): Condition;
  flow(id: number, variant: string | null): Condition;
  slot(by: SlotBy): SlotReader;
}
