/** An e-mail address or a name, which breaks at its signs before it breaks inside of a word. */
import { Fragment } from 'react';

export function BreakingText({ text }: { readonly text: string }) {
  // Before an @, and after a dot or an underscore.
  const parts = text.split(/(?=@)|(?<=[._])/);
  return parts.map((part, place) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: the parts of a text never move
    <Fragment key={place}>
      {place > 0 && <wbr />}
      {part}
    </Fragment>
  ));
}
