/** The name of the dataset, what becomes of rows that are gone, and the columns that identify. */
import { Checkbox, Select, TextInput } from '@mantine/core';
import { Card } from '../../parts/card.tsx';
import styles from '../../parts/define.module.css';
import { IdentityKeys } from '../../parts/identity-keys.tsx';
import { type Draft, identityTypeFor, nameFault, type Sample } from './draft.ts';

interface DraftFormParts {
  readonly sample: Sample;
  readonly draft: Draft;
  readonly knownTypes: readonly string[];
  /** The names of all datasets. */
  readonly taken: readonly string[];
  readonly onChange: (draft: Draft) => void;
}

export function DraftForm(parts: DraftFormParts) {
  const { draft, taken, onChange } = parts;
  return (
    <Card title="How it is read">
      <div className={styles.form}>
        <TextInput
          label="Name of the dataset"
          value={draft.name}
          error={nameFault(draft.name, taken)}
          onChange={(event) => onChange({ ...draft, name: event.currentTarget.value })}
        />
        <Select
          label="When a later file lacks a row"
          data={[
            { value: 'append', label: 'keep its values (append)' },
            { value: 'snapshot', label: 'clear its values (snapshot)' },
          ]}
          value={draft.mode}
          onChange={(mode) => onChange({ ...draft, mode: mode === 'snapshot' ? mode : 'append' })}
        />
        <Checkbox
          label="Names of fields begin with that of the dataset"
          checked={draft.isPrefixed}
          onChange={(event) => onChange({ ...draft, isPrefixed: event.currentTarget.checked })}
        />
      </div>
      <Keys {...parts} />
    </Card>
  );
}

function Keys({ sample, draft, knownTypes, onChange }: DraftFormParts) {
  return (
    <IdentityKeys
      keys={draft.keys}
      columns={sample.columns.map(({ column }) => column)}
      knownTypes={knownTypes}
      typeFor={(column) => identityTypeFor(sample, column)}
      onChange={(keys) => onChange({ ...draft, keys })}
    />
  );
}
