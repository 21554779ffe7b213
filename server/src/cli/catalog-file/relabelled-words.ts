/**
 * Warns that a change of the organization's currency changes the currency in which some fields show
 * their amounts, and names these fields.
 */
import { countOf } from '../import/import-words.ts';

const maxShown = 10;

export function relabelledWords(fields: readonly string[]): string {
  const shown = fields.slice(0, maxShown).join(', ');
  const more = fields.length > maxShown ? ` and ${fields.length - maxShown} more` : '';
  return (
    `The organization's currency changes. ${countOf(fields.length, 'field')} without its own currency will show ` +
    `amounts in the new one, without converting them: ${shown}${more}. ` +
    'To keep the old currency for a field: usher field set NAME --currency CODE'
  );
}
