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
              <Value className={styles.old} value={before} {...{ path, words }} />
              <span aria-hidden>→</span>
            </>
          )}
          <Value className={styles.fresh} value={after} {...{ path, words }} />
        </li>
      ))}
    </ul>
  );
}

interface ValueParts {
  readonly className: string | undefined;
  readonly path: string;
  readonly value: unknown;
  readonly words: DifferenceWords;
}

/** A long list is "13 fields" until it is opened. */
function Value({ className, path, value, words }: ValueParts) {
  const text = words.value(path, value);
  if (!Array.isArray(value) || value.length <= shownOfList) {
    return <span className={className}>{text}</span>;
  }
  const [name = 'entries'] = path.split('/').slice(-1);
  return (
    <details className={className}>
      <summary>{`${value.length} ${name.replaceAll('_', ' ')}`}</summary>
      {text}
    </details>
  );
}

const shownOfList = 4;

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
