/** What was found in a file, what may be changed about it, and the start of the run. */
import { Button } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import type { ApiProblem } from '../../api/api-problem.ts';
import { call } from '../../api/call.ts';
import { useFormats } from '../../format/use-formats.ts';
import { Card } from '../../parts/card.tsx';
import define from '../../parts/define.module.css';
import { ProblemCard } from '../../parts/problem-card.tsx';
import { SkeletonRows } from '../../parts/skeleton.tsx';
import { readAgain } from '../datasets/use-datasets.ts';
import { ColumnsTable } from './columns-table.tsx';
import { type Draft, definitionOf, draftOf, nameFault, type Sample } from './draft.ts';
import { DraftForm } from './draft-form.tsx';
import styles from './new-dataset.module.css';

interface DraftParts {
  readonly upload: string;
  /** `undefined`: named after the file. */
  readonly dataset: string | undefined;
  readonly onAnother: () => void;
}

export function DraftSteps({ upload, dataset, onAnother }: DraftParts) {
  const { data, error, refetch } = useQuery<Sample, ApiProblem>({
    queryKey: ['sample', upload, dataset],
    queryFn: ({ signal }) =>
      call(
        'GET /admin/v1/uploads/{id}/sample',
        {
          params: { id: upload },
          query: { rows: shownRows, ...(dataset === undefined ? {} : { dataset }) },
        },
        signal,
      ) as Promise<Sample>,
    staleTime: Number.POSITIVE_INFINITY,
  });
  if (error !== null) {
    return (
      <div className={styles.cards}>
        <ProblemCard error={error} onRetry={() => void refetch()} />
        <p>
          <Button onClick={onAnother}>Choose another file</Button>
        </p>
      </div>
    );
  }
  if (data === undefined) {
    return (
      <Card title="Reading the file" note="Every row is read, so that the types hold.">
        <SkeletonRows count={6} />
      </Card>
    );
  }
  return <DraftPage upload={upload} sample={data} onAnother={onAnother} />;
}

const shownRows = 3;

function DraftPage({
  upload,
  sample,
  onAnother,
}: {
  readonly upload: string;
  readonly sample: Sample;
  readonly onAnother: () => void;
}) {
  const [draft, setDraft] = useState(() => draftOf(sample));
  const start = useStart(upload, sample);
  const { data: types } = useQuery({
    queryKey: ['identity-types'],
    queryFn: ({ signal }) =>
      call('GET /admin/v1/identity-types', { query: { limit: 100 } }, signal),
  });
  const known = types?.data.map(({ name }) => name) ?? [];
  const fault = draft.keys.length === 0 ? 'Say which column identifies the contacts.' : undefined;
  const isReady = fault === undefined && nameFault(draft.name) === undefined && types !== undefined;
  return (
    <div className={styles.cards}>
      <FoundCard sample={sample} />
      <DraftForm sample={sample} draft={draft} knownTypes={known} onChange={setDraft} />
      <Card title="Columns" note={`${sample.columns.length} in the file`}>
        <ColumnsTable sample={sample} draft={draft} onChange={setDraft} />
      </Card>
      {start.error !== null && <ProblemCard error={start.error} />}
      <div className={define.buttons}>
        <Button onClick={onAnother}>Choose another file</Button>
        <Button
          variant="filled"
          disabled={!isReady}
          loading={start.isPending}
          onClick={() => start.mutate({ draft, known })}
        >
          {sample.is_new ? 'Create and run' : 'Run with this file'}
        </Button>
        {fault !== undefined && <span className={styles.third}>{fault}</span>}
      </div>
    </div>
  );
}

/** Defines the dataset and starts its run. */
function useStart(upload: string, sample: Sample) {
  const client = useQueryClient();
  const navigate = useNavigate();
  return useMutation<
    string,
    ApiProblem,
    { readonly draft: Draft; readonly known: readonly string[] }
  >({
    mutationFn: async ({ draft, known }) => {
      const params = { name: draft.name };
      const body = definitionOf(sample, draft, known);
      await call('PUT /admin/v1/datasets/{name}', { params, body });
      await call('POST /admin/v1/datasets/{name}/runs', { params, body: { upload } });
      return draft.name;
    },
    onSuccess: async (name) => {
      await readAgain(client, name);
      await navigate({ to: '/datasets/$name', params: { name } });
    },
  });
}

function FoundCard({ sample }: { readonly sample: Sample }) {
  const formats = useFormats();
  const { rows_read: rows, rejections, notes, is_new: isNew, dataset } = sample;
  const rejected = Object.entries(rejections);
  const sum = rejected.reduce((total, [, count]) => total + count, 0);
  return (
    <Card title={isNew ? 'What is in the file' : `For the dataset ${dataset}`}>
      <div className={styles.found}>
        <p>
          <strong>{rows === null ? 'Rows' : formats.count(rows)}</strong>
          <span>{rows === null ? 'are read once a column identifies them' : 'rows'}</span>
        </p>
        <p>
          <strong>{formats.count(sample.columns.length)}</strong>
          <span>columns</span>
        </p>
        <p>
          <strong>{formats.count(sum)}</strong>
          <span>
            {sum === 0
              ? 'rows that cannot be used'
              : `rows that cannot be used: ${rejected.map(([code, count]) => `${code} ${formats.count(count)}`).join(', ')}`}
          </span>
        </p>
      </div>
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
