/**
 * Rolls rows back to what they were before a run. An entry is removed in the transaction that uses
 * it, so a crash loses and repeats nothing.
 */
import { rollBackReports } from '../../../domain/membership/merge-reports.ts';
import { scanEntriesPerTransaction } from '../../limits.ts';
import { isSameSection } from '../../read-record.ts';
import type { RollbackPlace, RolledBackBatch } from '../../run-lease.ts';
import type { IdentityKey, KnownIdentity } from '../../store.ts';
import type { IdentityNode, RowNode } from '../contacts/component.ts';
import { JoinLog } from '../contacts/join-log.ts';
import { metaKeys, writeMeta } from '../meta.ts';
import { newRow } from '../writer/change-row.ts';
import { ComponentChange } from '../writer/component-change.ts';
import { putMemberships, readMemberships } from '../writer/contact-entries.ts';
import { forgottenReports, unmarkForgotten } from '../writer/forget-reports.ts';
import { reportsWithKey } from '../writer/report-key.ts';
import { storedSection } from '../writer/stored-section.ts';
import { type Swept, sweepDataset } from '../writer/sweep-dataset.ts';
import type { WriteSession } from '../writer/write-session.ts';
import { isAnySuppressed, withoutSuppressed } from './may-come-back.ts';
import { MemoryNotes } from './memory-notes.ts';
import { putMarksBack } from './put-marks-back.ts';
import { forgetReturnedIds } from './returned-ids.ts';
import {
  type NotedRow,
  type ReadRollbackKey,
  type RollbackEntry,
  readRollbackKey,
  rollbackKey,
  rollbackPrefix,
  unpackRollbackEntry,
} from './rollback-entry.ts';
import { type NoteMark, noteLostMark, noteUnvalued } from './rollback-log.ts';
import {
  forgetRollbackRun,
  type KnownRollbackRun,
  readRollbackRuns,
  type StoredRollbackRun,
  saveRollbackRun,
} from './rollback-runs.ts';
import type { RollbackWrite } from './rollback-write.ts';
import { takeMovesBack } from './take-moves-back.ts';

/** @param limit the number of entries or contacts to look at */
export function rollBack(
  session: WriteSession,
  given: RollbackWrite,
  run: StoredRollbackRun,
  limit: number,
): RolledBackBatch {
  const write = writeOf(session, given, run);
  const most = Math.max(1, Math.min(limit, scanEntriesPerTransaction));
  const counts = { restored: 0, removed: 0 };
  const entries = readEntries(session, write, most);
  for (const { at, key, value } of entries) {
    // Rows that were put back may have taken it away.
    if (session.environment.rollback.getBinaryFast(at) === undefined) continue;
    note(counts, rollBackEntry(session, write, run, key, value));
    session.environment.rollback.remove(at);
  }
  // Rows that were put back may have left entries for the next call.
  if (readEntries(session, write, 1).length > 0) return { ...counts, isDone: false };
  const swept = run.isSwept ? sweepDataset(session, write, run, most) : noneSwept;
  counts.restored += swept.cleared;
  counts.removed += swept.removed;
  if (swept.sweptTo !== null) {
    saveRollbackRun(session.environment.meta, write, { ...run, sweptTo: swept.sweptTo });
    return { ...counts, isDone: false };
  }
  // Whatever took them away, all rows are back now, and those of the run are gone.
  const isDone =
    takeMovesBack(session, write, most) &&
    forgetJoins(session, write, run, most).isDone &&
    putMarksBack(session, write, most) &&
    forgetReturnedIds(session.environment.rollback, write, most);
  if (!isDone) {
    saveRollbackRun(session.environment.meta, write, { ...run, sweptTo: lastContactId });
    return { ...counts, isDone: false };
  }
  end(session, write, run);
  return { ...counts, isDone: true };
}

/** What the rows of an earlier attempt join again, the run joined. */
function writeOf(
  session: WriteSession,
  write: RollbackWrite,
  run: StoredRollbackRun,
): RollbackWrite {
  const isOfRun = run.version !== undefined && earlierAttempt(session, write, run) !== undefined;
  return isOfRun ? { ...write, version: BigInt(run.version as string) } : write;
}

const lastContactId = 'ff'.repeat(16);

const noneSwept: Swept = { cleared: 0, removed: 0, sweptTo: null };

type Taken = 'restored' | 'removed' | 'left';

function note(counts: { restored: number; removed: number }, taken: Taken): void {
  if (taken !== 'left') counts[taken] += 1;
}

/** Restores the dataset's freshness from before the run. */
function end(session: WriteSession, place: RollbackPlace, run: StoredRollbackRun): void {
  const { meta } = session.environment;
  const at = metaKeys.finishedRun(place);
  const earlier = earlierAttempt(session, place, run);
  if (earlier !== undefined) {
    // An interrupted rollback goes on with the id of the run that it takes back.
    const { sourceVersion } = earlier;
    saveRollbackRun(meta, { ...place, sourceVersion }, { ...earlier.run, runId: run.runId });
  }
  forgetRollbackRun(meta, place);
  unmarkForgotten(session, place);
  if (run.before === null) meta.remove(at);
  else writeMeta(meta, at, run.before);
}

interface StoredEntry {
  readonly at: Uint8Array;
  readonly key: ReadRollbackKey;
  readonly value: Buffer;
}

/** All but marks of lists. */
function readEntries(session: WriteSession, place: RollbackPlace, limit: number): StoredEntry[] {
  const start = rollbackPrefix(place);
  const end = rollbackKey(place, 'mark', { typeId: 0, digest: new Uint8Array(16) });
  const range = session.environment.rollback.getRange({ start, end, limit });
  return [...range].map(({ key, value }) => ({
    at: Uint8Array.from(key),
    key: readRollbackKey(key),
    value: Buffer.from(value),
  }));
}

function rollBackEntry(
  session: WriteSession,
  write: RollbackWrite,
  run: StoredRollbackRun,
  { kind, identity, other }: ReadRollbackKey,
  value: Buffer,
): Taken {
  if (kind === 'row') {
    const entry = unpackRollbackEntry(value, value.length);
    return rollBackRow(session, write, identity, entry);
  }
  const named = other === undefined ? [identity] : [identity, other];
  if (isAnySuppressed(session, write, named)) return 'left';
  const change = changeOf(session, write);
  const node = change.component.node(identity);
  const before = value.readBigUInt64LE(0);
  if (kind === 'value') {
    change.component.gather();
    node.value = '';
  } else if (kind === 'break') {
    change.component.gather();
    const runVersion = BigInt(run.version ?? `${write.sourceVersion}`);
    const known = node.links.brokenAt;
    // A break that a later write set stays.
    if (known !== undefined && known !== runVersion) return 'left';
    change.book.break(node, before === 0n ? undefined : before);
  } else if (other !== undefined) {
    const that = change.component.node(other);
    change.component.gather();
    if (!isRemembered(change, write, [node, that])) {
      change.log.removeJoin(write.version, [node, that]);
      change.book.memory(node, that, { version: before, partedAt: 0n, pendingOn: [] });
    }
  }
  change.write();
  return 'left';
}

/** Not a change of the dataset: what is joined again is joined by the rows that say so. */
function changeOf(session: WriteSession, write: RollbackWrite): ComponentChange {
  const { organizationId, version } = write;
  const noteMark: NoteMark = (row, section) => noteLostMark(session, write, row, section);
  return new ComponentChange(session, { organizationId, version, noteMark, takesBack: write });
}

/** Whether others joined the keys since. Not if the rows that the rollback put back did. */
function isRemembered(
  change: ComponentChange,
  { version }: RollbackWrite,
  keys: readonly [IdentityNode, IdentityNode],
): boolean {
  return change.book.memoryOf(...keys)?.version !== version && change.remembers(...keys);
}

/**
 * Joins that the run made are remembered no longer. They stay only if other evidence says so: so
 * the joins of all attempts of a run wait for the rollback of its first one.
 */
function forgetJoins(
  session: WriteSession,
  write: RollbackWrite,
  run: StoredRollbackRun,
  limit: number,
): { readonly isDone: boolean } {
  if (earlierAttempt(session, write, run) !== undefined) return { isDone: true };
  const version = BigInt(run.version ?? `${write.sourceVersion}`);
  const log = new JoinLog(session.environment.log, write.organizationId);
  const joins = log.joinsOf(version, limit);
  const notes = new MemoryNotes(session.environment, write.organizationId);
  for (const join of joins) {
    const change = changeOf(session, write);
    const [one, other] = join.keys.map((key) => change.component.node(key)) as [
      IdentityNode,
      IdentityNode,
    ];
    change.component.gather();
    log.removeJoin(version, join.keys);
    notes.forget({ keys: join.keys, version });
    if (change.book.memoryOf(one, other)?.version !== version) continue;
    change.book.memory(one, other, undefined);
    change.write();
  }
  return { isDone: joins.length < limit };
}

/** The last attempt before of the same run, whose rows have its version too. */
function earlierAttempt(
  { environment }: WriteSession,
  write: RollbackPlace,
  { version }: StoredRollbackRun,
): KnownRollbackRun | undefined {
  if (version === undefined) return undefined;
  const runs = readRollbackRuns(environment.meta, write);
  return runs.find((it) => it.sourceVersion < write.sourceVersion && it.run.version === version);
}

/** `left`: another run or push wrote the row since. */
function rollBackRow(
  session: WriteSession,
  write: RollbackWrite,
  key: IdentityKey,
  entry: RollbackEntry,
): Taken {
  const change = changeOf(session, write);
  const node = change.component.node(key);
  change.component.gather();
  const row = change.rowOf(write.datasetId, node);
  const { contact } = node;
  if (entry.isReport && !entry.isGone) {
    rollBackMemberships(session, write, { node, entry, ...contact });
  }
  if (!isAsTheRunLeftIt(session, write, row, entry)) return 'left';
  const before = withoutSuppressed(session, write, { key, before: entry.before });
  if (before === undefined) {
    if (row === undefined) return 'left';
    change.takeBackRow(row);
    const { contactIdOf } = change.write();
    return contactIdOf(node) === undefined ? 'removed' : 'restored';
  }
  // As for the run: a row that only got another age did not change.
  const isSame = !entry.isReport && saysTheSame(session, write, row, before);
  putBack(change, { session, write }, { row, node, before });
  const { contactIdOf, decision } = change.write();
  // The reports went with the row, perhaps with the whole contact.
  if (entry.isReport && entry.isGone) {
    const rows = decision.groupOf.get(node)?.rows;
    rollBackMemberships(session, write, { node, entry, contactId: contactIdOf(node), rows });
  }
  return isSame ? 'left' : 'restored';
}

/** Whether the row has the values and the identities that it had before the run. */
function saysTheSame(
  session: WriteSession,
  { organizationId }: RollbackWrite,
  row: RowNode | undefined,
  { claims, section }: NotedRow,
): boolean {
  if (row === undefined) return false;
  const now = section && storedSection(session, organizationId, row);
  if (section !== undefined && !(now && isSameSection(now.view, section.view))) return false;
  if (claims === undefined) return true;
  const same = ({ typeId, digest }: IdentityKey) =>
    row.claims.some(
      ({ node }) => node.typeId === typeId && Buffer.compare(node.digest, digest) === 0,
    );
  return claims.length === row.claims.length && claims.every(same);
}

function isAsTheRunLeftIt(
  session: WriteSession,
  { organizationId, sourceVersion }: RollbackWrite,
  row: RowNode | undefined,
  { isGone }: RollbackEntry,
): boolean {
  if (row === undefined) return isGone;
  if (isGone || row.isPushed) return false;
  const section = storedSection(session, organizationId, row);
  return section === undefined || section.sourceVersion === sourceVersion;
}

function putBack(
  change: ComponentChange,
  { session, write }: { readonly session: WriteSession; readonly write: RollbackWrite },
  restored: {
    readonly row: RowNode | undefined;
    readonly node: IdentityNode;
    readonly before: NotedRow;
  },
): void {
  const { row, node, before } = restored;
  const { component } = change;
  const target = row ?? newRow({ ...write, isPush: false }, before.kind, node);
  if (row === undefined) change.addRow(target);
  if (before.key !== undefined && !giveKeyBack(change, target, before.key)) return;
  if (before.claims !== undefined) {
    const claims = before.claims.map(({ since, isOfSnapshot, ...identity }) => ({
      node: component.node(identity, identity.value),
      since,
      isOfSnapshot,
    }));
    // The identities that come back may be part of other contacts now.
    component.gather();
    target.claims = claims;
    restoreValues(session, write, before.claims);
  }
  target.version = before.version;
  target.isPushed = before.isPushed;
  target.isConverted = before.isConverted;
  if (before.section !== undefined) change.sections.set(target, before.section);
}

/**
 * Once all rows are back, an identity has the value that it had before the run. What the run lost
 * and gave again stays.
 */
function restoreValues(
  { environment: { rollback } }: WriteSession,
  write: RollbackWrite,
  claims: readonly KnownIdentity[],
): void {
  for (const claim of claims) {
    if (claim.value === '') noteUnvalued(rollback, write, claim);
    else rollback.remove(rollbackKey(write, 'value', claim));
  }
}

/**
 * The run gave the row another key, and perhaps its key to another row.
 * @returns `false`: a push has written a row with its key since, and that stays
 */
function giveKeyBack(change: ComponentChange, row: RowNode, key: IdentityKey): boolean {
  const node = change.component.node(key);
  change.component.gather();
  const other = change.rowOf(row.datasetId, node);
  if (other !== undefined) change.takeBackRow(other.isPushed ? row : other);
  if (other?.isPushed) return false;
  change.renameRow(row, node);
  return true;
}

/** Removes the reports of the run, and restores what they had replaced. Later reports stay. */
function rollBackMemberships(
  session: WriteSession,
  write: RollbackWrite,
  {
    node,
    entry: { memberships },
    contactId,
    rows,
  }: {
    readonly node: IdentityNode;
    readonly entry: RollbackEntry;
    readonly contactId?: Uint8Array | undefined;
    readonly rows?: readonly RowNode[] | undefined;
  },
): void {
  if (contactId === undefined) return;
  const place = { organizationId: write.organizationId, contactId };
  const before = memberships && reportsWithKey(Buffer.from(memberships), rows, node);
  const now = readMemberships(session, place);
  const isForgotten = forgottenReports(session, write.organizationId);
  putMemberships(session, place, rollBackReports(now, before, write, isForgotten));
}
