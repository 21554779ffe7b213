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
  /** Missing: those of `limits.ts`. */
  readonly bounds?: {
    /** Bytes of a contact as JSON. */
    readonly contactBytes: number;
    /** Bytes of the rows that the engine gathers. */
    readonly rowGroupBytes: number;
  };
}

/**
 * The settings of the engine, which must have one thread. Only without this promise of order does
 * it write a row group as soon as there are enough bytes, whatever the number of rows. One thread
 * writes the rows in the order in which it reads them.
 */
export const parquetSettings = ['SET preserve_insertion_order = false'];

const usualBounds = { contactBytes: maxStagedContactBytes, rowGroupBytes: maxRowGroupBytes };

/** @throws UsherError `storage_full`; what `pages` throws */
export async function writeParquet(
  workbench: Workbench,
  pages: AsyncIterable<readonly ListedContact[]>,
  request: ParquetRequest,
): Promise<void> {
  const columns = parquetColumns(request);
  const { contactBytes, rowGroupBytes } = request.bounds ?? usualBounds;
  const staged = join(workbench.folder, 'contacts.ndjson');
  await stageContacts(staged, pages, columns);
  const shape = columns.flatMap(({ cells }) => cells.map(([key, type]) => `${key}: '${type}'`));
  const chosen = columns.map((column) => `${column.sql()} AS ${sqlName(column.name)}`);
  try {
    await workbench.run(`COPY (
      SELECT ${chosen.join(', ')}
      FROM read_json(${sqlText(staged)}, format = 'newline_delimited', columns = {${shape.join(', ')}},
        compression = 'uncompressed', maximum_object_size = ${contactBytes})
    ) TO ${sqlText(request.path)} (FORMAT parquet, COMPRESSION zstd, USE_TMP_FILE false,
      ROW_GROUP_SIZE ${maxRowGroupRows}, ROW_GROUP_SIZE_BYTES ${rowGroupBytes})`);
  } catch (error) {
    throw unwritten(error);
  }
}

async function stageContacts(
  path: string,
  pages: AsyncIterable<readonly ListedContact[]>,
  columns: readonly ParquetColumn[],
): Promise<void> {
  const file = new WrittenFile(path);
  try {
    for await (const contacts of pages) {
      const lines = contacts.map((contact) => {
        const cells = columns.flatMap((column) => {
          const values = column.read(contact);
          return column.cells.map(([key], place) => [key, values[place] ?? null] as const);
        });
        return Buffer.from(`${JSON.stringify(Object.fromEntries(cells))}\n`);
      });
      file.write(Buffer.concat(lines));
    }
  } finally {
    file.close();
  }
}

/** The usual number of the engine: readers skip whole row groups. */
const maxRowGroupRows = 122_880;

function isOfDisk({ code }: UsherError): boolean {
  return code === 'storage_full' || code === 'store_unavailable';
}

/** The words of the engine may quote values, and are about sources. */
function unwritten(error: unknown): unknown {
  if (error instanceof UsherError && isOfDisk(error)) return error;
  const isOfEngine = error instanceof UsherError || error instanceof Error;
  if (!isOfEngine || error.name === 'AbortError') return error;
  return new UsherError(
    'internal',
    'The Parquet file could not be written. Export fewer fields, or use --ndjson.',
    { cause: error },
  );
}
