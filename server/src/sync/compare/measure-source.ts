/** Measures, before a run writes, what is wrong with its source: rejected and missing rows. */
import type { Catalog, DatasetRecord } from '../../catalog/catalog.ts';
import { usualDefinition } from '../../domain/dataset/dataset-definition.ts';
import {
  isRejectedTooMuch,
  measureRejected,
  type RejectedShare,
} from '../../domain/dataset/rejected-share.ts';
import type { RunPlan } from '../../domain/dataset/run-plan.ts';
import type { FileRows } from '../../sources/source.ts';
import type { Workbench } from '../../sources/workbench.ts';
import { countRows } from '../table/table-rows.ts';
import type { Tables } from '../table/tables.ts';

export interface MeasuredPlace {
  readonly workbench: Workbench;
  readonly catalog: Catalog;
  readonly organizationId: number;
}

/** The members of a plan that say nothing about contacts. */
export interface MeasuredSource {
  readonly facts: Pick<RunPlan, 'rejections' | 'rowsBefore' | 'emptiedFiles'>;
  /** Whether any of them makes the run wait. */
  readonly isNotable: boolean;
}

export async function measureSource(
  place: MeasuredPlace,
  { record }: { readonly record: DatasetRecord },
  found: {
    readonly tables: Tables<'rejectedRows'>;
    readonly rowsRead: number;
    readonly files: readonly FileRows[];
  },
): Promise<MeasuredSource> {
  const rejections = await measureRejections(place, record, found);
  const emptied = await findEmptied(place, record, found);
  const isNotable = isRejectedTooMuch(rejections) || Object.keys(emptied).length > 0;
  return { facts: { rejections, ...emptied }, isNotable };
}

/**
 * Compares the number of rejected rows with what the dataset allows. Does not count rows that the
 * store will refuse while they are applied.
 * @param dataset `undefined`: this run creates it
 */
export async function measureRejections(
  { workbench, catalog, organizationId }: MeasuredPlace,
  dataset: Pick<DatasetRecord, 'id' | 'definition'> | undefined,
  { tables, rowsRead }: { readonly tables: Tables<'rejectedRows'>; readonly rowsRead: number },
): Promise<RejectedShare> {
  const { rejectedRows } = tables;
  const rows = await workbench.rows(
    `SELECT code, count(DISTINCT row_id) FROM ${rejectedRows} GROUP BY code ORDER BY code`,
  );
  const rejected = await countRows(workbench, `(SELECT DISTINCT row_id FROM ${rejectedRows})`);
  const counts = Object.fromEntries(rows.map(([code, count]) => [String(code), Number(count)]));
  const { maxRejectedShare, mode } = dataset?.definition ?? usualDefinition;
  const last =
    dataset && (await catalog.read((view) => view.findLastApplied(organizationId, dataset.id)));
  return measureRejected(
    { rowsRead, rejected, counts },
    { firstShare: maxRejectedShare, last, isPartial: mode === 'incremental' },
  );
}

/**
 * Finds the files of a source, or the source itself, without rows although the last applied run
 * read some.
 */
async function findEmptied(
  { catalog, organizationId }: MeasuredPlace,
  { id, definition }: DatasetRecord,
  { rowsRead, files }: { readonly rowsRead: number; readonly files: readonly FileRows[] },
): Promise<Pick<RunPlan, 'rowsBefore' | 'emptiedFiles'>> {
  if (definition?.mode === 'incremental') return {};
  if (rowsRead === 0) {
    const filter = { datasetId: id, states: ['succeeded'], limit: 1 } as const;
    const [last] = await catalog.read((view) => view.listRuns(organizationId, filter));
    const rowsBefore = last?.rowsRead ?? 0;
    return rowsBefore > 0 ? { rowsBefore } : {};
  }
  const empty = files.filter(({ hasRows }) => !hasRows);
  if (empty.length === 0) return {};
  const before = await catalog.read((view) => view.findLastFiles(organizationId, id));
  const emptied = empty.filter(({ key }) => before.has(key)).map(({ name }) => name);
  return emptied.length > 0 ? { emptiedFiles: [...new Set(emptied)] } : {};
}

/** Notes the files that have rows, for the next run to compare with. */
export async function saveFilesWithRows(
  catalog: Catalog,
  runId: string,
  files: readonly FileRows[],
): Promise<void> {
  const keys = files.filter(({ hasRows }) => hasRows).map(({ key }) => key);
  if (keys.length > 0) await catalog.saveRunFiles(runId, [...new Set(keys)]);
}
