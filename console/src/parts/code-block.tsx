/** Code that can be scrolled and selected. JSON gets colours for names and texts. */
import { Fragment, type ReactNode } from 'react';
import styles from './code-block.module.css';
import { reachable } from './reachable.ts';

export function CodeBlock({
  text,
  label,
  isJson = false,
}: {
  readonly text: string;
  readonly label: string;
  readonly isJson?: boolean;
}) {
  return (
    <section className={styles.code} {...reachable} aria-label={label}>
      <pre>{isJson ? colouredJson(text) : text}</pre>
    </section>
  );
}

/** Of indented JSON: a line has at most one name and one value. */
function colouredJson(text: string): ReactNode[] {
  return text.split('\n').map((line, place) => {
    const end = line.indexOf('": ') + 1;
    const [name, rest] = [line.slice(0, end), line.slice(end)];
    return (
      // biome-ignore lint/suspicious/noArrayIndexKey: lines keep their places
      <Fragment key={place}>
        {name !== '' && <span className={styles.name}>{name}</span>}
        {rest.includes('"') ? <span className={styles.text}>{rest}</span> : rest}
        {'\n'}
      </Fragment>
    );
  });
}
