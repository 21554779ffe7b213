/**
 * A file for a dataset that is defined already. The definition stays as it is, unless the user
 * takes in more columns of the file.
 */
import { Button } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import type { ApiProblem } from '../../api/api-problem.ts';
import { call, callTagged } from '../../api/call.ts';
import type { AnswerOf } from '../../api/operation-types.ts';
import type { DatasetDefinition } from '../../api/page-entries.ts';
import { Card } from '../../parts/card.tsx';
import define from '../../parts/define.module.css';
import { ProblemCard } from '../../parts/problem-card.tsx';
import { modeWords } from '../datasets/dataset/definition-words.ts';
import { readAgain } from '../datasets/use-datasets.ts';
import { type Chosen, choicesOf } from './choices.ts';
import { ColumnsTable } from './columns-table.tsx';
import { type Sample, withAdded } from './draft.ts';
import { FoundCard } from './found-card.tsx';
import styles from './new-dataset.module.css';
import { useChosenSample } from './use-sample.ts';

interface LaterParts {
  readonly upload: string;
  readonly encoding: string | undefined;
  readonly sample: Sample;
  readonly onAnother: () => void;
}

/** What is taken in. */
interface Added {
  /** Columns that the definition does not name yet. */
  readonly columns: readonly string[];
  /** The chosen type by the name of a new field. */
  readonly types: Readonly<Record<string, string>>;
}

/** The definition says which columns identify. A run reads no column that is not taken in. */
function chosenOf(sample: Sample, { columns, types }: Added): Chosen {
  const others = sample.columns.filter(
    ({ is_new: isNew, column }) => isNew && !columns.includes(column),
  );
  return { keys: [], types, skipped: others.map(({ column }) => column) };
}

export function LaterFile({ upload, encoding, sample: first, onAnother }: LaterParts) {
  const { dataset, missing_columns: missing } = first;
  const [{ columns, types }, setAdded] = useState<Added>({ columns: [], types: {} });
  const choices = choicesOf(first, chosenOf(first, { columns, types }), []);
  const { sample, ...reading } = useChosenSample(first, { upload, encoding, choices, taken: [] });
  const start = useRun(upload, sample);
  const count = columns.length;
  return (
    <div className={styles.cards}>
      {missing.length > 0 && <MissingCard {...{ dataset, missing }} />}
      <FoundCard {...{ sample, ...reading }} title="What is in the file" />
      <ReadCard sample={sample} />
      <Card title="Columns" note={`${sample.columns.length} in the file`}>
        <ColumnsTable
          columns={sample.columns}
          types={types}
          isTaken={(column) => columns.includes(column)}
          nameOf={(field) => field}
          onTake={(column, isTaken) =>
            setAdded({
              types,
              columns: isTaken ? [...columns, column] : columns.filter((one) => one !== column),
            })
          }
          onType={(field, type) => setAdded({ columns, types: { ...types, [field]: type } })}
        />
      </Card>
      {start.error !== null && <ProblemCard error={start.error} />}
      <div className={define.buttons}>
        <Button onClick={onAnother}>Choose another file</Button>
        <Button
          variant="filled"
          disabled={missing.length > 0 || reading.isReading || reading.error !== null}
          loading={start.isPending}
          onClick={() => start.mutate(columns)}
        >
          {count === 0
            ? 'Run with this file'
            : `Add ${count} ${count === 1 ? 'field' : 'fields'} and run`}
        </Button>
        {count > 0 && (
          <span className={styles.third}>
            {`This also changes the definition of ${dataset}: it gets ${columns.join(', ')}.`}
          </span>
        )}
      </div>
    </div>
  );
}

/** A run would fail, so it cannot be started. */
function MissingCard({
  dataset,
  missing,
}: {
  readonly dataset: string;
  readonly missing: readonly string[];
}) {
  const isOne = missing.length === 1;
  const shown = missing.slice(0, shownNames).join(', ');
  return (
    <Card
      title={`The file lacks ${isOne ? 'a column' : `${missing.length} columns`} of ${dataset}`}
    >
      <p className={styles.words} role="alert">
        {`The definition reads ${shown}${missing.length > shownNames ? ', ...' : ''}, and the file has no ${isOne ? 'such column' : 'such columns'}. Add ${isOne ? 'it' : 'them'} to the file and choose it again, or `}
        <DefinitionLink dataset={dataset}>change the definition</DefinitionLink>.
      </p>
    </Card>
  );
}

const shownNames = 20;

/** What the definition says, to read: it is changed in its own place, with a check and an undo. */
function ReadCard({ sample: { dataset, definition } }: { readonly sample: Sample }) {
  const { mode = 'append', identifiers = {} } = definition;
  const keys = Object.entries(identifiers).map(
    ([type, columns]) => `${type} from ${[columns].flat().join(', ')}`,
  );
  return (
    <Card
      title="How it is read"
      actions={<DefinitionLink dataset={dataset}>Change the definition</DefinitionLink>}
    >
      <dl className={styles.read}>
        <dt>Contacts are found by</dt>
        <dd>{keys.join('; then ')}</dd>
        <dt>A row that is gone</dt>
        <dd>{modeWords[mode] ?? mode}</dd>
      </dl>
    </Card>
  );
}

function DefinitionLink({
  dataset,
  children,
}: {
  readonly dataset: string;
  readonly children: string;
}) {
  return (
    <Link to="/datasets/$name" params={{ name: dataset }} search={{ tab: 'definition' }}>
      {children}
    </Link>
  );
}

/** Starts the run, after the columns that the user takes in are defined. */
function useRun(upload: string, sample: Sample) {
  const { dataset: name } = sample;
  const client = useQueryClient();
  const navigate = useNavigate();
  return useMutation<void, ApiProblem, readonly string[]>({
    mutationFn: async (added) => {
      const params = { name };
      if (added.length > 0) {
        // The definition of now, which somebody may have changed since the file was read.
        const { answer, tag } = await callTagged('GET /admin/v1/datasets/{name}', { params });
        const definition = withAdded(definitionIn(answer) ?? sample.definition, sample, added);
        const change = { params, body: { definition } };
        await callTagged('PUT /admin/v1/datasets/{name}', change, { ifMatch: tag });
      }
      await call('POST /admin/v1/datasets/{name}/runs', { params, body: { upload } });
    },
    onSuccess: async () => {
      await readAgain(client, name);
      await navigate({ to: '/datasets/$name', params: { name } });
    },
  });
}

/** The contract names the definition by reference. */
function definitionIn(answer: AnswerOf<'GET /admin/v1/datasets/{name}'>): DatasetDefinition | null {
  return answer.definition as DatasetDefinition | null;
}
