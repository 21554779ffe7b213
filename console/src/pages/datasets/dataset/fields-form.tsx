/** The fields of a definition: their columns, types and names for people. */
import { Button, Select, TextInput } from '@mantine/core';
import { Card } from '../../../parts/card.tsx';
import { fieldTypes } from '../../../parts/field-types.ts';
import { type FoldColumn, FoldTable } from '../../../parts/fold-table.tsx';
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
  const cells = fields.map(
    (field, place): FieldCell => ({
      field,
      words: field.name === '' ? 'the new field' : field.name,
      set: (change) =>
        setFields(fields.map((old, at) => (at === place ? { ...old, ...change } : old))),
      remove: () => setFields(fields.filter((_field, at) => at !== place)),
    }),
  );
  return (
    <Card
      title="Fields"
      note={String(fields.filter(({ isDropped }) => !isDropped).length)}
      foot={<Button onClick={() => setFields([...fields, newField])}>Add a field</Button>}
    >
      <FoldTable
        columns={columns}
        entries={cells}
        // Fields keep their places.
        keyOf={(_field, place) => String(place)}
        folded="card"
      />
    </Card>
  );
}

interface FieldCell {
  readonly field: DraftField;
  /** Of the field, in words. */
  readonly words: string;
  readonly set: (change: Partial<DraftField>) => void;
  readonly remove: () => void;
}

const columns: readonly FoldColumn<FieldCell>[] = [
  { id: 'field', head: 'Field', cell: (cell) => <Name cell={cell} /> },
  {
    ...{ id: 'column', head: 'Column', folds: true },
    cell: (cell) =>
      !cell.field.isDropped && (
        <TextCell cell={cell} member="column" label={`The column of ${cell.words}`} />
      ),
  },
  {
    ...{ id: 'type', head: 'Type', folds: true },
    cell: (cell) => !cell.field.isDropped && <TypeCell cell={cell} />,
  },
  {
    ...{ id: 'shown', head: 'Name for people', folds: true },
    cell: (cell) =>
      !cell.field.isDropped && (
        <TextCell cell={cell} member="displayName" label={`The name of ${cell.words} for people`} />
      ),
  },
  { id: 'actions', head: 'Actions', isAction: true, cell: (cell) => <Action cell={cell} /> },
];

function Name({ cell }: { readonly cell: FieldCell }) {
  const { before, name, isDropped } = cell.field;
  if (isDropped) {
    return (
      <span className={table.third}>
        <code>{name}</code> is dropped
      </span>
    );
  }
  if (before !== undefined) return <code>{name}</code>;
  return <TextCell cell={cell} member="name" label="The name of the new field" />;
}

function TextCell({
  cell: { field, set },
  member,
  label,
}: {
  readonly cell: FieldCell;
  readonly member: 'name' | 'column' | 'displayName';
  readonly label: string;
}) {
  return (
    <TextInput
      aria-label={label}
      className={styles.cell}
      value={field[member]}
      onChange={(event) => set({ [member]: event.currentTarget.value })}
    />
  );
}

function TypeCell({ cell: { field, words, set } }: { readonly cell: FieldCell }) {
  return (
    <Select
      aria-label={`The type of ${words}`}
      className={styles.cell}
      data={fieldTypes}
      value={field.type}
      onChange={(next) => next !== null && set({ type: next })}
    />
  );
}

function Action({ cell: { field, words, set, remove } }: { readonly cell: FieldCell }) {
  if (field.isDropped) {
    return (
      <Button variant="subtle" onClick={() => set({ isDropped: false })}>
        Keep
      </Button>
    );
  }
  const isNew = field.before === undefined;
  const verb = isNew ? 'Remove' : 'Drop';
  return (
    <Button
      variant="subtle"
      aria-label={`${verb} ${words}`}
      onClick={() => (isNew ? remove() : set({ isDropped: true }))}
    >
      {verb}
    </Button>
  );
}
