/**
 * A row of a source to what it asks of a contact, or to why it is rejected: the one function for
 * every row, whatever the source. What import does in SQL for plain rows (`sync/stage/row-sql.ts`)
 * is held equal to this by a property test.
 */
import type { RejectionCode } from '@usher/contract/problems';
import type { FieldType } from '../contact/field.ts';
import { normaliseIdentity } from '../contact/identity.ts';
import type { IdentityType } from '../contact/identity-type.ts';
import { isEmptyValue, parseFieldValue, type ValueOptions } from '../value/field-value.ts';

export interface RowIdentifier {
  readonly column: string;
  /** The column's place in the row. */
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
  /** In order of strength. */
  readonly identifiers: readonly RowIdentifier[];
  readonly fields: readonly RowField[];
  /** What a row must say besides. */
  readonly rules?: readonly RowRule[];
}

/**
 * A row of some kinds says nothing unless certain of its values are there, or are certain words.
 * Fields are meant by their places.
 */
export type RowRule =
  /** One of them has a value. */
  | { readonly kind: 'some'; readonly fields: readonly number[]; readonly reason: string }
  /** It has no value, or one of these; they need no escape in JSON. */
  | {
      readonly kind: 'word';
      readonly field: number;
      readonly words: readonly string[];
      readonly reason: string;
    };

export interface RowChange {
  /** A normalised value for each identifier; `undefined` where the row has none; at least one. */
  readonly identities: readonly (string | undefined)[];
  /** Raw JSON text for each field; '' clears it. */
  readonly values: readonly string[];
}

export interface RowProblem {
  readonly code: RejectionCode;
  readonly column: string | null;
  /** Never repeats a value. */
  readonly reason: string;
}

/** @returns the change, or every problem of the row, identities first */
export function readSourceRow(
  mapping: RowMapping,
  cells: readonly unknown[],
): RowChange | readonly RowProblem[] {
  const problems: RowProblem[] = [];
  const identities = mapping.identifiers.map((identifier) =>
    readIdentity(identifier, cells[identifier.cell], problems),
  );
  if (problems.length === 0 && identities.every((identity) => identity === undefined)) {
    problems.push(missingIdentity(mapping.identifiers));
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
  // A list or an object of JSON is no value; its own idea of a text must not be asked for.
  const text = typeof cell === 'object' ? undefined : String(cell);
  if (text?.trim() === '') return undefined;
  const value =
    text === undefined ? undefined : normaliseIdentity(identityType.normalisation, text);
  if (value === undefined) {
    problems.push({
      code: 'identity_invalid',
      column,
      reason: `is no value of the identity type ${identityType.name}`,
    });
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

/** Of values that are each one of their type. */
function brokenRules({ fields, rules = [] }: RowMapping, values: readonly string[]): RowProblem[] {
  return rules.flatMap((rule) => {
    const places = rule.kind === 'some' ? rule.fields : [rule.field];
    const given = places.map((place) => values[place] ?? '').filter((value) => value !== '');
    const isKept =
      rule.kind === 'some'
        ? given.length > 0
        : given.every((value) => rule.words.some((word) => value === `"${word}"`));
    const column = fields[places[0] ?? -1]?.column ?? null;
    return isKept ? [] : [{ code: 'value_invalid' as const, column, reason: rule.reason }];
  });
}

function missingIdentity(identifiers: readonly RowIdentifier[]): RowProblem {
  const only = identifiers.length === 1 ? identifiers[0] : undefined;
  return {
    code: 'identity_missing',
    column: only?.column ?? null,
    reason: only === undefined ? 'has no identity in any column' : 'is empty',
  };
}
