/** The columns of a file: the field that each fills, its type, and the values of the first rows. */
import { Checkbox, Select } from '@mantine/core';
import { fieldTypes } from '../../parts/field-types.ts';
import { dots } from '../../parts/identity-chip.tsx';
import table from '../../parts/plain-table.module.css';
import { type Draft, fieldFor, type Sample, type SampledColumn } from './draft.ts';
import styles from './new-dataset.module.css';

interface ColumnsParts {
  readonly sample: Sample;
  readonly draft: Draft;
  readonly onChange: (draft: Draft) => void;
}

export function ColumnsTable({ sample, draft, onChange }: ColumnsParts) {
  return (
    <div className={table.scroll}>
      <table className={table.table}>
        <thead>
          <tr>
            <th scope="col">Column</th>
            <th scope="col">Field</th>
            <th scope="col">Type</th>
            <th scope="col" className={table.folds}>
              First rows
            </th>
          </tr>
        </thead>
        <tbody>
          {sample.columns.map((column) => (
            <ColumnRow key={column.column} {...{ sample, column, draft, onChange }} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function ColumnRow({
  sample,
  column,
  draft,
  onChange,
}: ColumnsParts & { readonly column: SampledColumn }) {
  const { column: name, field, type, is_new: isNew, note } = column;
  const isSkipped = field === null || draft.skipped.includes(name);
  const skip = () =>
    onChange({
      ...draft,
      skipped: isSkipped ? draft.skipped.filter((one) => one !== name) : [...draft.skipped, name],
    });
  return (
    <tr>
      <td className={styles.column}>
        <Checkbox label={name} checked={!isSkipped} disabled={!isNew} onChange={skip} />
      </td>
      <td>
        {isSkipped ? (
          <span className={table.third}>left out</span>
        ) : (
          <>
            <code>{fieldFor(sample, draft, field)}</code>
            {!isNew && <span className={table.second}>there already</span>}
          </>
        )}
      </td>
      <td>
        {!isSkipped && field !== null && (
          <Select
            aria-label={`The type of ${fieldFor(sample, draft, field)}`}
            w={150}
            data={fieldTypes}
            value={draft.types[field] ?? type}
            readOnly={!isNew}
            onChange={(next) =>
              next !== null && onChange({ ...draft, types: { ...draft.types, [field]: next } })
            }
          />
        )}
        {note !== null && <span className={table.second}>{note}</span>}
      </td>
      <td className={table.folds}>
        <Values column={column} />
      </td>
    </tr>
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
