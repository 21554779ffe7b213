/** Finds a dataset's row in a component. */
import type { DatasetPlace } from '../../run-lease.ts';
import type { IdentityNode, RowNode } from '../contacts/component.ts';
import type { ComponentChange } from './component-change.ts';

/**
 * The dataset's row with this key. A row of an older release, whose key is not known, is found by
 * any of its identities.
 */
export function findRow(
  change: ComponentChange,
  { datasetId }: DatasetPlace,
  key: IdentityNode,
): RowNode | undefined {
  const known = change.rowOf(datasetId, key);
  if (known !== undefined) return known;
  return change.component.rows.find(
    (row) =>
      row.isConverted && row.datasetId === datasetId && row.claims.some(({ node }) => node === key),
  );
}
