/** What may callers see, and who reads it? */
import { Select, TextInput } from '@mantine/core';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { Card } from '../../parts/card.tsx';
import { EmptyState } from '../../parts/empty-state.tsx';
import { FirstDataset } from '../../parts/next-step.tsx';
import { NoMatch } from '../../parts/no-match.tsx';
import { PageHead } from '../../parts/page-head.tsx';
import { hasPlan, PlanCard } from '../../parts/plan-card.tsx';
import { ProblemCard } from '../../parts/problem-card.tsx';
import { SkeletonRows } from '../../parts/skeleton.tsx';
import { UndoToast } from '../../parts/undo-toast.tsx';
import styles from './fields.module.css';
import { FieldsTable } from './fields-table.tsx';
import {
  type Field,
  type FieldEdits,
  useFieldEdits,
  useFieldReaders,
  useFields,
} from './use-fields.ts';

export function FieldsPage() {
  const { data, error, refetch } = useFields();
  const edits = useFieldEdits();
  return (
    <>
      <PageHead
        title="Fields"
        facts="What look-ups may return, what rules may use, and who reads it."
      />
      {error !== null && <ProblemCard error={error} onRetry={() => void refetch()} />}
      {data === undefined && error === null && (
        <Card title="Fields">
          <SkeletonRows count={8} />
        </Card>
      )}
      {data !== undefined && <Fields fields={data} edits={edits} />}
      <UndoToast done={edits.done} onOver={edits.forget} />
    </>
  );
}

function Fields({
  fields,
  edits,
}: {
  readonly fields: readonly Field[];
  readonly edits: FieldEdits;
}) {
  const { dataset } = useSearch({ from: '/inside/fields' });
  const [text, setText] = useState('');
  const navigate = useNavigate({ from: '/fields' });
  const { data: readers = [] } = useFieldReaders();
  const shown = fields.filter((field) => matches(field, { text, dataset }));
  return (
    <div className={styles.cards}>
      <Filters fields={fields} text={text} onText={setText} />
      <Refusal edits={edits} />
      <Card title="All fields" foot={`${shown.length} of ${fields.length}`}>
        {shown.length === 0 ? (
          <NoField
            isFiltered={fields.length > 0}
            onClear={() => {
              setText('');
              void navigate({ search: {}, replace: true });
            }}
          />
        ) : (
          <FieldsTable fields={shown} readers={readers} edits={edits} />
        )}
      </Card>
    </div>
  );
}

function NoField({
  isFiltered,
  onClear,
}: {
  readonly isFiltered: boolean;
  readonly onClear: () => void;
}) {
  if (isFiltered) return <NoMatch title="No field matches these filters" onClear={onClear} />;
  return (
    <EmptyState title="No field yet">
      <span>A field comes with the dataset that fills it.</span>
      <FirstDataset />
    </EmptyState>
  );
}

function Filters({
  fields,
  text,
  onText,
}: {
  readonly fields: readonly Field[];
  readonly text: string;
  readonly onText: (text: string) => void;
}) {
  const { dataset } = useSearch({ from: '/inside/fields' });
  const navigate = useNavigate({ from: '/fields' });
  const datasets = [...new Set(fields.flatMap((field) => field.dataset ?? []))];
  return (
    <search className={styles.filters}>
      <TextInput
        aria-label="Find a field"
        placeholder="Find a field"
        value={text}
        data-filter
        autoComplete="off"
        onChange={(event) => onText(event.currentTarget.value)}
      />
      <Select
        aria-label="Fields of which dataset"
        data={[{ value: '', label: 'All datasets' }, ...datasets]}
        value={dataset ?? ''}
        onChange={(next) =>
          void navigate({
            search: next === null || next === '' ? {} : { dataset: next },
            replace: true,
          })
        }
      />
    </search>
  );
}

/** A change that would take values from tokens is refused once, and can be made all the same. */
function Refusal({ edits: { error, failed, edit } }: { readonly edits: FieldEdits }) {
  if (error === null || failed === undefined) return null;
  if (hasPlan(error)) {
    return (
      <>
        <ProblemCard error={error} />
        <PlanCard error={error} />
      </>
    );
  }
  if (error.code !== 'approval_required') return <ProblemCard error={error} />;
  return (
    <div>
      <ProblemCard
        error={error}
        retryLabel="Change it anyway"
        onRetry={() => edit({ ...failed, force: true })}
      />
    </div>
  );
}

function matches(
  field: Field,
  { text, dataset }: { readonly text: string; readonly dataset: string | undefined },
): boolean {
  if (dataset !== undefined && field.dataset !== dataset) return false;
  const words = text.trim().toLowerCase();
  const said = `${field.name} ${field.display_name ?? ''} ${field.description ?? ''}`;
  return words === '' || said.toLowerCase().includes(words);
}
