/** Makes field names of column names: snake_case, unique, and never that of a built-in field. */
import { isBuiltInFieldName } from '../../domain/contact/field.ts';
import { maxFieldNameLength } from '../limits.ts';

/** Characters of a column's name that are read. A field's name has at most 64. */
const longestRead = 1_024;

/** Latin letters that NFKD does not turn into an ASCII letter and a mark. */
const plainLetters: ReadonlyMap<string, string> = new Map(
  Object.entries({
    ...{ ß: 'ss', æ: 'ae', œ: 'oe', ø: 'o', ł: 'l', đ: 'd' },
    ...{ ð: 'd', þ: 'th', ħ: 'h', ı: 'i', ŧ: 't', ŋ: 'n' },
  }),
);

/**
 * The field name of a column: `EmailAddress`, `Email Address`, `email-address` are `email_address`,
 * `Größe` is `grosse`. A name without Latin letters and digits is `column_<place>`.
 * @param place the column's position, from 1
 */
export function fieldNameOf(column: string, place: number): string {
  return nameOf(column, place, (letter) => plainLetters.get(letter) ?? letter);
}

/** The name that earlier releases made: `stra_e` for `Straße`. Datasets and scripts may use it. */
export function formerNameOf(column: string, place: number): string {
  return nameOf(column, place, (letter) => letter);
}

function nameOf(column: string, place: number, plainOf: (letter: string) => string): string {
  const words = column
    .slice(0, longestRead)
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replace(/(?<=[A-Z])(?=[A-Z][a-z])/g, '_')
    .toLowerCase()
    .replace(/[^a-z0-9]/g, plainOf)
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^_|_$/g, '');
  if (words === '') return `column_${place}`;
  return (/^[a-z]/.test(words) ? words : `field_${words}`).slice(0, maxFieldNameLength);
}

/** The name itself, or the name with the first free number after it. */
export function freeFieldName(wanted: string, isTaken: (name: string) => boolean): string {
  const isFree = (name: string) => !isTaken(name) && !isBuiltInFieldName(name);
  if (isFree(wanted)) return wanted;
  let number = 2;
  const numbered = () => `${wanted.slice(0, maxFieldNameLength - 5)}_${number}`;
  while (!isFree(numbered())) number += 1;
  return numbered();
}
