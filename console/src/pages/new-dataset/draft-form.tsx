/** The name of the dataset, what becomes of rows that are gone, and the columns that identify. */
import { Button, Checkbox, Select, TextInput } from '@mantine/core';
import { Card } from '../../parts/card.tsx';
import styles from '../../parts/define.module.css';
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
  const columns = sample.columns.map(({ column }) => column);
  const setKeys = (keys: Draft['keys']) => onChange({ ...draft, keys });
  const add = () => {
    const column =
      sample.columns.find(({ column: name }) => sample.candidates.includes(name)) ??
      sample.columns[0];
    if (column === undefined) return;
    setKeys([...draft.keys, { column: column.column, identityType: identityTypeFor(column) }]);
  };
  return (
    <fieldset className={styles.keys}>
      <legend>Contacts are found by</legend>
      {draft.keys.map(({ column, identityType }, place) => {
        const own = sample.columns.find((one) => one.column === column);
        const types = new Set([
          ...knownTypes,
          ...(own ? [identityTypeFor(own)] : []),
          identityType,
        ]);
        const change = (key: Partial<Draft['keys'][number]>) =>
          setKeys(draft.keys.map((old, at) => (at === place ? { ...old, ...key } : old)));
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: keys keep their places
          <div className={styles.key} key={place}>
            <Select
              label={place === 0 ? 'Column, the row key' : 'Column'}
              searchable
              data={columns}
              value={column}
              onChange={(next) => next !== null && change({ column: next })}
            />
            <Select
              label="Identity type"
              data={[...types].map((type) => ({
                value: type,
                label: knownTypes.includes(type) ? type : `${type}, new`,
              }))}
              value={identityType}
              onChange={(next) => next !== null && change({ identityType: next })}
            />
            <Button
              variant="subtle"
              onClick={() => setKeys(draft.keys.filter((_key, at) => at !== place))}
            >
              Remove
            </Button>
          </div>
        );
      })}
      <Button onClick={add}>Add a column</Button>
    </fieldset>
  );
}
