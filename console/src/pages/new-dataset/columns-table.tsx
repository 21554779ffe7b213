/** The columns of a file: the field that each fills, its type, and the values of the first rows. */
import { Checkbox, Select } from '@mantine/core';
import { fieldTypes } from '../../parts/field-types.ts';
import { type FoldColumn, FoldTable } from '../../parts/fold-table.tsx';
import { dots } from '../../parts/identity-chip.tsx';
import table from '../../parts/plain-table.module.css';
import { type Draft, fieldFor, type Sample, type SampledColumn } from './draft.ts';
import styles from './new-dataset.module.css';

interface ColumnsParts {
  readonly sample: Sample;
  readonly draft: Draft;
  readonly onChange: (draft: Draft) => void;
}

export function ColumnsTable(parts: ColumnsParts) {
  const columns: readonly FoldColumn<SampledColumn>[] = [
    { id: 'column', head: 'Column', cell: (column) => <Used {...{ ...parts, column }} /> },
    { id: 'field', head: 'Field', cell: (column) => <Field {...{ ...parts, column }} /> },
    { id: 'type', head: 'Type', cell: (column) => <Type {...{ ...parts, column }} /> },
    {
      ...{ id: 'values', head: 'First rows', folds: true },
      cell: (column) => <Values column={column} />,
    },
  ];
  return (
    <FoldTable columns={columns} entries={parts.sample.columns} keyOf={({ column }) => column} />
  );
}

interface CellParts extends ColumnsParts {
  readonly column: SampledColumn;
}

function isSkipped({ draft, column: { field, column } }: CellParts): boolean {
  return field === null || draft.skipped.includes(column);
}

function Used(parts: CellParts) {
  const { column, draft, onChange } = parts;
  const { column: name, is_new: isNew } = column;
  const isLeftOut = isSkipped(parts);
  const skip = () =>
    onChange({
      ...draft,
      skipped: isLeftOut ? draft.skipped.filter((one) => one !== name) : [...draft.skipped, name],
    });
  return (
    <span className={styles.column}>
      {isNew ? <Checkbox label={name} checked={!isLeftOut} onChange={skip} /> : name}
    </span>
  );
}

function Field(parts: CellParts) {
  const { sample, draft, column } = parts;
  const { field, is_new: isNew } = column;
  if (field === null || isSkipped(parts)) return <span className={table.third}>left out</span>;
  return (
    <>
      <code>{fieldFor(sample, draft, field)}</code>
      {!isNew && <span className={table.second}>there already</span>}
    </>
  );
}

function Type(parts: CellParts) {
  const { sample, draft, column, onChange } = parts;
  const { field, type, is_new: isNew, note } = column;
  const words = note !== null && <span className={table.second}>{note}</span>;
  if (field === null || isSkipped(parts)) return words;
  const chosen = draft.types[field] ?? type;
  return (
    <>
      {isNew ? (
        <Select
          aria-label={`The type of ${fieldFor(sample, draft, field)}`}
          maw={150}
          data={fieldTypes}
          value={chosen}
          onChange={(next) =>
            next !== null && onChange({ ...draft, types: { ...draft.types, [field]: next } })
          }
        />
      ) : (
        chosen
      )}
      {words}
    </>
  );
}

/** Masked columns show that there are values, and none of them. */
function Values({ column: { masked, values, column } }: { readonly column: SampledColumn }) {
  if (masked) {
    return (
      <span role="img" aria-label={`The values of ${column} are masked`}>
        {dots}
      </span>
    );
  }
  return (
    <ul className={styles.values}>
      {values.map((value, place) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: rows keep their places
        <li key={place}>{value ?? <span className={table.third}>empty</span>}</li>
      ))}
    </ul>
  );
}
