/** Reads a field of a dataset's document: its column with its format, and the field's settings. */
import {
  type FieldType,
  fieldTypes,
  hasDecimals,
  isNumeric,
  sensitivities,
} from '../../domain/contact/field.ts';
import { givenMembers } from '../../domain/given-members.ts';
import { dateOrders } from '../../domain/value/date-value.ts';
import type { ValueOptions } from '../../domain/value/field-value.ts';
import type { FieldSettings } from '../field-settings.ts';
import { maxDescriptionLength, maxNameLength, maxPathLength } from '../limits.ts';
import type { DocumentReader } from './document-reader.ts';

const settingMembers = [
  ...['type', 'display_name', 'description', 'content', 'condition'],
  ...['implied_value', 'sensitivity', 'currency'],
] as const;

const fieldMembers = ['column', 'format', ...settingMembers] as const;

export const computedFieldMembers = ['rule', ...settingMembers] as const;

export interface FieldDocument {
  /** The field's name by default. */
  readonly column: string;
  /** `undefined` if the document has no format. */
  readonly format: Partial<ValueOptions> | undefined;
  readonly settings: FieldSettings;
}

/**
 * A known field keeps the settings that are left out; a new field gets their defaults. Null clears
 * a text.
 */
export function readFieldDocument(place: DocumentReader, name: string): FieldDocument {
  if (!place.takes(fieldMembers)) return { column: name, format: undefined, settings: {} };
  const settings = readFieldSettings(place);
  return {
    column: place.member('column').text(maxPathLength) ?? name,
    format: readFormat(place.member('format'), settings.type),
    settings,
  };
}

/** The settings that fields of datasets and computed fields share. */
export function readFieldSettings(place: DocumentReader) {
  return givenMembers({
    content: place.member('content').flag(),
    condition: place.member('condition').flag(),
    displayName: clearable(place.member('display_name'), (text) => text.text(maxNameLength)),
    description: clearable(place.member('description'), (text) => text.text(maxDescriptionLength)),
    sensitivity: clearable(place.member('sensitivity'), (word) => word.word(sensitivities)),
    currency: clearable(place.member('currency'), (text) => text.text(maxNameLength)),
    impliedValue: place.member('implied_value').value,
    type: place.member('type').word(fieldTypes),
  });
}

function clearable<T>(
  place: DocumentReader,
  read: (place: DocumentReader) => T | undefined,
): T | null | undefined {
  return place.value === null ? null : read(place);
}

function readFormat(
  place: DocumentReader,
  type: FieldType | undefined,
): Partial<ValueOptions> | undefined {
  if (place.isAbsent || !place.takes(['date_order', 'decimal_comma', 'separator', 'exact'])) {
    return undefined;
  }
  const fits = (member: string, types: readonly FieldType[]) => {
    const at = place.member(member);
    if (!at.isAbsent && type !== undefined && !types.includes(type)) {
      at.fail(`Only the types ${types.join(', ')} have this member. Remove it.`);
    }
    return at;
  };
  const dateOrder = fits('date_order', ['date']).word(dateOrders);
  const decimalComma = fits('decimal_comma', fieldTypes.filter(hasDecimals)).flag();
  const exact = fits('exact', fieldTypes.filter(isNumeric)).flag();
  const separatorPlace = fits('separator', ['set']);
  const { value: separator } = separatorPlace;
  const isSeparator = typeof separator === 'string' && separator.length === 1;
  if (!separatorPlace.isAbsent && !isSeparator) separatorPlace.fail('Give one character.');
  return givenMembers({
    dateOrder,
    decimalComma: decimalComma || undefined,
    separator: isSeparator ? separator : undefined,
    exact: exact || undefined,
  });
}
