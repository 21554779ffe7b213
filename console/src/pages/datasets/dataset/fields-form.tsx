/** The fields of a definition: their columns, types and names for people. */
import { Button, Select, TextInput } from '@mantine/core';
import { Card } from '../../../parts/card.tsx';
import { fieldTypes } from '../../../parts/field-types.ts';
import table from '../../../parts/plain-table.module.css';
import styles from './dataset.module.css';
import type { DefinitionDraft, DraftField } from './definition-draft.ts';

interface FormParts {
  readonly draft: DefinitionDraft;
  readonly onChange: (draft: DefinitionDraft) => void;
}

const newField = {
  ...{ before: undefined, name: '', column: '', type: 'string' },
  ...{ displayName: '', isDropped: false },
} satisfies DraftField;

export function FieldsForm({ draft, onChange }: FormParts) {
  const { fields } = draft;
  const setFields = (next: readonly DraftField[]) => onChange({ ...draft, fields: next });
  return (
    <Card
      title="Fields"
      note={String(fields.filter(({ isDropped }) => !isDropped).length)}
      foot={<Button onClick={() => setFields([...fields, newField])}>Add a field</Button>}
    >
      <div className={table.scroll}>
        <table className={table.table}>
          <thead>
            <tr>
              <th scope="col">Field</th>
              <th scope="col">Column</th>
              <th scope="col">Type</th>
              <th scope="col">Name for people</th>
              <th scope="col" className={table.actions}>
                <span className={table.third}>Actions</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {fields.map((field, place) => (
              <FieldRow
                // biome-ignore lint/suspicious/noArrayIndexKey: fields keep their places
                key={place}
                field={field}
                onChange={(next) =>
                  setFields(fields.flatMap((old, at) => (at === place ? next : [old])))
                }
              />
            ))}
          </tbody>
        </table>
      </div>
    </Card>
  );
}

function FieldRow({
  field,
  onChange,
}: {
  readonly field: DraftField;
  /** An empty list removes the row. */
  readonly onChange: (next: readonly DraftField[]) => void;
}) {
  const { before, name, column, type, displayName, isDropped } = field;
  const set = (change: Partial<DraftField>) => onChange([{ ...field, ...change }]);
  const words = name === '' ? 'the new field' : name;
  if (isDropped) {
    return (
      <tr>
        <td colSpan={4} className={table.third}>
          <code>{name}</code> is dropped
        </td>
        <td className={table.actions}>
          <Button variant="subtle" onClick={() => set({ isDropped: false })}>
            Keep
          </Button>
        </td>
      </tr>
    );
  }
  return (
    <tr>
      <td>
        {before === undefined ? (
          <TextInput
            aria-label="The name of the new field"
            className={styles.cell}
            value={name}
            onChange={(event) => set({ name: event.currentTarget.value })}
          />
        ) : (
          <code>{name}</code>
        )}
      </td>
      <td>
        <TextInput
          aria-label={`The column of ${words}`}
          className={styles.cell}
          value={column}
          onChange={(event) => set({ column: event.currentTarget.value })}
        />
      </td>
      <td>
        <Select
          aria-label={`The type of ${words}`}
          className={styles.cell}
          data={fieldTypes}
          value={type}
          onChange={(next) => next !== null && set({ type: next })}
        />
      </td>
      <td>
        <TextInput
          aria-label={`The name of ${words} for people`}
          className={styles.cell}
          value={displayName}
          onChange={(event) => set({ displayName: event.currentTarget.value })}
        />
      </td>
      <td className={table.actions}>
        <Button
          variant="subtle"
          aria-label={`${before === undefined ? 'Remove' : 'Drop'} ${words}`}
          onClick={() => (before === undefined ? onChange([]) : set({ isDropped: true }))}
        >
          {before === undefined ? 'Remove' : 'Drop'}
        </Button>
      </td>
    </tr>
  );
}
