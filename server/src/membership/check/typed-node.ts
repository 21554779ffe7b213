/**
 * A rule whose types are checked: names are ids, and every node has one type. `check-node.ts` makes
 * it, `compile/` turns it into functions.
 */
import type { RuleType } from '../../domain/rule/rule-type.ts';

/** Numbers, dates, durations and days are numbers: the last three in milliseconds, and in days. */
export type TypedNode =
  | Constant
  | FieldValue
  | { readonly op: 'has'; readonly type: 'boolean'; readonly fieldId: number }
  | { readonly op: 'now'; readonly type: 'date' }
  | { readonly op: 'day'; readonly type: 'date'; readonly day: string }
  | { readonly op: 'all' | 'any'; readonly type: 'boolean'; readonly parts: readonly TypedNode[] }
  | { readonly op: 'not'; readonly type: 'boolean'; readonly part: TypedNode }
  | Comparison
  | InList
  | {
      readonly op: 'in-set';
      readonly type: 'boolean';
      readonly value: TypedNode;
      readonly set: TypedNode;
    }
  | Arithmetic
  | Choice
  | Call
  | Membership;

export interface FieldValue {
  readonly op: 'field';
  readonly type: RuleType;
  readonly fieldId: number;
  /** Where its name begins in the text of the rule by ids (`problemAt`). */
  readonly at: number;
}

export interface Constant {
  readonly op: 'constant';
  readonly type: RuleType;
  /** `null`: null of this type. Big integers are texts of digits. */
  readonly value: number | string | boolean | null;
}

export interface Comparison {
  readonly op: 'compare';
  readonly type: 'boolean';
  readonly sign: '==' | '<' | '<=' | '>' | '>=';
  readonly left: TypedNode;
  readonly right: TypedNode;
}

export interface InList {
  readonly op: 'in-list';
  readonly type: 'boolean';
  readonly value: TypedNode;
  readonly elements: readonly TypedNode[];
}

export interface Arithmetic {
  readonly op: 'arithmetic';
  readonly type: RuleType;
  readonly sign: '+' | '-' | '*' | '/' | '%';
  readonly left: TypedNode;
  readonly right: TypedNode;
}

export interface Choice {
  readonly op: 'choose';
  readonly type: RuleType;
  readonly condition: TypedNode;
  readonly whenTrue: TypedNode;
  readonly whenFalse: TypedNode;
}

/** A function or a method; of a method, the text is the first argument. */
export interface Call {
  readonly op: 'call';
  readonly type: RuleType;
  readonly name: CallName;
  readonly parts: readonly TypedNode[];
}

export type CallName =
  | ('coalesce' | 'size' | 'int' | 'double' | 'string')
  | ('min' | 'max' | 'abs' | 'round' | 'floor' | 'ceil' | 'negative')
  | ('startsWith' | 'endsWith' | 'contains' | 'lowerAscii' | 'upperAscii' | 'trim')
  | 'days';

export type Membership =
  | {
      readonly op: 'in-segment' | 'in-list-dataset' | 'in-flow';
      readonly type: 'boolean';
      readonly id: number;
    }
  | {
      readonly op: 'in-variant';
      readonly type: 'boolean';
      readonly id: number;
      readonly variant: string;
    }
  | {
      readonly op: 'received-campaign';
      readonly type: 'boolean';
      readonly campaignId: string;
      /** When it was received at the earliest; `null`: at any time. */
      readonly since: TypedNode | null;
    };
