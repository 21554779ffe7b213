/** Keeps suppressed identities out of the store, and rows that only an erased person had. */
import { rankedType } from '../../../domain/contact/identity-strength.ts';
import type { IdentityKey, KnownIdentity } from '../../store.ts';
import { type Component, type IdentityNode, nameOf, type RowNode } from '../contacts/component.ts';
import type { ChangeOrigin } from './applied-change.ts';
import { ComponentChange } from './component-change.ts';
import { isKept, type SuppressionSource } from './suppressed-claims.ts';
import type { WriteSession } from './write-session.ts';

export interface FreeRow {
  readonly datasetId: number;
  /** What the row names and is not suppressed, its key first. */
  readonly identities: readonly IdentityKey[];
  readonly isPush: boolean;
}

/**
 * The identities that a row may claim. `undefined`: it is refused, because its key is suppressed,
 * or because it is new and names a suppressed identity. A known or kept row is applied without that
 * identity, because it is the row of another person.
 */
export function withoutSuppressed(
  session: WriteSession,
  origin: ChangeOrigin,
  identities: readonly KnownIdentity[],
): readonly KnownIdentity[] | undefined {
  const { suppressed, effects, datasetId, isPush } = origin;
  if (suppressed === undefined) return identities;
  const isFree = (identity: IdentityKey) => !suppressed.has(nameOf(identity));
  const free = identities.filter(isFree);
  if (free.length === identities.length) return identities;
  const key = identities[0] as KnownIdentity;
  const { component } = new ComponentChange(session, origin);
  const row = { datasetId, identities: free, isPush };
  if (!isFree(key) || !isKnownOrKept(session, component, row)) return undefined;
  const refused = identities.filter((it) => !isFree(it));
  effects.noteSuppressed(key, refused);
  return free;
}

/**
 * Whether the dataset has the row, or it is a kept row: under its key, or under the weaker key that
 * it had before it named a stronger one. The weaker key must be of a type that joins, because only
 * such a type shows whose row it is.
 */
export function isKnownOrKept(
  source: SuppressionSource,
  component: Component,
  { datasetId, identities, isPush }: FreeRow,
): boolean {
  const { organizationId } = component.source;
  const [key, ...others] = identities.map((it) => component.node(it));
  if (key === undefined) return false;
  const isKeptRow = (node: IdentityNode) => isKept(source, { organizationId, datasetId }, node);
  const rowsAt = (node: IdentityNode) => {
    if (node.entry?.isLeading) component.contactAt(node.entry.contactId);
    return component.rows.filter((row) => row.datasetId === datasetId);
  };
  if (rowsAt(key).some((row) => row.key === key || (row.isConverted && claims(row, key)))) {
    return true;
  }
  if (isKeptRow(key)) return true;
  const rules = source.rules(organizationId);
  const weaker = others.filter(
    ({ typeId }) => typeId !== key.typeId && rankedType(rules, typeId).joins,
  );
  if (weaker.some((node) => rowsAt(node).some((row) => row.key === node && mayGet(row, key)))) {
    return true;
  }
  if (weaker.some(isKeptRow)) return true;
  return isPush && isFoundByPush(component, datasetId, key);
}

/** A push changes the one row that names the key as a further identity (`find-patched-row.ts`). */
function isFoundByPush(component: Component, datasetId: number, key: IdentityNode): boolean {
  component.gather();
  const claiming = component.rows.filter(
    (row) => row.datasetId === datasetId && row.kind === 'contact' && claims(row, key),
  );
  return claiming.length === 1;
}

function claims(row: RowNode, node: IdentityNode): boolean {
  return row.claims.some((claim) => claim.node === node);
}

/** Whether the row has no other value of the key's type. */
function mayGet({ claims }: RowNode, key: IdentityNode): boolean {
  return claims.every(({ node }) => node.typeId !== key.typeId || node === key);
}
