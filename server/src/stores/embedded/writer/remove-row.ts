/** Takes a row away: its claims and its section go. */
import type { IdentityKey, KnownIdentity } from '../../store.ts';
import type { IdentityNode, RowNode } from '../contacts/component.ts';
import type { AppliedChange, ChangeOrigin } from './applied-change.ts';
import { ComponentChange, notedClaims } from './component-change.ts';
import { findRow } from './find-row.ts';
import { storedSection } from './stored-section.ts';
import type { WriteSession } from './write-session.ts';

export function removeRow(
  session: WriteSession,
  origin: ChangeOrigin,
  identities: readonly KnownIdentity[],
): AppliedChange {
  const change = new ComponentChange(session, origin);
  const key = change.component.node(identities[0] as IdentityKey);
  change.component.gather();
  const row = findRow(change, origin, key);
  if (row === undefined) return { outcome: 'unchanged' };
  const section = storedSection(session, origin.organizationId, row);
  if (section !== undefined && section.sourceVersion >= origin.sourceVersion) {
    return { outcome: 'stale' };
  }
  noteBefore(session, origin, row, { isGone: true });
  change.removeRow(row);
  return { outcome: 'cleared', revision: change.write().revision };
}

/** Notes a row for a rollback, with its claims. Overwrites the bytes of the last read. */
export function noteBefore(
  session: WriteSession,
  { organizationId, rollbackLog }: ChangeOrigin,
  row: RowNode,
  { isGone = false, isSame = false, memberships, key = row.storedKey }: NotedEdit,
): void {
  if (rollbackLog === undefined) return;
  const { kind, version, isPushed, isConverted, storedKey } = row;
  const section = storedSection(session, organizationId, row);
  const said = { kind, version, isPushed, isConverted, claims: notedClaims(row), section };
  const before = { ...said, key: key === storedKey ? undefined : storedKey };
  const noted = { key, before, isGone, isSame };
  rollbackLog.noteRow(memberships === undefined ? noted : { ...noted, memberships });
}

interface NotedEdit {
  readonly isGone?: boolean;
  /** Whether the row only gets another age. */
  readonly isSame?: boolean;
  readonly memberships?: Uint8Array | 'none';
  /** The key that the run gives the row. */
  readonly key?: IdentityNode;
}
