/** Marks of lists that went with their contacts: they come back once a rollback put these back. */
import { emptySection } from '../../merge-section.ts';
import type { IdentityKey } from '../../store.ts';
import { newRow } from '../writer/change-row.ts';
import { ComponentChange } from '../writer/component-change.ts';
import type { WriteSession } from '../writer/write-session.ts';
import { readRollbackKey, rollbackKey, rollbackPrefix } from './rollback-entry.ts';
import type { RollbackWrite } from './rollback-write.ts';

/**
 * Puts up to `limit` marks back whose identities lead to contacts again.
 * @returns whether all were looked at
 */
export function putMarksBack(session: WriteSession, write: RollbackWrite, limit: number): boolean {
  const { rollback } = session.environment;
  const start = rollbackKey(write, 'mark', { typeId: 0, digest: new Uint8Array(16) });
  const end = rollbackPrefix({ ...write, sourceVersion: write.sourceVersion + 1n });
  const entries = [...rollback.getRange({ start, end, limit })].map(({ key, value }) => {
    return { at: Uint8Array.from(key), value: Buffer.from(value) };
  });
  for (const { at, value } of entries) {
    const { identity, other } = readRollbackKey(at);
    if (other !== undefined)
      putMarkBack(session, write, { identity, datasetId: other.typeId, value });
    rollback.remove(at);
  }
  return entries.length < limit;
}

function putMarkBack(
  session: WriteSession,
  { organizationId, version }: RollbackWrite,
  mark: { readonly identity: IdentityKey; readonly datasetId: number; readonly value: Buffer },
): void {
  const { identity, datasetId, value } = mark;
  const change = new ComponentChange(session, { organizationId, version });
  const key = change.component.node(identity);
  const contact = change.loadContact(key);
  if (contact === undefined || change.rowOf(datasetId, key) !== undefined) return;
  const row = newRow({ datasetId, version: value.readBigUInt64LE(16), isPush: false }, 'list', key);
  const [asOfMs, sourceVersion] = [value.readDoubleLE(0), value.readBigUInt64LE(8)];
  change.addRow(row);
  change.sections.set(row, { view: emptySection, asOfMs, sourceVersion });
  change.writeInPlace(contact);
}
