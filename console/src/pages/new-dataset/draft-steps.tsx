/** What was found in a file, what may be changed about it, and the start of the run. */
import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { call } from '../../api/call.ts';
import { Card } from '../../parts/card.tsx';
import define from '../../parts/define.module.css';
import { keysFault } from '../../parts/identity-keys.tsx';
import { ProblemCard } from '../../parts/problem-card.tsx';
import { SkeletonRows } from '../../parts/skeleton.tsx';
import { useDatasets } from '../datasets/use-datasets.ts';
import { choicesOf } from './choices.ts';
import { ColumnsTable } from './columns-table.tsx';
import { type Draft, draftOf, fieldFor, freeName, nameFault, type Sample } from './draft.ts';
import { DraftForm } from './draft-form.tsx';
import { FoundCard } from './found-card.tsx';
import { LaterFile } from './later-file.tsx';
import { NameTaken } from './name-taken.tsx';
import styles from './new-dataset.module.css';
import { countTaken, TakenFields, useFieldFaults } from './taken-fields.tsx';
import { UnreadFile } from './unread-file.tsx';
import { sampleQuery, useChosenSample } from './use-sample.ts';
import { useStart } from './use-start.ts';

interface DraftParts {
  readonly upload: string;
  /** The dataset that exists and gets the file. */
  readonly dataset: string | undefined;
  /** The name of a new dataset; `undefined`: it is named after the file. */
  readonly name: string | undefined;
  /** Chosen by the user; `undefined`: it is detected. */
  readonly encoding: string | undefined;
  readonly onAnother: () => void;
}

export function DraftSteps(parts: DraftParts) {
  const { upload, dataset, name = dataset, encoding, onAnother } = parts;
  const { data: datasets } = useDatasets();
  const { data, error, refetch } = useQuery(sampleQuery({ upload, name, encoding }));
  // A draft that is shown stays, whatever becomes of a second reading.
  if (data === undefined && error !== null) {
    const isNew = dataset === undefined;
    const onRetry = () => void refetch();
    return <UnreadFile {...{ error, encoding, isNew, onRetry, onAnother }} />;
  }
  if (data === undefined || datasets === undefined) {
    return (
      <Card title="Reading the file" note="Every row is read, so that the types hold.">
        <SkeletonRows count={6} />
      </Card>
    );
  }
  const taken = datasets.map((one) => one.dataset);
  return (
    <Found
      key={[upload, name, encoding].join(' ')}
      {...{ upload, dataset, encoding, taken, onAnother }}
      sample={data}
    />
  );
}

interface FoundParts {
  readonly upload: string;
  readonly dataset: string | undefined;
  readonly encoding: string | undefined;
  readonly taken: readonly string[];
  readonly sample: Sample;
  readonly onAnother: () => void;
}

function Found({ dataset, ...parts }: FoundParts) {
  // A draft stays what it was, also if the file is read again after somebody has taken the name.
  const [sample] = useState(parts.sample);
  const { upload, encoding, taken, onAnother } = parts;
  const { data: datasets } = useDatasets();
  if (sample.is_new) return <DraftPage {...parts} sample={sample} />;
  if (dataset !== undefined) return <LaterFile {...{ upload, encoding, sample, onAnother }} />;
  const known = datasets?.find((one) => one.dataset === sample.dataset);
  const free = freeName(sample.dataset, taken);
  const takesFiles = known?.source === 'upload';
  return (
    <NameTaken {...{ upload, encoding, free, takesFiles, onAnother }} dataset={sample.dataset} />
  );
}

function DraftPage(parts: Omit<FoundParts, 'dataset'>) {
  const { upload, encoding, taken, sample: first, onAnother } = parts;
  const [draft, setDraft] = useState(() => draftOf(first));
  const { own, ...start } = useStart(upload);
  const others = taken.filter((name) => name !== own);
  const { data: types } = useQuery({
    queryKey: ['identity-types'],
    queryFn: ({ signal }) =>
      call('GET /admin/v1/identity-types', { query: { limit: 100 } }, signal),
  });
  const known = types?.data.map(({ name }) => name) ?? [];
  const choices = types && choicesOf(first, draft, known);
  const { sample, ...reading } = useChosenSample(first, { upload, encoding, choices, taken });
  const fault = keysFault(draft.keys);
  const faultOf = useFieldFaults(own);
  const takenFields = countTaken(sample, draft, faultOf);
  const isRead = !reading.isReading && reading.error === null;
  const isReady =
    fault === undefined &&
    takenFields === 0 &&
    nameFault(draft.name, others) === undefined &&
    types !== undefined &&
    isRead;
  return (
    <div className={styles.cards}>
      <FoundCard {...{ sample, ...reading }} title="What is in the file" />
      <DraftForm {...{ sample, draft }} taken={others} knownTypes={known} onChange={setDraft} />
      <Card title="Columns" note={`${sample.columns.length} in the file`}>
        <TakenFields count={takenFields} draft={draft} onChange={setDraft} />
        <ColumnsTable
          columns={sample.columns}
          types={draft.types}
          isTaken={(column) => !draft.skipped.includes(column)}
          nameOf={(field) => fieldFor(sample, draft, field)}
          faultOf={faultOf}
          onTake={(column, isTaken) => setDraft(withTaken(draft, column, isTaken))}
          onType={(field, type) => setDraft({ ...draft, types: { ...draft.types, [field]: type } })}
        />
      </Card>
      {start.error !== null && <ProblemCard error={start.error} />}
      <div className={define.buttons}>
        <Button onClick={onAnother}>Choose another file</Button>
        <Button
          variant="filled"
          disabled={!isReady}
          loading={start.isPending}
          onClick={() => start.mutate({ sample, draft, known })}
        >
          Create and run
        </Button>
        {fault !== undefined && <span className={styles.third}>{fault}</span>}
      </div>
    </div>
  );
}

function withTaken(draft: Draft, column: string, isTaken: boolean): Draft {
  const others = draft.skipped.filter((one) => one !== column);
  return { ...draft, skipped: isTaken ? others : [...others, column] };
}
