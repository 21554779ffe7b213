/** Finds a source, or files of it, that has no rows although the last applied run read some. */
import type { Catalog } from '../../catalog/catalog.ts';
import type { RunPlan } from '../../domain/dataset/run-plan.ts';
import type { FileRows } from '../../sources/source.ts';
import type { PulledDataset } from '../pulled-source.ts';

export interface EmptiedPlace {
  readonly catalog: Catalog;
  readonly organizationId: number;
  readonly dataset: PulledDataset;
}

/** Members of a plan; none if nothing is emptied, or the dataset is incremental. */
export type Emptied = Pick<RunPlan, 'rowsBefore' | 'emptiedFiles'>;

export async function measureEmptied(
  { catalog, organizationId, dataset: { definition, record } }: EmptiedPlace,
  { rowsRead, files }: { readonly rowsRead: number; readonly files: readonly FileRows[] },
): Promise<Emptied> {
  if (definition.mode === 'incremental') return {};
  if (rowsRead === 0) {
    const filter = { datasetId: record.id, states: ['succeeded'], limit: 1 } as const;
    const [last] = await catalog.read((view) => view.listRuns(organizationId, filter));
    const rowsBefore = last?.rowsRead ?? 0;
    return rowsBefore > 0 ? { rowsBefore } : {};
  }
  const empty = files.filter(({ hasRows }) => !hasRows);
  if (empty.length === 0) return {};
  const before = await catalog.read((view) => view.findLastFiles(organizationId, record.id));
  const emptied = empty.filter(({ key }) => before.has(key)).map(({ name }) => name);
  return emptied.length > 0 ? { emptiedFiles: [...new Set(emptied)] } : {};
}

export function isEmptied({ rowsBefore, emptiedFiles }: Emptied): boolean {
  return rowsBefore !== undefined || emptiedFiles !== undefined;
}

export async function saveFilesWithRows(
  catalog: Catalog,
  runId: string,
  files: readonly FileRows[],
): Promise<void> {
  const keys = files.filter(({ hasRows }) => hasRows).map(({ key }) => key);
  if (keys.length > 0) await catalog.saveRunFiles(runId, [...new Set(keys)]);
}
