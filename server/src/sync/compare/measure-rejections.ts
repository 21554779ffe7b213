/** Compares the rows that a run has rejected, before it writes, with what its dataset allows. */
import type { Catalog, DatasetRecord } from '../../catalog/catalog.ts';
import { usualDefinition } from '../../domain/dataset/dataset-definition.ts';
import { measureRejected, type RejectedShare } from '../../domain/dataset/rejected-share.ts';
import type { RejectionCode } from '../../domain/errors.ts';
import type { Workbench } from '../../sources/workbench.ts';
import { countRows } from '../table/table-rows.ts';
import type { Tables } from '../table/tables.ts';

export interface RejectionPlace {
  readonly catalog: Catalog;
  readonly organizationId: number;
  /** `undefined`: this run creates it. */
  readonly dataset: Pick<DatasetRecord, 'id' | 'definition'> | undefined;
}

/** Does not count rows that the store will refuse while they are applied. */
export async function measureRejections(
  workbench: Workbench,
  { rejectedRows }: Tables<'rejectedRows'>,
  { catalog, organizationId, dataset, rowsRead }: RejectionPlace & { readonly rowsRead: number },
): Promise<RejectedShare> {
  const rows = await workbench.rows(
    `SELECT code, count(DISTINCT row_id) FROM ${rejectedRows} GROUP BY code ORDER BY code`,
  );
  const all = await countRows(workbench, `(SELECT DISTINCT row_id FROM ${rejectedRows})`);
  const counts = Object.fromEntries(rows.map(([code, count]) => [String(code), Number(count)]));
  const definition = dataset?.definition ?? usualDefinition;
  const last =
    dataset === undefined
      ? undefined
      : await catalog.read((view) => view.findLastApplied(organizationId, dataset.id));
  return measureRejected(
    {
      rowsRead,
      rejected: all,
      counts: counts as Partial<Record<RejectionCode, number>>,
    },
    {
      firstShare: definition.maxRejectedShare,
      last,
      isPartial: definition.mode === 'incremental',
    },
  );
}
