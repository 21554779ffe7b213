/** A name for a contact, from fields whose names say that they hold one. */
import type { ListColumn } from './list-columns.ts';

const wholeNames = ['display_name', 'full_name', 'customer_name', 'contact_name', 'name'];
const firstNames = ['first_name', 'given_name', 'firstname', 'forename'];
const lastNames = ['last_name', 'family_name', 'lastname', 'surname'];

/** Characters that are shown of each part. */
const maxPartLength = 200;

/** The one or two columns that a name is made of; empty if no column holds a name. */
export function nameColumns(columns: readonly ListColumn[]): readonly ListColumn[] {
  const texts = columns.filter(({ type }) => type === 'string' || type === 'text');
  const whole = firstOf(wholeNames, (word) => texts.find(({ name }) => name === word));
  if (whole !== undefined) return [whole];
  const partOf = (words: readonly string[]) =>
    firstOf(words, (word) => texts.find(({ name }) => name === word)) ??
    firstOf(words, (word) => texts.find(({ name }) => name.endsWith(`_${word}`)));
  return [partOf(firstNames), partOf(lastNames)].filter((column) => column !== undefined);
}

/** @param values the JSON of the columns; `null` if none of them has a text */
export function displayName(values: readonly string[]): string | null {
  const parts = values
    .map((json) => JSON.parse(json) as unknown)
    .filter((value) => typeof value === 'string')
    .map((value) => value.trim().slice(0, maxPartLength).toWellFormed())
    .filter((value) => value !== '');
  return parts.length === 0 ? null : parts.join(' ');
}

function firstOf<Found>(
  words: readonly string[],
  find: (word: string) => Found | undefined,
): Found | undefined {
  for (const word of words) {
    const found = find(word);
    if (found !== undefined) return found;
  }
  return undefined;
}
