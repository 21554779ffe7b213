/** An e-mail address or a name, which breaks at its signs. Only a very long word breaks inside. */
import { Fragment } from 'react';
import styles from './breaking-text.module.css';

export function BreakingText({ text }: { readonly text: string }) {
  // Before an @, and after a dot, an underscore or a space.
  const parts = text.split(/(?=@)|(?<=[._ ])/);
  return parts.map((part, place) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: the parts of a text never move
    <Fragment key={place}>
      {place > 0 && <wbr />}
      {part.length > maxWhole ? part : <span className={styles.whole}>{part}</span>}
    </Fragment>
  ));
}

/** Characters that fit in a column of a narrow window. */
const maxWhole = 16;
