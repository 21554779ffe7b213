/**
 * Says which fields show the amounts that they have in another currency, since that of the
 * organization becomes another.
 */
import { countOf } from '../import/import-words.ts';

const maxShown = 10;

export function relabelledWords(fields: readonly string[]): string {
  const shown = fields.slice(0, maxShown).join(', ');
  const more = fields.length > maxShown ? ` and ${fields.length - maxShown} more` : '';
  return (
    `The organization's currency changes, and ${countOf(fields.length, 'field')} without a currency of their own ` +
    `follow it: ${shown}${more}. Amounts that contacts have are shown in the new currency, and are not converted. ` +
    'To keep a field in the old one: usher field set NAME --currency CODE'
  );
}
