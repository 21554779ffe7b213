/** Checks the settings of a field. */
import { type Field, type FieldType, fieldTypes, sensitivities } from '../domain/contact/field.ts';
import { isPlainText, plainTextForm } from '../domain/text-characters.ts';
import { isCurrencyCode } from '../domain/value/currency-code.ts';
import { isEmptyValue, parseFieldValue } from '../domain/value/field-value.ts';
import { type DefinitionProblems, descriptionFault } from './dataset/definition-problems.ts';
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
  /** The value that look-ups return instead of null: JSON of the field's type, or null. */
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
  if (displayName !== null && !isPlainText(displayName, maxNameLength)) {
    problems.add('/display_name', `Give ${plainTextForm(maxNameLength)}.`);
  }
  const fault = descriptionFault(description ?? '', maxDescriptionLength);
  // A description that is not given stays.
  if (wanted.description !== undefined && fault !== undefined) {
    problems.add('/description', fault);
  }
  const type = checkWord(wanted.type, fieldTypes, problems.below('/type')) ?? current.type;
  const { sensitivity = current.sensitivity } = wanted;
  const currency = fieldCurrency(current, { type, currency: wanted.currency }, problems);
  return {
    ...current,
    type,
    displayName,
    description,
    content: wanted.content ?? current.content,
    condition: wanted.condition ?? current.condition,
    sensitivity:
      sensitivity === null
        ? null
        : (checkWord(sensitivity, sensitivities, problems.below('/sensitivity')) ?? null),
    currency,
    impliedValue: impliedValue(current, { type, value: wanted.impliedValue }, problems),
  };
}

/** The word, if it is one of these. Another one is a problem. */
export function checkWord<Word extends string>(
  text: string | undefined,
  words: readonly Word[],
  problems: DefinitionProblems,
): Word | undefined {
  const word = words.find((known) => known === text);
  const isGood = text === undefined || word !== undefined;
  problems.check(isGood, '', `Give one of ${words.join(', ')}.`);
  return word;
}

/** A new type clears the currency. */
function fieldCurrency(
  current: Settled,
  wanted: { readonly type: FieldType; readonly currency: string | null | undefined },
  problems: DefinitionProblems,
): string | null {
  const { type, currency = type === current.type ? current.currency : null } = wanted;
  if (currency === null) return null;
  if (type !== 'currency') {
    const detail = `Only a field of type currency has a currency; this one is of type ${type}.`;
    problems.add('/currency', detail);
  }
  return checkCurrencyCode(currency, problems);
}

/** The code in capital letters; faults go to `problems`. */
export function checkCurrencyCode(text: string, problems: DefinitionProblems): string {
  const code = text.toUpperCase();
  const detail = 'Give the ISO 4217 code of a currency: three letters, such as USD or EUR.';
  problems.check(isCurrencyCode(code), '/currency', detail);
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
  problems.add(
    '/implied_value',
    `The implied value does not fit the type ${type}: it ${parsed.reason}.`,
  );
  return null;
}
