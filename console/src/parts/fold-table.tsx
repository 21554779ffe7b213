/**
 * A table whose less important columns fold away in a narrow window: each row then has a second one
 * below it, with the heads of these columns and their content.
 */
import { Fragment, type ReactNode } from 'react';
import styles from './fold-table.module.css';
import table from './plain-table.module.css';
import { useNarrow } from './use-narrow.ts';

interface ColumnLooks {
  readonly isNumber?: boolean | undefined;
  /** Buttons: the head is for screen readers, and is not repeated below a row. */
  readonly isAction?: boolean | undefined;
}

export interface FoldColumn<Entry> extends ColumnLooks {
  readonly id: string;
  readonly head: string;
  readonly cell: (entry: Entry) => ReactNode;
  /** Whether it stands below the row in a narrow window. Nothing is said of an empty cell. */
  readonly folds?: boolean;
}

interface TableParts<Entry> {
  /** What the rows are, for screen readers, unless a heading says so. */
  readonly label?: string;
  readonly columns: readonly FoldColumn<Entry>[];
  readonly entries: readonly Entry[];
  readonly keyOf: (entry: Entry, place: number) => string;
  /** How the folded cells stand: as words in lines, or below each other, as inputs need it. */
  readonly folded?: 'lines' | 'card' | undefined;
}

export function FoldTable<Entry>({ label, columns, entries, keyOf, folded }: TableParts<Entry>) {
  const isNarrow = useNarrow();
  const shown = columns.filter(({ folds }) => !isNarrow || folds !== true);
  const hasFold = shown.length < columns.length;
  return (
    <table className={table.table} aria-label={label}>
      <thead>
        <tr>
          {shown.map(({ id, head, isAction, ...looks }) => (
            <th scope="col" key={id} className={classOf({ isAction, ...looks })}>
              {isAction === true ? <span className={styles.unseen}>{head}</span> : head}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {entries.map((entry, place) => (
          <Fragment key={keyOf(entry, place)}>
            <tr data-unfolded={hasFold}>
              {shown.map(({ id, cell, ...looks }) => (
                <td key={id} className={classOf(looks)}>
                  {cell(entry)}
                </td>
              ))}
            </tr>
            {hasFold && <FoldedRow {...{ entry, columns, folded }} />}
          </Fragment>
        ))}
      </tbody>
    </table>
  );
}

/** The row below a row: what its folding columns say. */
export function FoldedRow<Entry>({
  entry,
  columns,
  folded = 'lines',
}: Pick<TableParts<Entry>, 'columns' | 'folded'> & { readonly entry: Entry }) {
  const count = columns.filter(({ folds }) => folds !== true).length;
  const lines = columns.flatMap(({ folds, id, head, cell, isAction }) => {
    const content = folds === true ? cell(entry) : null;
    // Not a number, which is worth a word when it is 0.
    const isEmpty =
      content === null || content === undefined || content === '' || content === false;
    return isEmpty ? [] : [{ id, content, head: isAction === true ? '' : head }];
  });
  return (
    <tr className={styles.below} data-folded={folded}>
      <td colSpan={count}>
        {lines.length > 0 && (
          <dl className={styles.lines}>
            {lines.map(({ id, head, content }) => (
              <div key={id}>
                <dt>{head}</dt>
                <dd>{content}</dd>
              </div>
            ))}
          </dl>
        )}
      </td>
    </tr>
  );
}

function classOf({ isNumber, isAction }: ColumnLooks): string | undefined {
  if (isAction === true) return table.actions;
  return isNumber === true ? table.number : undefined;
}
