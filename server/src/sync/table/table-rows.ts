/** Counts, reads and fills the tables of a run (`tables.ts`). */
import { maxRowsPerBatch } from '../../domain/limits.ts';
import type { Statements, Workbench } from '../../sources/workbench.ts';
import type { Table, TableName } from './tables.ts';

export type TableRow = readonly (number | string | null)[];

/** @param from what stands behind FROM */
export async function countRows(statements: Statements, from: string): Promise<number> {
  const [row] = await statements.rows(`SELECT count(*) FROM ${from}`);
  return Number(row?.[0] ?? 0);
}

/** @param value ASCII without line ends, as SQL @param from what stands behind FROM */
export async function* readLines(
  workbench: Workbench,
  value: string,
  from: string,
): AsyncGenerator<string> {
  for await (const bytes of workbench.bytes(`SELECT concat(${value}, chr(10)) FROM ${from}`)) {
    for (const line of bytes.toString('latin1').split('\n')) if (line !== '') yield line;
  }
}

/** Collects rows for tables, and appends them in batches. */
export class TableAppender {
  readonly #workbench: Workbench;
  readonly #rows = new Map<Table<TableName>, TableRow[]>();
  #count = 0;

  constructor(workbench: Workbench) {
    this.#workbench = workbench;
  }

  /** Whether there is enough to `flush`. */
  get isFull(): boolean {
    return this.#count >= maxRowsPerBatch * 10;
  }

  add(table: Table<TableName>, row: TableRow): void {
    const rows = this.#rows.get(table) ?? [];
    rows.push(row);
    this.#rows.set(table, rows);
    this.#count += 1;
  }

  async flush(): Promise<void> {
    for (const [table, rows] of this.#rows) await this.#workbench.append(table, rows);
    this.#rows.clear();
    this.#count = 0;
  }
}
