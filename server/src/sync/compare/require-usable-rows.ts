/**
 * Refuses a source none of whose rows can be used, before anything is written. Such a run would
 * change nothing, count as a good one, and make values look fresh that nobody has read since: what
 * happened is that an export or a definition is wrong.
 */
import { rejectionsFile } from '../../domain/data-files.ts';
import { UsherError } from '../../domain/errors.ts';
import type { Workbench } from '../../sources/workbench.ts';
import { rejectionsPath, summarizeRejections, writeRejections } from '../apply/rejections-file.ts';

interface UsableRowsOptions {
  readonly workbench: Workbench;
  readonly dataFolder: string;
  /** `undefined`: there is no run yet, and no file of rejections. */
  readonly runId: string | undefined;
  readonly rowsRead: number;
}

/** @throws UsherError `definition_invalid`, with why and where they are listed; `storage_full` */
export async function requireUsableRows(options: UsableRowsOptions): Promise<void> {
  const { workbench, dataFolder, runId, rowsRead } = options;
  const [found] = await workbench.rows('SELECT count(DISTINCT n) FROM rejected');
  if (rowsRead === 0 || Number(found?.[0] ?? 0) < rowsRead) return;
  const { rejected, counts, first } = await summarizeRejections(workbench);
  if (runId !== undefined) {
    await writeRejections(workbench, rejectionsPath(dataFolder, runId), rejected);
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
