/**
 * Writes contacts into a Parquet file. They are first written as JSON into the folder of the
 * engine, because some types follow from all values; then the engine copies them, in bounded
 * memory.
 */
import { join } from 'node:path';
import { UsherError } from '../../domain/errors.ts';
import { sqlName, sqlText } from '../../sources/sql-text.ts';
import type { Workbench } from '../../sources/workbench.ts';
import { WrittenFile } from '../../sync/stage/written-file.ts';
import { maxRowGroupBytes, maxStagedContactBytes } from '../limits.ts';
import type { ListColumn } from './list-columns.ts';
import type { ListedContact } from './list-contacts.ts';
import { type ParquetColumn, parquetColumns } from './parquet-columns.ts';

export interface ParquetRequest {
  readonly columns: readonly ListColumn[];
  readonly identityTypes: readonly string[];
  /** Of the organization: decides when days begin. */
  readonly timeZone: string;
  /** The file, which exists and is empty. The engine must be allowed to write it. */
  readonly path: string;
}

/** @throws UsherError `storage_full`; what `pages` throws */
export async function writeParquet(
  workbench: Workbench,
  pages: AsyncIterable<readonly ListedContact[]>,
  request: ParquetRequest,
): Promise<void> {
  const columns = parquetColumns(request);
  const staged = join(workbench.folder, 'contacts.ndjson');
  const largest = await stageContacts(staged, pages, columns);
  const shape = columns.flatMap(({ cells }) => cells.map(([key, type]) => `${key}: '${type}'`));
  const chosen = columns.map((column) => `${column.sql()} AS ${sqlName(column.name)}`);
  try {
    await workbench.run(`COPY (
      SELECT ${chosen.join(', ')}
      FROM read_json(${sqlText(staged)}, format = 'newline_delimited', columns = {${shape.join(', ')}},
        compression = 'uncompressed', maximum_object_size = ${maxStagedContactBytes})
    ) TO ${sqlText(request.path)} (FORMAT parquet, COMPRESSION zstd, USE_TMP_FILE false,
      ROW_GROUP_SIZE ${rowGroupSize(largest)})`);
  } catch (error) {
    throw unwritten(error);
  }
}

/** @returns the bytes of the largest contact */
async function stageContacts(
  path: string,
  pages: AsyncIterable<readonly ListedContact[]>,
  columns: readonly ParquetColumn[],
): Promise<number> {
  const file = new WrittenFile(path);
  let largest = 0;
  try {
    for await (const contacts of pages) {
      const lines = contacts.map((contact) => {
        const cells = columns.flatMap((column) => {
          const values = column.read(contact);
          return column.cells.map(([key], place) => [key, values[place] ?? null] as const);
        });
        return Buffer.from(`${JSON.stringify(Object.fromEntries(cells))}\n`);
      });
      for (const { length } of lines) largest = Math.max(largest, length);
      file.write(Buffer.concat(lines));
    }
  } finally {
    file.close();
  }
  return largest;
}

/** The engine holds a row group in memory. It has vectors of 2,048 rows. */
function rowGroupSize(largestBytes: number): number {
  const vector = 2_048;
  const most = 122_880;
  const vectors = Math.floor(maxRowGroupBytes / Math.max(1, largestBytes) / vector);
  return Math.min(most, Math.max(1, vectors) * vector);
}

/** The words of the engine may quote values, and are about sources. */
function unwritten(error: unknown): unknown {
  if (error instanceof UsherError && error.code === 'storage_full') return error;
  const isOfEngine = error instanceof UsherError || error instanceof Error;
  if (!isOfEngine || error.name === 'AbortError') return error;
  return new UsherError(
    'internal',
    'The Parquet file could not be written. Export fewer fields, or use --ndjson.',
    { cause: error },
  );
}
