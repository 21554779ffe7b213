/**
 * Counts the rows that a run has rejected so far, before anything is written, beside what its
 * dataset may reject.
 */
import type { Catalog, DatasetRecord } from '../../catalog/catalog.ts';
import { usualDefinition } from '../../domain/dataset/dataset-definition.ts';
import { measureRejected, type RejectedShare } from '../../domain/dataset/rejected-share.ts';
import type { RejectionCode } from '../../domain/errors.ts';
import type { Workbench } from '../../sources/workbench.ts';

export interface RejectionPlace {
  readonly catalog: Catalog;
  readonly organizationId: number;
  /** `undefined`: it is made by this run. */
  readonly dataset: Pick<DatasetRecord, 'id' | 'definition'> | undefined;
}

/** What only the store finds while rows are applied is not known yet. */
export async function measureRejections(
  workbench: Workbench,
  rowsRead: number,
  { catalog, organizationId, dataset }: RejectionPlace,
): Promise<RejectedShare> {
  const rows = await workbench.rows(
    'SELECT code, count(DISTINCT n) FROM rejected GROUP BY code ORDER BY code',
  );
  const [all] = await workbench.rows('SELECT count(DISTINCT n) FROM rejected');
  const counts = Object.fromEntries(rows.map(([code, count]) => [String(code), Number(count)]));
  const definition = dataset?.definition ?? usualDefinition;
  const last =
    dataset === undefined
      ? undefined
      : await catalog.read((view) => view.findLastApplied(organizationId, dataset.id));
  return measureRejected(
    {
      rowsRead,
      rejected: Number(all?.[0] ?? 0),
      counts: counts as Partial<Record<RejectionCode, number>>,
    },
    {
      firstShare: definition.maxRejectedShare,
      last,
      isPartial: definition.mode === 'incremental',
    },
  );
}
