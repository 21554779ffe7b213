/**
 * A table of the design: sorted by its heads, virtual when it is long, with columns that fold below
 * the row in narrow windows.
 */
import {
  createColumnHelper,
  createSortedRowModel,
  type Row,
  rowSortingFeature,
  type SortFn,
  tableFeatures,
  useTable,
} from '@tanstack/react-table';
import { useVirtualizer } from '@tanstack/react-virtual';
import { memo, useMemo, useRef } from 'react';
import styles from './data-table.module.css';
import { type FoldColumn, FoldedRow } from './fold-table.tsx';
import { SortHead } from './sort-head.tsx';
import { useNarrow } from './use-narrow.ts';

export interface TableColumn<Entry> extends FoldColumn<Entry> {
  /** What the column is sorted by. Missing: it cannot be sorted. */
  readonly sortBy?: (entry: Entry) => string | number;
  /** In CSS, such as `120px` or `30%`. */
  readonly width?: string;
}

interface TableParts<Entry> {
  /** What the rows are, for screen readers. */
  readonly label: string;
  readonly columns: readonly TableColumn<Entry>[];
  readonly entries: readonly Entry[];
  readonly keyOf: (entry: Entry) => string;
  /** What selects a row, such as the entry of the address. */
  readonly isSelected?: (entry: Entry) => boolean;
}

const features = tableFeatures({ rowSortingFeature, sortedRowModel: createSortedRowModel() });

/** From this many rows on, only those that can be seen are there. */
const longFrom = 100;
const rowHeight = 44;
/** With what folds below it. */
const foldedHeight = 84;
/** Rows beyond the edges, so that a quick scroll shows no gap. */
const overscan = 12;

export function DataTable<Entry extends object>(parts: TableParts<Entry>) {
  const { label, columns, entries, keyOf } = parts;
  const isNarrow = useNarrow();
  const scroll = useRef<HTMLDivElement>(null);
  const definitions = useMemo(() => definitionsOf(columns), [columns]);
  const data = useMemo(() => [...entries], [entries]);
  const table = useTable({
    features,
    columns: definitions,
    data,
    getRowId: (entry) => keyOf(entry),
  });
  const { rows } = table.getRowModel();
  const isLong = rows.length > longFrom;
  const virtual = useVirtualizer({
    count: rows.length,
    enabled: isLong,
    getScrollElement: () => scroll.current,
    estimateSize: () => (isNarrow ? foldedHeight : rowHeight),
    overscan,
  });
  const items = virtual.getVirtualItems();
  const before = isLong ? (items[0]?.start ?? 0) : 0;
  const after = isLong ? virtual.getTotalSize() - (items.at(-1)?.end ?? 0) : 0;
  const shown = isLong ? items.flatMap(({ index }) => rows[index] ?? []) : rows;
  return (
    <div ref={scroll} className={isLong ? styles.scroll : styles.place}>
      <table className={styles.table} aria-label={label} aria-rowcount={rows.length + 1}>
        <thead>
          <tr>
            {shownOf(columns, isNarrow).map((column) => (
              <SortHead
                key={column.id}
                column={column}
                sorted={table.getColumn(column.id)?.getIsSorted() ?? false}
                onSort={() => table.getColumn(column.id)?.toggleSorting()}
              />
            ))}
          </tr>
        </thead>
        <tbody>
          <Spacer height={before} />
          {shown.map((row) => (
            <TableRow key={row.id} row={row} parts={parts} isNarrow={isNarrow} />
          ))}
          <Spacer height={after} />
        </tbody>
      </table>
    </div>
  );
}

function shownOf<Entry>(columns: readonly TableColumn<Entry>[], isNarrow: boolean) {
  return columns.filter(({ folds }) => !isNarrow || folds !== true);
}

function PlainRow<Entry extends object>({
  row,
  parts: { columns, isSelected },
  isNarrow,
}: {
  readonly row: Row<typeof features, Entry>;
  readonly parts: TableParts<Entry>;
  readonly isNarrow: boolean;
}) {
  const entry = row.original;
  const hasFold = isNarrow && columns.some(({ folds }) => folds === true);
  return (
    <>
      <tr
        className={styles.row}
        aria-rowindex={row.index + 2}
        data-selected={isSelected?.(entry) === true}
        data-unfolded={hasFold}
      >
        {shownOf(columns, isNarrow).map(({ id, cell, isNumber }) => (
          <td key={id} data-number={isNumber}>
            {cell(entry)}
          </td>
        ))}
      </tr>
      {hasFold && <FoldedRow entry={entry} columns={columns} />}
    </>
  );
}

/** While a long table scrolls, only the rows that come into view are drawn. */
const TableRow = memo(PlainRow) as typeof PlainRow;

function Spacer({ height }: { readonly height: number }) {
  if (height <= 0) return null;
  return (
    <tr aria-hidden>
      <td style={{ height, padding: 0, border: 0 }} />
    </tr>
  );
}

function definitionsOf<Entry extends object>(columns: readonly TableColumn<Entry>[]) {
  const helper = createColumnHelper<typeof features, Entry>();
  const compare: SortFn<typeof features, Entry> = (one, other, id) =>
    compareValues(one.getValue(id), other.getValue(id));
  return helper.columns(
    columns.map(({ id, head, sortBy }) =>
      helper.accessor((entry) => sortBy?.(entry) ?? '', {
        id,
        header: head,
        sortFn: compare,
        enableSorting: sortBy !== undefined,
      }),
    ),
  );
}

function compareValues(one: string | number, other: string | number): number {
  if (typeof one === 'number' && typeof other === 'number') return one - other;
  return String(one).localeCompare(String(other));
}
