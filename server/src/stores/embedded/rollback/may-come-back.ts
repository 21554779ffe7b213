/** What a rollback may put back after an erasure. */
import type { DatasetPlace } from '../../run-lease.ts';
import type { IdentityKey } from '../../store.ts';
import { nameOf } from '../contacts/component.ts';
import { ComponentChange } from '../writer/component-change.ts';
import { isKept, suppressedAmong } from '../writer/suppressed-claims.ts';
import type { WriteSession } from '../writer/write-session.ts';
import type { NotedRow } from './rollback-entry.ts';

export function isAnySuppressed(
  session: WriteSession,
  { organizationId }: DatasetPlace,
  identities: readonly IdentityKey[],
): boolean {
  return suppressedAmong(session, organizationId, identities) !== undefined;
}

/** The row without suppressed identities; `undefined`: it does not come back. */
export function withoutSuppressed(
  session: WriteSession,
  place: DatasetPlace,
  { key, before }: { readonly key: IdentityKey; readonly before: NotedRow | undefined },
): NotedRow | undefined {
  if (before === undefined) return undefined;
  const { claims = [] } = before;
  const keys = before.key === undefined ? [key] : [key, before.key];
  const names = suppressedAmong(session, place.organizationId, [...keys, ...claims]);
  if (names === undefined) return before;
  const isFree = (identity: IdentityKey) => !names.has(nameOf(identity));
  if (!keys.every(isFree) || !mayComeBack(session, place, key)) return undefined;
  return before.claims === undefined ? before : { ...before, claims: claims.filter(isFree) };
}

/** A row that named a suppressed identity comes back if it is there now, or is a kept row. */
export function mayComeBack(session: WriteSession, place: DatasetPlace, key: IdentityKey): boolean {
  const { organizationId, datasetId } = place;
  const change = new ComponentChange(session, { organizationId, version: session.lastVersion });
  const node = change.component.node(key);
  change.loadContact(node);
  return change.rowOf(datasetId, node) !== undefined || isKept(session, place, key);
}
