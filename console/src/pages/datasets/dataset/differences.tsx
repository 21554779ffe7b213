/** The differences of two definitions: old on red, new on green, an arrow between. */
import type { DatasetVersion } from '../../../api/page-entries.ts';
import styles from './dataset.module.css';

export function Differences({
  differences,
}: {
  readonly differences: DatasetVersion['differences'];
}) {
  return (
    <ul className={styles.differences}>
      {differences.map(({ path, before, after }) => (
        <li key={path} className={styles.difference}>
          <code>{path.slice(1).replaceAll('/', ' › ').replaceAll('~1', '/')}</code>
          <span className={styles.old}>{wordsOf(before)}</span>
          <span aria-hidden>→</span>
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
