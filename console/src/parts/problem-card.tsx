/** What happened, what to do, a button that does it, and the request id to copy. */
import { Button } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { problemOf } from '../api/api-problem.ts';
import { problemWords } from '../api/problem-words.ts';
import { useIsPast } from '../api/server-away.ts';
import { CopyButton } from './copy-button.tsx';
import styles from './problem-card.module.css';

export function ProblemCard({
  error,
  onRetry,
  retryLabel = 'Try again',
}: {
  readonly error: unknown;
  readonly onRetry?: () => void;
  readonly retryLabel?: string;
}) {
  const { facts } = problemOf(error);
  const { title, detail, list } = problemWords(error);
  // Without a button to try again there is another one, such as that of a dialog.
  const isPast = useIsPast(error) && onRetry === undefined;
  if (isPast) return null;
  return (
    <section className={styles.problem} role="alert">
      <span className={styles.sign} aria-hidden>
        <IconAlertTriangle size={17} stroke={1.6} />
      </span>
      <div className={styles.words}>
        <h2>{title}</h2>
        {detail !== '' && <p>{detail}</p>}
        {list.length > 0 && (
          <ul>
            {list.map((words) => (
              <li key={words}>{words}</li>
            ))}
          </ul>
        )}
        <div className={styles.foot}>
          {onRetry !== undefined && <Button onClick={onRetry}>{retryLabel}</Button>}
          {facts.requestId !== undefined && (
            <span className={styles.request}>
              Request <code>{facts.requestId}</code>
              <CopyButton text={facts.requestId} label="Copy the request id" />
            </span>
          )}
        </div>
      </div>
    </section>
  );
}
