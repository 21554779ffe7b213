/** Why a button did nothing, in one line beside it. */
import { problemOf } from '../api/api-problem.ts';
import styles from './problem-line.module.css';

export function ProblemLine({ error }: { readonly error: unknown }) {
  return (
    <p className={styles.line} role="alert">
      {problemOf(error).facts.detail}
    </p>
  );
}
