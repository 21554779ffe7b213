/** Differences of two states: old on red, new on green, an arrow between. */
import styles from './differences.module.css';

export interface Difference {
  /** A JSON pointer, such as `/source/format`. */
  readonly path: string;
  /** `undefined`: it was not there. */
  readonly before?: unknown;
  /** `undefined`: it is no longer there. */
  readonly after?: unknown;
}

interface DifferencesParts {
  readonly differences: readonly Difference[];
  /** Whether nothing was there before, so that only what is new is told. */
  readonly isNew?: boolean;
}

export function Differences({ differences, isNew = false }: DifferencesParts) {
  return (
    <ul className={styles.differences}>
      {differences.map(({ path, before, after }) => (
        <li key={path} className={styles.difference}>
          {path !== '' && <code>{path.slice(1).replaceAll('/', ' › ').replaceAll('~1', '/')}</code>}
          {!isNew && (
            <>
              <span className={styles.old}>{wordsOf(before)}</span>
              <span aria-hidden>→</span>
            </>
          )}
          <span className={styles.fresh}>{wordsOf(after)}</span>
        </li>
      ))}
    </ul>
  );
}

function wordsOf(value: unknown): string {
  if (value === undefined) return 'not there';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
