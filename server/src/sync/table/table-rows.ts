/** Counts, reads and adds rows of a run's tables (`tables.ts`). */
import { maxRowsPerBatch } from '../../domain/limits.ts';
import type { Statements, Workbench } from '../../sources/workbench.ts';
import type { Table, TableName } from './tables.ts';

export type TableRow = readonly (number | string | null)[];

/** @param from the SQL after FROM */
export async function countRows(statements: Statements, from: string): Promise<number> {
  const [row] = await statements.rows(`SELECT count(*) FROM ${from}`);
  return Number(row?.[0] ?? 0);
}

/**
 * @param value SQL for a text in ASCII without line ends
 * @param from the SQL after FROM
 */
export async function* readLines(
  workbench: Workbench,
  value: string,
  from: string,
): AsyncGenerator<string> {
  for await (const bytes of workbench.bytes(`SELECT concat(${value}, chr(10)) FROM ${from}`)) {
    for (const line of bytes.toString('latin1').split('\n')) if (line !== '') yield line;
  }
}

/** The keys of a table, in order. */
export function readKeys(
  workbench: Workbench,
  table: Table<'vanishedRows' | 'agingKeys'>,
): AsyncGenerator<string> {
  return readLines(workbench, 'row_key', `${table} ORDER BY row_key`);
}

export async function addRows(
  workbench: Workbench,
  table: Table<TableName>,
  rows: readonly TableRow[],
): Promise<void> {
  if (rows.length > 0) await workbench.append(table, rows);
}

export async function* inBatches<Item>(
  items: AsyncIterable<Item> | Iterable<Item>,
  size: number = maxRowsPerBatch,
): AsyncGenerator<readonly Item[]> {
  let batch: Item[] = [];
  for await (const item of items) {
    if (batch.push(item) < size) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}
