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
 * such a type shows whose row it is. In a run only a kept row counts under its weaker key: another
 * row of the source may have that key, and the run may bring it later.
 */
export function isKnownOrKept(
  source: SuppressionSource,
  component: Component,
  { datasetId, identities, isPush }: FreeRow,
): boolean {
  const { organizationId } = component.source;
  const [key, ...others] = identities.map((it) => component.node(it));
  if (key === undefined) return false;
  if (key.entry?.isLeading) component.contactAt(key.entry.contactId);
  const isKnown = component.rows.some(
    (row) =>
      row.datasetId === datasetId && (row.key === key || (row.isConverted && isClaimed(row, key))),
  );
  if (isKnown) return true;
  const rules = source.rules(organizationId);
  const weaker = others.filter(
    ({ typeId }) => typeId !== key.typeId && rankedType(rules, typeId).joins,
  );
  if ([key, ...weaker].some((it) => isKept(source, { organizationId, datasetId }, it))) return true;
  return isPush && isFoundByPush(component, datasetId, { key, weaker });
}

/**
 * A push changes the one row that names its key, and gives a row its stronger key
 * (`find-patched-row.ts`).
 */
function isFoundByPush(
  component: Component,
  datasetId: number,
  { key, weaker }: { readonly key: IdentityNode; readonly weaker: readonly IdentityNode[] },
): boolean {
  component.gather();
  const own = component.rows.filter((row) => row.datasetId === datasetId && row.kind === 'contact');
  if (own.filter((row) => isClaimed(row, key)).length === 1) return true;
  const hasNoOther = ({ claims }: RowNode) =>
    claims.every(({ node }) => node.typeId !== key.typeId || node === key);
  return own.some((row) => weaker.includes(row.key) && hasNoOther(row));
}

function isClaimed({ claims }: RowNode, by: IdentityNode): boolean {
  return claims.some(({ node }) => node === by);
}
