/** The fields that a token does not see, by the reason why. */
import { Fragment } from 'react';
import { wordOf } from '../../../format/word-of.ts';
import type { Explanation } from './use-contact.ts';

type ExplainedToken = NonNullable<Explanation['token']>;

export function LeftOut({ token: { left_out } }: { readonly token: ExplainedToken }) {
  const byReason = [...Map.groupBy(left_out, ({ reason }) => reason)];
  if (byReason.length === 0) return 'Every field is in this answer.';
  return (
    <>
      <strong style={{ color: 'var(--text)' }}>Not in this answer.</strong>{' '}
      {byReason.map(([reason, entries]) => (
        <Fragment key={reason}>
          <code>{nameList(entries.map(({ field }) => field))}</code>: {wordOf(reasonWords, reason)}.{' '}
        </Fragment>
      ))}
    </>
  );
}

const reasonWords: Readonly<Record<string, string>> = {
  not_allowed: 'this token may not read them',
  not_content: 'never content',
  withheld: 'withheld, because they are too old',
  approximate: 'computed without an old value',
};

const maxNames = 6;

function nameList(names: readonly string[]): string {
  const more = names.length - maxNames;
  const shown = names.slice(0, maxNames).join(', ');
  return more > 0 ? `${shown} and ${more} more` : shown;
}
