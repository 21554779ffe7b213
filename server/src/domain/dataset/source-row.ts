/**
 * Reads one row of a source: returns what the row changes in a contact, or why it is rejected.
 * Every kind of source uses it. `sync/stage/row-sql.ts` does the same in SQL; a property test
 * compares the two.
 */
import type { RejectionCode } from '@usher/contract/problems';
import { isBlockedIdentity, isBlockedIn } from '../contact/blocked-value.ts';
import type { FieldType } from '../contact/field.ts';
import { normaliseIdentity } from '../contact/identity.ts';
import { identityFault } from '../contact/identity-fault.ts';
import type { IdentityType } from '../contact/identity-type.ts';
import { isEmptyValue, parseFieldValue, type ValueOptions } from '../value/field-value.ts';

export interface RowIdentifier {
  readonly column: string;
  /** The column's index in the row. */
  readonly cell: number;
  readonly identityType: IdentityType;
}

export interface RowField {
  readonly column: string;
  readonly cell: number;
  readonly type: FieldType;
  readonly options: ValueOptions;
}

export interface RowMapping {
  /** In the order of keys (`inKeyOrder`). */
  readonly identifiers: readonly RowIdentifier[];
  readonly fields: readonly RowField[];
  /** Conditions for a row, besides valid values. */
  readonly rules?: readonly RowRule[];
}

/** Identifiers with the strongest first. The first identity that a row has is its key. */
export function inKeyOrder<Identifier extends Pick<RowIdentifier, 'identityType'>>(
  identifiers: readonly Identifier[],
): readonly Identifier[] {
  const isStable = ({ identityType }: Identifier) => Number(identityType.isStable);
  return [...identifiers].sort((one, other) => isStable(other) - isStable(one));
}

/** A condition on a row's values. Fields are indexes into `RowMapping.fields`. */
export type RowRule =
  /** At least one of the fields has a value. */
  | { readonly kind: 'some'; readonly fields: readonly number[]; readonly reason: string }
  /** The field is empty or has one of these words, which need no escape in JSON. */
  | {
      readonly kind: 'word';
      readonly field: number;
      readonly words: readonly string[];
      readonly reason: string;
    }
  /** The field, which is a whole number, has none of these values. */
  | {
      readonly kind: 'not';
      readonly field: number;
      readonly numbers: readonly number[];
      readonly code: RejectionCode;
      readonly reason: string;
    };

export interface RowChange {
  /** The normalised value of each identifier, or `undefined`. The first value is the row's key. */
  readonly identities: readonly (string | undefined)[];
  /** Raw JSON of each field; '' clears the field. */
  readonly values: readonly string[];
}

export interface RowProblem {
  readonly code: RejectionCode;
  readonly column: string | null;
  /** Never repeats the value. */
  readonly reason: string;
}

/** @returns the change, or all problems of the row, identities first */
export function readSourceRow(
  mapping: RowMapping,
  cells: readonly unknown[],
): RowChange | readonly RowProblem[] {
  const problems: RowProblem[] = [];
  const identities = mapping.identifiers.map((identifier) =>
    readIdentity(identifier, cells[identifier.cell], problems),
  );
  if (problems.length === 0 && identities.every((identity) => identity === undefined)) {
    problems.push(missingIdentity(mapping.identifiers, cells));
  }
  const values = mapping.fields.map((field) => readValue(field, cells[field.cell], problems));
  if (problems.length === 0) problems.push(...brokenRules(mapping, values));
  return problems.length === 0 ? { identities, values } : problems;
}

export function isRowChange(read: RowChange | readonly RowProblem[]): read is RowChange {
  return 'identities' in read;
}

function readIdentity(
  { column, identityType }: RowIdentifier,
  cell: unknown,
  problems: RowProblem[],
): string | undefined {
  if (cell === null || cell === undefined) return undefined;
  // Lists and objects are not values. `String` would call their own `toString`.
  const text = typeof cell === 'object' ? undefined : String(cell);
  if (text?.trim() === '') return undefined;
  const value =
    text === undefined ? undefined : normaliseIdentity(identityType.normalisation, text);
  if (text !== undefined && isBlockedIn(identityType.blocked, text, value)) return undefined;
  if (value === undefined) {
    const reason =
      text === undefined
        ? 'is a list or an object, not one value'
        : identityFault(identityType, text);
    problems.push({ code: 'identity_invalid', column, reason });
  }
  return value;
}

function readValue(
  { column, type, options }: RowField,
  cell: unknown,
  problems: RowProblem[],
): string {
  if (isEmptyValue(type, cell)) return '';
  const parsed = parseFieldValue(type, cell, options);
  if ('json' in parsed) return parsed.json === '[]' ? '' : parsed.json;
  problems.push({ code: parsed.code ?? 'value_invalid', column, reason: parsed.reason });
  return '';
}

/** The rules that a row with valid values breaks. */
function brokenRules({ fields, rules = [] }: RowMapping, values: readonly string[]): RowProblem[] {
  return rules.flatMap((rule) => {
    const places = rule.kind === 'some' ? rule.fields : [rule.field];
    const given = places.map((place) => values[place] ?? '').filter((value) => value !== '');
    if (keepsRule(rule, given)) return [];
    const column = fields[places[0] ?? -1]?.column ?? null;
    const code = rule.kind === 'not' ? rule.code : 'value_invalid';
    return [{ code, column, reason: rule.reason }];
  });
}

/** @param given the values of the rule's fields that are not empty */
function keepsRule(rule: RowRule, given: readonly string[]): boolean {
  if (rule.kind === 'some') return given.length > 0;
  if (rule.kind === 'not') return !given.some((value) => rule.numbers.includes(Number(value)));
  return given.every((value) => rule.words.some((word) => value === `"${word}"`));
}

function missingIdentity(
  identifiers: readonly RowIdentifier[],
  cells: readonly unknown[],
): RowProblem {
  const only = identifiers.length === 1 ? identifiers[0] : undefined;
  const isBlocked = identifiers.some(({ cell, identityType }) =>
    isBlockedIdentity(identityType, String(cells[cell] ?? '')),
  );
  const none = only === undefined ? 'has no identity in any column' : 'is empty';
  return {
    code: 'identity_missing',
    column: only?.column ?? null,
    reason: isBlocked ? 'has only values that are blocked because they identify nobody' : none,
  };
}
