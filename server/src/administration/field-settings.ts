/** Checks the settings of a field. */
import {
  type Field,
  type FieldType,
  fieldTypes,
  type Sensitivity,
  sensitivities,
} from '../domain/contact/field.ts';
import { isCurrencyCode } from '../domain/value/currency-code.ts';
import { isEmptyValue, parseFieldValue } from '../domain/value/field-value.ts';
import { type DefinitionProblems, isPlainText } from './dataset/definition-problems.ts';
import { maxDescriptionLength, maxNameLength } from './limits.ts';

export interface FieldSettings {
  readonly content?: boolean;
  readonly condition?: boolean;
  readonly displayName?: string | null;
  readonly description?: string | null;
  readonly type?: string;
  readonly sensitivity?: string | null;
  /** ISO 4217; `null` means the organization's currency. */
  readonly currency?: string | null;
  /** The value that look-ups answer for null: JSON of the field's type, or null. */
  readonly impliedValue?: unknown;
}

type Settled = Omit<Field, 'id'>;

/** The field with the requested settings. Faults go to `problems`. */
export function checkFieldSettings<T extends Settled>(
  current: T,
  wanted: FieldSettings,
  problems: DefinitionProblems,
): T {
  const { displayName = current.displayName, description = current.description } = wanted;
  problems.check(
    displayName === null || isPlainText(displayName, maxNameLength),
    '/display_name',
    `Give 1 to ${maxNameLength} characters, without control characters or spaces at the ends.`,
  );
  problems.check(
    description === null || description.length <= maxDescriptionLength,
    '/description',
    `Give at most ${maxDescriptionLength} characters.`,
  );
  const type = checkFieldType(wanted.type, '/type', problems) ?? current.type;
  const currency = fieldCurrency(current, { type, currency: wanted.currency }, problems);
  return {
    ...current,
    type,
    displayName,
    description,
    content: wanted.content ?? current.content,
    condition: wanted.condition ?? current.condition,
    sensitivity: checkSensitivity(wanted.sensitivity, problems) ?? keptSensitivity(current, wanted),
    currency,
    impliedValue: impliedValue(current, { type, value: wanted.impliedValue }, problems),
  };
}

function checkFieldType(
  text: string | undefined,
  path: string,
  problems: DefinitionProblems,
): FieldType | undefined {
  if (text === undefined) return undefined;
  const type = fieldTypes.find((known) => known === text);
  problems.check(type !== undefined, path, `Give one of ${fieldTypes.join(', ')}.`);
  return type;
}

function checkSensitivity(
  text: string | null | undefined,
  problems: DefinitionProblems,
): Sensitivity | undefined {
  if (text === undefined || text === null) return undefined;
  const sensitivity = sensitivities.find((known) => known === text);
  problems.check(
    sensitivity !== undefined,
    '/sensitivity',
    `Give one of ${sensitivities.join(', ')}.`,
  );
  return sensitivity;
}

function keptSensitivity(current: Settled, wanted: FieldSettings): Sensitivity | null {
  return wanted.sensitivity === null ? null : current.sensitivity;
}

/** A new type clears the currency. */
function fieldCurrency(
  current: Settled,
  wanted: { readonly type: FieldType; readonly currency: string | null | undefined },
  problems: DefinitionProblems,
): string | null {
  const { type, currency = type === current.type ? current.currency : null } = wanted;
  if (currency === null) return null;
  problems.check(
    type === 'currency',
    '/currency',
    `Only a field of type currency has a currency; this one is of type ${type}.`,
  );
  return checkCurrencyCode(currency, problems);
}

/** The code in capital letters; faults go to `problems`. */
export function checkCurrencyCode(text: string, problems: DefinitionProblems): string {
  const code = text.toUpperCase();
  problems.check(
    isCurrencyCode(code),
    '/currency',
    'Give the ISO 4217 code of a currency: three letters, such as USD or EUR.',
  );
  return code;
}

/** A new type clears the implied value, unless the request gives one. */
function impliedValue(
  current: Settled,
  wanted: { readonly type: FieldType; readonly value: unknown },
  problems: DefinitionProblems,
): string | null {
  const { type, value } = wanted;
  if (value === undefined) return type === current.type ? current.impliedValue : null;
  if (value === null) return 'null';
  if (type === 'set' && Array.isArray(value) && value.length === 0) return '[]';
  const parsed = isEmptyValue(type, value)
    ? { reason: 'is empty; use null for no value' }
    : parseFieldValue(type, value, { timeZone: 'Z' });
  if ('json' in parsed) return parsed.json;
  problems.add('/implied_value', `As a value of type ${type} it ${parsed.reason}.`);
  return null;
}
