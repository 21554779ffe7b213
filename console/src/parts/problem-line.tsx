/** Why a button did nothing, in one line beside it. */
import { problemText } from '../api/problem-words.ts';
import { useIsPast } from '../api/server-away.ts';
import styles from './problem-line.module.css';

export function ProblemLine({ error }: { readonly error: unknown }) {
  if (useIsPast(error)) return null;
  return (
    <p className={styles.line} role="alert">
      {problemText(error)}
    </p>
  );
}
