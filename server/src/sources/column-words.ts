/**
 * Says which columns a source has, for messages that runs and logs keep. A file without a header
 * has a person in its first row, so only names that the definition has are repeated.
 */
import { printableName } from './source-failure.ts';

/**
 * `5 columns: email, city and 3 others`
 * @param written names that the definition has
 */
export function columnWords(columns: readonly string[], written: readonly string[]): string {
  const known = columns.filter((column) => written.includes(column));
  const others = columns.length - known.length;
  const count = `${columns.length} ${columns.length === 1 ? 'column' : 'columns'}`;
  if (known.length === 0) return `${count}, none of which the definition names`;
  const shown = known.slice(0, maxShown).map(printableName);
  const more = known.length - shown.length;
  const rest = [
    ...(more > 0 ? [`${more} more that the definition names`] : []),
    ...(others > 0 ? [`${others} that the definition does not name`] : []),
  ];
  return `${count}: ${[shown.join(', '), ...rest].join(' and ')}`;
}

const maxShown = 30;
