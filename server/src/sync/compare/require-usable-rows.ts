/** Refuses a source without a usable row: applying it would only make old values look fresh. */
import { rejectionsFile } from '../../domain/data-files.ts';
import { UsherError } from '../../domain/errors.ts';
import type { Workbench } from '../../sources/workbench.ts';
import {
  type RejectionTables,
  rejectionsPath,
  summarizeRejections,
  writeRejections,
} from '../apply/rejections-file.ts';
import { countRows } from '../table/table-rows.ts';

interface UsableRowsOptions {
  readonly workbench: Workbench;
  readonly tables: RejectionTables;
  readonly dataFolder: string;
  /** `undefined`: there is no run yet, so no file of rejections. */
  readonly runId: string | undefined;
  readonly rowsRead: number;
}

/** @throws UsherError `definition_invalid`, with why and where they are listed; `storage_full` */
export async function requireUsableRows(options: UsableRowsOptions): Promise<void> {
  const { workbench, tables, dataFolder, runId, rowsRead } = options;
  const distinct = `(SELECT DISTINCT row_id FROM ${tables.rejectedRows})`;
  if (rowsRead === 0 || (await countRows(workbench, distinct)) < rowsRead) return;
  const { rejected, counts, first } = await summarizeRejections(workbench, tables);
  if (runId !== undefined) {
    const path = rejectionsPath(dataFolder, runId);
    await writeRejections(workbench, tables, { path, total: rejected });
  }
  const [example] = first;
  const column = example?.column == null ? '' : `, ${example.column}`;
  const why = example === undefined ? '' : ` Row ${example.row}${column}: ${example.reason}.`;
  const where =
    runId === undefined ? '' : ` All are in ${rejectionsFile(runId)} of the data folder.`;
  throw new UsherError(
    'definition_invalid',
    `No row of ${rowsRead.toLocaleString('en-US')} can be used (${Object.keys(counts).join(', ')}).${why}${where}`,
  );
}
