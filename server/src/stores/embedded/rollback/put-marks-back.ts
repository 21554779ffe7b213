/** Marks of lists that went with their contacts: they come back when their identities do. */
import { emptySection } from '../../merge-section.ts';
import type { RollbackPlace, RunLease } from '../../run-lease.ts';
import type { IdentityKey } from '../../store.ts';
import { newRow } from '../writer/change-row.ts';
import { ComponentChange } from '../writer/component-change.ts';
import type { WriteSession } from '../writer/write-session.ts';
import { readRollbackKey, rollbackKey } from './rollback-entry.ts';
import { readRollbackRuns } from './rollback-runs.ts';
import type { RollbackWrite } from './rollback-write.ts';

/** A mark of a list as it was. */
export interface LostMark {
  readonly identity: IdentityKey;
  readonly datasetId: number;
  readonly asOfMs: number;
  readonly sourceVersion: bigint;
  readonly version: bigint;
}

interface StoredMark {
  readonly at: Uint8Array;
  readonly mark: LostMark;
}

/**
 * Puts up to `limit` marks back that a run or its rollback took away, and forgets them.
 * @returns whether all were looked at
 */
export function putMarksBack(session: WriteSession, write: RollbackWrite, limit: number): boolean {
  const marks = readMarks(session, write, { limit });
  for (const { at, mark } of marks) {
    putMarkBack(session, write, mark);
    session.environment.rollback.remove(at);
  }
  return marks.length < limit;
}

/**
 * At the end of a run: a mark whose identity led nowhere for a moment comes back. It stays noted
 * for a rollback.
 * @param after where an earlier call stopped
 * @returns where to go on; `undefined`: all were looked at
 */
export function keepMarks(
  session: WriteSession,
  lease: RunLease,
  { after, limit }: { readonly after: Uint8Array | undefined; readonly limit: number },
): Uint8Array | undefined {
  // A run that was killed left its marks under another source version.
  const attempts = readRollbackRuns(session.environment.meta, lease)
    .filter(({ run }) => run.version === `${lease.version}`)
    .reverse();
  for (const { sourceVersion } of attempts) {
    const marks = readMarks(session, { ...lease, sourceVersion }, { after, limit });
    for (const { mark } of marks) putMarkBack(session, lease, mark);
    if (marks.length === limit) return marks.at(-1)?.at;
  }
  return undefined;
}

function readMarks(
  session: WriteSession,
  place: RollbackPlace,
  { after, limit }: { readonly after?: Uint8Array | undefined; readonly limit: number },
): StoredMark[] {
  const first = rollbackKey(place, 'mark', { typeId: 0, digest: new Uint8Array(16) });
  const end = rollbackKey(place, 'moves', { typeId: 0, digest: new Uint8Array(16) });
  const isAfter = after !== undefined && Buffer.compare(after, first) > 0;
  const range = { start: isAfter ? after : first, exclusiveStart: isAfter, end, limit };
  return [...session.environment.rollback.getRange(range)].flatMap(({ key, value }) => {
    const at = Uint8Array.from(key);
    const { identity, other } = readRollbackKey(at);
    return other === undefined ? [] : [{ at, mark: markOf(identity, other.typeId, value) }];
  });
}

function markOf(identity: IdentityKey, datasetId: number, packed: Uint8Array): LostMark {
  const value = Buffer.from(packed);
  return {
    identity,
    datasetId,
    asOfMs: value.readDoubleLE(0),
    sourceVersion: value.readBigUInt64LE(8),
    version: value.readBigUInt64LE(16),
  };
}

/** Marks the contact again that the identity leads to, if there is one without the mark. */
export function putMarkBack(
  session: WriteSession,
  { organizationId, version }: { readonly organizationId: number; readonly version: bigint },
  mark: LostMark,
): void {
  const { identity, datasetId, asOfMs, sourceVersion } = mark;
  const change = new ComponentChange(session, { organizationId, version });
  const key = change.component.node(identity);
  const contact = change.loadContact(key);
  if (contact === undefined || change.rowOf(datasetId, key) !== undefined) return;
  const row = newRow({ datasetId, version: mark.version, isPush: false }, 'list', key);
  change.addRow(row);
  change.sections.set(row, { view: emptySection, asOfMs, sourceVersion });
  change.writeInPlace(contact);
}
