/** Finds the row that a pushed patch is for. */
import { compareStrength } from '../../../domain/contact/identity-strength.ts';
import type { IdentityNode, RowNode } from '../contacts/component.ts';
import type { ChangeOrigin } from './applied-change.ts';
import type { ComponentChange } from './component-change.ts';
import { findRow } from './find-row.ts';
import type { WriteSession } from './write-session.ts';

/**
 * The row of the patch's key; else the dataset's row that claims the key; else a row without
 * another value of the key's type at the contact that the first known identity leads to.
 * @param nodes the patch's identities, its key first
 */
export function findPatchedRow(
  session: WriteSession,
  change: ComponentChange,
  origin: ChangeOrigin,
  nodes: readonly IdentityNode[],
): RowNode | 'identity_shared' | undefined {
  const key = nodes[0] as IdentityNode;
  const known = findRow(change, origin, key);
  if (known !== undefined) return known;
  const own = change.component.rows.filter(
    ({ datasetId, kind }) => datasetId === origin.datasetId && kind === 'contact',
  );
  const claiming = own.filter(({ claims }) => claims.some(({ node }) => node === key));
  if (claiming.length === 1) return claiming[0];
  const leading = nodes.find(({ entry }) => entry?.isLeading) ?? key;
  const fitting = own.filter(
    (row) => row.home !== undefined && row.home === leading.contact && hasNoOther(row, key),
  );
  if (fitting.length === 0 && claiming.length > 1) return 'identity_shared';
  const rules = session.rules(origin.organizationId);
  return fitting.sort(
    (one, other) =>
      rankOf(session, origin, one.key) - rankOf(session, origin, other.key) ||
      compareStrength(rules, one.key, other.key),
  )[0];
}

/** Whether the row has no other value of the key's type. */
function hasNoOther({ claims }: RowNode, key: IdentityNode): boolean {
  return claims.every(({ node }) => node.typeId !== key.typeId || node === key);
}

/** The place of an identity's type in the dataset: the lowest is the row's key. */
function rankOf(session: WriteSession, origin: ChangeOrigin, { typeId }: IdentityNode): number {
  const { types } = session.rules(origin.organizationId);
  if (types.some(({ id, isStable }) => isStable && id === typeId)) return -1;
  const place = origin.keyOrder.indexOf(typeId);
  return place < 0 ? origin.keyOrder.length : place;
}

export function isStrongerKey(
  session: WriteSession,
  origin: ChangeOrigin,
  one: IdentityNode,
  other: IdentityNode,
): boolean {
  return rankOf(session, origin, one) < rankOf(session, origin, other);
}
