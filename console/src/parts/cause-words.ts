/** Why a run waits, in sentences with the figures as the organization writes them. */
import type { WaitCause } from '@usher/contract/wait-cause-schema';
import type { Formats } from '../format/formats.ts';

interface Waiting {
  /** What the server says. It shows for causes that this console does not know. */
  readonly reasons: readonly string[];
  /** Nodes of earlier releases send none. */
  readonly causes?: readonly WaitCause[];
}

export interface SaidCause {
  /** `undefined`: the node sent the sentence alone. */
  readonly cause: WaitCause | undefined;
  readonly words: string;
}

/** One for each cause, in the order of the server. */
export function saidCauses({ reasons, causes = [] }: Waiting, formats: Formats): SaidCause[] {
  return reasons.map((reason, place) => {
    const cause = causes[place];
    return { cause, words: (cause && causeWords(cause, formats)) ?? reason };
  });
}

function causeWords(cause: WaitCause, { count, percent }: Formats): string | undefined {
  switch (cause.code) {
    case 'contacts_change':
      return (
        `${percent(cause.share)} of the ${count(cause.contacts_before)} contacts would change. ` +
        `Without approval, at most ${percent(cause.max_share, 0)} may.`
      );
    case 'source_empty':
      return `The source has no rows. The last applied run read ${count(cause.rows_before)}.`;
    case 'files_empty':
      return emptyFiles(cause, count);
    case 'field_emptied':
      return `${cause.field} would go from ${count(cause.before)} values to ${count(cause.after)}.`;
    case 'rows_rejected':
      return (
        `${count(cause.rejected)} of ${count(cause.rows)} rows (${percent(cause.share)}) would be ` +
        `rejected. Without approval, at most ${percent(cause.max_share)} may be` +
        (cause.last_share === null
          ? ' in a first run.'
          : `: the last run rejected ${percent(cause.last_share)}.`)
      );
    case 'contacts_joined':
      return (
        `${count(cause.contacts)} contacts would be joined with others or would exchange ` +
        `identities with them, by ${cause.identity_types.join(', ')}. That is ` +
        `${percent(cause.share)} of the ${count(cause.contacts_named)} contacts of the dataset. ` +
        `Without approval, at most ${percent(cause.max_share, 0)} may be.`
      );
    default:
      return undefined;
  }
}

function emptyFiles(
  { files, count: total }: Extract<WaitCause, { readonly code: 'files_empty' }>,
  count: Formats['count'],
): string {
  if (total === 1) return `The file ${files.join()} has no rows. The last applied run had some.`;
  const more = total - files.length;
  const names = `${files.join(', ')}${more > 0 ? ` and ${count(more)} more` : ''}`;
  return `${count(total)} files have no rows: ${names}. The last applied run had some.`;
}
