/** The columns of a file: the field that each fills, its type, and the values of the first rows. */
import { Checkbox, Select, Tooltip } from '@mantine/core';
import { BreakingText } from '../../parts/breaking-text.tsx';
import { fieldTypes } from '../../parts/field-types.ts';
import { type FoldColumn, FoldTable } from '../../parts/fold-table.tsx';
import { dots } from '../../parts/identity-chip.tsx';
import table from '../../parts/plain-table.module.css';
import type { SampledColumn } from './draft.ts';
import styles from './new-dataset.module.css';

interface ColumnsParts {
  readonly columns: readonly SampledColumn[];
  /** Whether a column that the definition does not name yet fills a field. */
  readonly isTaken: (column: string) => boolean;
  /** What a drafted field will be called. */
  readonly nameOf: (field: string) => string;
  /** Why a name cannot be that of a new field. */
  readonly faultOf?: (name: string) => string | undefined;
  /** The chosen types by the name of the field. */
  readonly types: Readonly<Record<string, string>>;
  readonly onTake: (column: string, isTaken: boolean) => void;
  readonly onType: (field: string, type: string) => void;
}

export function ColumnsTable(parts: ColumnsParts) {
  const columns: readonly FoldColumn<SampledColumn>[] = [
    { id: 'column', head: 'Column', cell: (column) => <Used {...{ ...parts, column }} /> },
    {
      ...{ id: 'field', head: 'Field', folds: true },
      cell: (column) => <Field {...{ ...parts, column }} />,
    },
    // Not an element, so that nothing is said of an empty cell.
    { id: 'type', head: 'Type', folds: true, cell: (column) => typeCell({ ...parts, column }) },
    {
      ...{ id: 'values', head: 'First rows', folds: true },
      cell: (column) => <Values column={column} />,
    },
  ];
  const keyOf = ({ column }: SampledColumn) => column;
  return <FoldTable columns={columns} entries={parts.columns} keyOf={keyOf} folded="card" />;
}

interface CellParts extends ColumnsParts {
  readonly column: SampledColumn;
}

function isLeftOut({ isTaken, column: { field, is_new: isNew, column } }: CellParts): boolean {
  return field === null || (isNew && !isTaken(column));
}

function Used(parts: CellParts) {
  const { column: name, is_new: isNew } = parts.column;
  if (!isNew) return <CutName name={name} />;
  return (
    <Checkbox
      label={<CutName name={name} />}
      aria-label={name}
      checked={!isLeftOut(parts)}
      onChange={(event) => parts.onTake(name, event.currentTarget.checked)}
    />
  );
}

function Field(parts: CellParts) {
  const { field, is_new: isNew } = parts.column;
  if (field === null || isLeftOut(parts)) return <span className={table.third}>left out</span>;
  const name = parts.nameOf(field);
  const fault = isNew ? parts.faultOf?.(name) : undefined;
  return (
    <>
      <code className={styles.field}>
        <BreakingText text={name} />
      </code>
      {fault !== undefined && <span className={styles.taken}>{fault}</span>}
      {!isNew && <span className={table.second}>there already</span>}
    </>
  );
}

function typeCell(parts: CellParts) {
  const { field, type, is_new: isNew, note } = parts.column;
  const words = note !== null && <span className={`${table.second} ${styles.note}`}>{note}</span>;
  if (field === null || isLeftOut(parts)) return words;
  if (!isNew) return type;
  return (
    <>
      <Select
        aria-label={`The type of ${parts.nameOf(field)}`}
        maw={150}
        data={fieldTypes}
        value={parts.types[field] ?? type}
        onChange={(next) => next !== null && parts.onType(field, next)}
      />
      {words}
    </>
  );
}

/** A header may have thousands of letters. The other columns of the table stay in sight. */
function CutName({ name }: { readonly name: string }) {
  if (name.length <= longestName) return <span className={styles.column}>{name}</span>;
  return (
    <Tooltip label={name.slice(0, 1_000)} multiline maw={480}>
      <span className={styles.column}>{`${name.slice(0, longestName)}…`}</span>
    </Tooltip>
  );
}

const longestName = 40;

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
