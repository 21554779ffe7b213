/** Column names of a source to field names: snake_case, unique, never a built-in field's. */
import { isBuiltInFieldName } from '../../domain/contact/field.ts';
import { maxFieldNameLength } from '../limits.ts';

/** Characters of a column's name that its field's name is made of; a field's name holds 64. */
const longestRead = 1_024;

/**
 * `EmailAddress`, `Email Address` and `email-address` are all `email_address`; letters with marks
 * lose them; what has no Latin letter or digit at all is `column_<place>`.
 * @param place the column's, from 1
 */
export function fieldNameOf(column: string, place: number): string {
  const words = column
    .slice(0, longestRead)
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replace(/(?<=[A-Z])(?=[A-Z][a-z])/g, '_')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^_|_$/g, '');
  if (words === '') return `column_${place}`;
  return (/^[a-z]/.test(words) ? words : `field_${words}`).slice(0, maxFieldNameLength);
}

/** The name, or with the first free number behind it. */
export function freeFieldName(wanted: string, isTaken: (name: string) => boolean): string {
  const isFree = (name: string) => !isTaken(name) && !isBuiltInFieldName(name);
  if (isFree(wanted)) return wanted;
  let number = 2;
  const numbered = () => `${wanted.slice(0, maxFieldNameLength - 5)}_${number}`;
  while (!isFree(numbered())) number += 1;
  return numbered();
}
