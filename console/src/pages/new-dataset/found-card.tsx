/** How much is in a file, and what people should know of it. */
import { Button } from '@mantine/core';
import type { ApiProblem } from '../../api/api-problem.ts';
import { useFormats } from '../../format/use-formats.ts';
import { Card } from '../../parts/card.tsx';
import { ProblemLine } from '../../parts/problem-line.tsx';
import { rejectionWords } from '../../parts/rejection-words.ts';
import type { Sample } from './draft.ts';
import styles from './new-dataset.module.css';
import type { ChosenSample } from './use-sample.ts';

interface FoundParts extends Omit<ChosenSample, 'sample'> {
  readonly sample: Sample;
  readonly title: string;
}

export function FoundCard({ sample, title, isReading, error, onRetry }: FoundParts) {
  const formats = useFormats();
  const { rows_read: rows, notes } = sample;
  return (
    <Card
      title={title}
      note={<span role="status">{isReading ? 'Reading the file again…' : ''}</span>}
      foot={error === null ? undefined : <ReadFailure {...{ error, onRetry }} />}
    >
      <div className={styles.found}>
        {rows !== null && (
          <p>
            <strong>{formats.count(rows)}</strong>
            <span>{rows === 1 ? 'row' : 'rows'}</span>
          </p>
        )}
        <p>
          <strong>{formats.count(sample.columns.length)}</strong>
          <span>columns</span>
        </p>
        {rows !== null && sample.missing_columns.length === 0 && <Rejected sample={sample} />}
      </div>
      {rows === null && (
        <p className={styles.notes}>
          The rows are counted by the run, because no column seems to identify the contacts.
        </p>
      )}
      {notes.length > 0 && (
        <ul className={styles.notes}>
          {notes.map((note) => (
            <li key={note}>{note}</li>
          ))}
        </ul>
      )}
    </Card>
  );
}

/** The figures are those of the last reading. */
function ReadFailure({ error, onRetry }: Pick<ChosenSample, 'onRetry'> & { error: ApiProblem }) {
  return (
    <>
      <ProblemLine error={error} />
      <Button onClick={onRetry}>Read the file again</Button>
    </>
  );
}

function Rejected({ sample: { rejections } }: { readonly sample: Sample }) {
  const formats = useFormats();
  const rejected = Object.entries(rejections);
  const sum = rejected.reduce((total, [, count]) => total + count, 0);
  const codes = rejected
    .map(([code, count]) => `${formats.count(count)} × ${rejectionWords(code)}`)
    .join(', ');
  return (
    <p>
      <strong>{formats.count(sum)}</strong>
      <span>{sum === 0 ? 'rows that cannot be used' : `rows that cannot be used: ${codes}`}</span>
    </p>
  );
}
