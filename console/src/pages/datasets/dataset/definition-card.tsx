/** What the rows of a dataset mean: in words, field by field, and as the API has it. */
import { Button } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { lazy, type ReactNode, Suspense, useState } from 'react';
import type { DatasetDefinition } from '../../../api/page-entries.ts';
import { useFormats } from '../../../format/use-formats.ts';
import { Card } from '../../../parts/card.tsx';
import { CodeBlock } from '../../../parts/code-block.tsx';
import { CopyButton } from '../../../parts/copy-button.tsx';
import { EmptyState } from '../../../parts/empty-state.tsx';
import table from '../../../parts/plain-table.module.css';
import { ProblemCard } from '../../../parts/problem-card.tsx';
import { SkeletonRows } from '../../../parts/skeleton.tsx';
import { UndoToast } from '../../../parts/undo-toast.tsx';
import { useMay } from '../../../session/session-context.tsx';
import styles from './dataset.module.css';
import { fieldsOf } from './definition-draft.ts';
import { maxAgeWords, modeWords } from './definition-words.ts';
import { useDefinition } from './use-definition.ts';
import { type Undone, useUndoDefinition } from './use-undo-definition.ts';

export function DefinitionCard({ name }: { readonly name: string }) {
  const { data, error, refetch } = useDefinition(name);
  const [isEdited, setEdited] = useState(false);
  const { done, save, forget, error: undoError } = useUndoDefinition(name);
  const mayWrite = useMay('datasets:write');
  if (data === undefined) {
    if (error !== null) return <ProblemCard error={error} onRetry={() => void refetch()} />;
    return (
      <Card title="Definition">
        <SkeletonRows count={5} />
      </Card>
    );
  }
  const { definition } = data;
  if (definition === null) {
    return (
      <Card title="Definition">
        <EmptyState title="Not defined yet">The first run or import defines it.</EmptyState>
      </Card>
    );
  }
  if (isEdited) {
    const close = () => setEdited(false);
    const onSaved = (undone: Undone | undefined) => {
      close();
      save('The definition is changed', undone);
    };
    return (
      <Suspense fallback={<SkeletonRows count={6} />}>
        <EditDefinition {...{ name, definition, onSaved }} tag={data.tag} onClose={close} />
      </Suspense>
    );
  }
  const text = JSON.stringify(definition, null, 2);
  return (
    <div className={styles.cards}>
      {undoError !== null && <ProblemCard error={undoError} />}
      <SettingsCard
        definition={definition}
        actions={
          mayWrite &&
          isOfContacts(definition) && <Button onClick={() => setEdited(true)}>Edit</Button>
        }
      />
      <FieldsCard name={name} definition={definition} />
      <Card
        title="As the API has it"
        actions={<CopyButton text={text} label="Copy the definition" />}
        foot="PUT it back with changes, or keep it in a catalog file."
      >
        <CodeBlock text={text} label="The definition as JSON" isJson />
      </Card>
      <UndoToast done={done} onOver={forget} />
    </div>
  );
}

/** Needed by few, and not to read. */
const EditDefinition = lazy(async () => ({
  default: (await import('./edit-definition.tsx')).EditDefinition,
}));

/** The form has no settings of other kinds. */
function isOfContacts({ kind = 'contact' }: DatasetDefinition): boolean {
  return kind === 'contact';
}

function SettingsCard({
  definition,
  actions,
}: {
  readonly definition: DatasetDefinition;
  readonly actions: ReactNode;
}) {
  const formats = useFormats();
  const { mode = 'append', identifiers = {}, source, schedule, max_age: maxAge } = definition;
  const { max_change_share: change = 0.3, max_rejected_share: rejected = 0.05 } = definition;
  const keys = Object.entries(identifiers).map(
    ([type, columns]) => `${type} from ${[columns].flat().join(', ')}`,
  );
  const settings: readonly (readonly [term: string, words: string])[] = [
    ['Contacts are found by', keys.length === 0 ? 'nothing' : keys.join('; then ')],
    ['A row that is gone', modeWords[mode] ?? mode],
    ['Source', source === undefined ? 'files imported by hand' : sourceWords(source)],
    ['Schedule', schedule == null ? 'none' : `${schedule.cron} in ${schedule.time_zone ?? 'UTC'}`],
    ['May change without approval', `${formats.percent(change, 0)} of the contacts`],
    ['First run may reject', `${formats.percent(rejected, 0)} of the rows`],
    ['Too old after', maxAgeWords(maxAge)],
  ];
  return (
    <Card title="Definition" actions={actions}>
      <dl className={styles.settings}>
        {settings.map(([term, words]) => (
          <SettingLine key={term} term={term} words={words} />
        ))}
      </dl>
    </Card>
  );
}

function SettingLine({ term, words }: { readonly term: string; readonly words: string }) {
  return (
    <>
      <dt>{term}</dt>
      <dd>{words}</dd>
    </>
  );
}

function sourceWords(source: NonNullable<DatasetDefinition['source']>): string {
  if (source.kind === 'upload') return 'files that are uploaded';
  if (source.kind === 'push') return 'rows that callers push';
  if (source.kind === 'file') return [(source as unknown as FileSource).paths].flat().join(', ');
  return source.kind;
}

function FieldsCard({
  name,
  definition,
}: {
  readonly name: string;
  readonly definition: DatasetDefinition;
}) {
  const fields = Object.entries(fieldsOf(definition));
  return (
    <Card
      title="Fields"
      note={String(fields.length)}
      actions={
        <Link to="/fields" search={{ dataset: name }}>
          Who sees and reads them
        </Link>
      }
    >
      <table className={table.table}>
        <thead>
          <tr>
            <th scope="col">Field</th>
            <th scope="col">Column</th>
            <th scope="col">Type</th>
          </tr>
        </thead>
        <tbody>
          {fields.map(([field, { column, type, currency }]) => (
            <tr key={field}>
              <td>
                <code>{field}</code>
              </td>
              <td>{column ?? field}</td>
              <td>{currency == null ? type : `${type}, ${currency}`}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Card>
  );
}

interface FileSource {
  readonly paths: string | readonly string[];
}
