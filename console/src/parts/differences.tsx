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
  /** Missing: paths and values in the words of the API. */
  readonly words?: DifferenceWords;
}

export interface DifferenceWords {
  label(path: string): string;
  /** @param value `undefined`: it is not there */
  value(path: string, value: unknown): string;
}

export function Differences({ differences, isNew = false, words = apiWords }: DifferencesParts) {
  return (
    <ul className={styles.differences}>
      {differences.map(({ path, before, after }) => (
        <li key={path} className={styles.difference}>
          {path !== '' && <code>{words.label(path)}</code>}
          {!isNew && (
            <>
              <span className={styles.old}>{words.value(path, before)}</span>
              <span aria-hidden>→</span>
            </>
          )}
          <span className={styles.fresh}>{words.value(path, after)}</span>
        </li>
      ))}
    </ul>
  );
}

export const apiWords: DifferenceWords = {
  label: (path) => path.slice(1).replaceAll('/', ' › ').replaceAll('~1', '/'),
  value: (_path, value) => (value === undefined ? 'not there' : wordsOf(value)),
};

/** Without the signs of JSON. */
function wordsOf(value: unknown): string {
  if (value === null || value === '') return 'nothing';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (Array.isArray(value)) return value.length === 0 ? 'nothing' : value.map(wordsOf).join(', ');
  if (typeof value !== 'object') return String(value);
  const members = Object.entries(value).map(([name, one]) => `${name}: ${wordsOf(one)}`);
  return members.length === 0 ? 'nothing' : members.join(', ');
}
