/** Says why a run waits, in words. The causes themselves are in the contract. */
import type { WaitCause } from '@usher/contract/wait-cause-schema';
import { amount, percent } from './figures.ts';

export type { WaitCause } from '@usher/contract/wait-cause-schema';

type CauseOf<Code extends WaitCause['code']> = Extract<WaitCause, { readonly code: Code }>;

type Words = { readonly [Code in WaitCause['code']]: (cause: CauseOf<Code>) => string };

/** A sentence or two, in English. */
export function reasonOf<Code extends WaitCause['code']>(cause: CauseOf<Code>): string {
  const words: (cause: CauseOf<Code>) => string = reasons[cause.code as Code];
  return words(cause);
}

const reasons: Words = {
  contacts_change: ({ contacts_before, would_change, would_clear, would_vanish, ...shares }) =>
    `${percent(shares.share)} of the ${amount(contacts_before)} contacts would change: ` +
    `${amount(would_change)} with a new value, ${amount(would_clear)} that lose a value, ` +
    `${amount(would_vanish)} gone from the source. ` +
    `Without approval, at most ${percent(shares.max_share)} may change.`,
  source_empty: ({ rows_before }) =>
    `The source has no rows. The last applied run read ${amount(rows_before)} rows.`,
  files_empty: ({ files, count }) => {
    const shown = files.join(', ');
    const more = count - files.length;
    return count === 1
      ? `The file ${shown} has no rows. The last applied run read rows from it.`
      : `${amount(count)} files have no rows (${shown}${more > 0 ? ` and ${amount(more)} more` : ''}). The last applied run read rows from each.`;
  },
  field_emptied: ({ field, before, after }) =>
    `The field ${field} would go from ${amount(before)} values to ${amount(after)}.`,
  rows_rejected: ({ rejected, rows, share, last_share, max_share, counts }) => {
    const codes = Object.entries(counts).map(([code, count]) => `${code} ${amount(count)}`);
    const allowed =
      last_share === null
        ? `Without approval, a first run may reject at most ${percent(max_share)}.`
        : `The last applied run rejected ${percent(last_share)}. Without approval, this run may reject at most ${percent(max_share)}.`;
    return (
      `${amount(rejected)} of ${amount(rows)} rows (${percent(share)}) would be rejected ` +
      `(${codes.join(', ')}). ${allowed}`
    );
  },
  contacts_joined: ({ contacts, contacts_named, share, max_share, identity_types }) =>
    `${amount(contacts)} contacts would be joined with others or would exchange identities with them, by ${identity_types.join(', ')}. ` +
    `That is ${percent(share)} of the ${amount(contacts_named)} contacts that the dataset names. Without approval, it may be at most ${percent(max_share)}.`,
};
