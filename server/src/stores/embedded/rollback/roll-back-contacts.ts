/**
 * Rolls contacts back to what they were before a run. An entry is removed in the transaction that
 * uses it, so a crash loses and repeats nothing.
 */
import { rollBackReports } from '../../../domain/membership/merge-reports.ts';
import { scanEntriesPerTransaction } from '../../limits.ts';
import { countSections, markOthers } from '../../read-record.ts';
import type { RollbackPlace, RolledBackBatch } from '../../run-lease.ts';
import type { IdentityKey, KnownIdentity } from '../../store.ts';
import { metaKeys, writeMeta } from '../meta.ts';
import {
  type ContactTarget,
  findRecord,
  findSection,
  hasMemberships,
  putIdentities,
  putMemberships,
  putRecord,
  readIdentities,
  readMemberships,
  removeContact,
  removeFromIndex,
} from '../writer/contact-entries.ts';
import { forgottenReports, unmarkForgotten } from '../writer/forget-reports.ts';
import { isSameIdentity } from '../writer/resolve-contact.ts';
import { type Swept, sweepDataset } from '../writer/sweep-dataset.ts';
import type { ContactPlace, WriteSession } from '../writer/write-session.ts';
import {
  type RollbackEntry,
  rollbackKey,
  rollbackPrefixLength,
  unpackRollbackEntry,
} from './rollback-entry.ts';
import { forgetRollbackRun, type StoredRollbackRun, saveRollbackRun } from './rollback-runs.ts';

/** @param limit the number of contacts to look at */
export function rollBack(
  session: WriteSession,
  place: RollbackPlace,
  run: StoredRollbackRun,
  limit: number,
): RolledBackBatch {
  const most = Math.max(1, Math.min(limit, scanEntriesPerTransaction));
  const counts = { restored: 0, removed: 0 };
  const entries = readRollbackEntries(session, place, most);
  for (const { contactId, entry } of entries) {
    note(counts, rollBackEntry(session, place, contactId, entry));
    session.environment.rollback.remove(rollbackKey(place, contactId));
  }
  if (entries.length === most) return { ...counts, isDone: false };
  const swept = run.isSwept ? sweepDataset(session, place, run, most) : noneSwept;
  counts.restored += swept.cleared;
  counts.removed += swept.removed;
  if (swept.sweptTo !== null) {
    saveRollbackRun(session.environment.meta, place, { ...run, sweptTo: swept.sweptTo });
    return { ...counts, isDone: false };
  }
  end(session, place, run);
  return { ...counts, isDone: true };
}

const noneSwept: Swept = { cleared: 0, removed: 0, sweptTo: null };

type Taken = 'restored' | 'removed' | 'left';

function note(counts: { restored: number; removed: number }, taken: Taken): void {
  if (taken !== 'left') counts[taken] += 1;
}

/** Restores the dataset's freshness from before the run. */
function end(session: WriteSession, place: RollbackPlace, run: StoredRollbackRun): void {
  const { meta } = session.environment;
  const at = metaKeys.finishedRun(place);
  forgetRollbackRun(meta, place);
  unmarkForgotten(session, place);
  if (run.before === null) meta.remove(at);
  else writeMeta(meta, at, run.before);
}

function readRollbackEntries(
  session: WriteSession,
  place: RollbackPlace,
  limit: number,
): { contactId: Uint8Array; entry: RollbackEntry }[] {
  const start = rollbackKey(place);
  const end = rollbackKey({ ...place, sourceVersion: place.sourceVersion + 1n });
  const range = session.environment.rollback.getRange({ start, end, limit });
  return [...range].map(({ key, value }) => ({
    contactId: Uint8Array.from(key.subarray(rollbackPrefixLength)),
    entry: unpackRollbackEntry(value, value.length),
  }));
}

/** `left`: another run or push wrote the section since, or the contact is gone. */
function rollBackEntry(
  session: WriteSession,
  place: RollbackPlace,
  contactId: Uint8Array,
  entry: RollbackEntry,
): Taken {
  const { organizationId, datasetId } = place;
  const contact = { organizationId, contactId };
  if (entry.isReport) rollBackMemberships(session, place, contact, entry);
  const identities = readIdentities(session, contact);
  const hasReports = hasMemberships(session, contact);
  const previous = findRecord(session, contact);
  if (previous === undefined) return 'left';
  const old = findSection(previous, datasetId);
  if (old !== undefined && old.sourceVersion !== place.sourceVersion) return 'left';
  const { sourceVersion = 0n, asOfMs = 0 } = entry.section ?? {};
  const target: ContactTarget = { ...contact, datasetId, sourceVersion, asOfMs };
  const others = countSections(previous) - (old === undefined ? 0 : 1);
  const isWhole =
    entry.isAdded &&
    others === 0 &&
    !hasReports &&
    identities.every((known) => entry.added.some((it) => isSameIdentity(it, known)));
  if (isWhole) {
    removeContact(session, target);
    return 'removed';
  }
  // The run's identities stay if another dataset wrote the contact since, perhaps through them.
  const isAlone = markOthers(previous, datasetId) === entry.othersMark;
  if (!entry.isReport) {
    const revision = session.nextRevision();
    putRecord(session, target, { previous, old, section: entry.section?.view, revision });
  }
  if (isAlone && !entry.isAdded) rollBackIdentities(session, target, identities, entry);
  return 'restored';
}

/** Removes the reports of the run, and restores what they had replaced. Later reports stay. */
function rollBackMemberships(
  session: WriteSession,
  place: RollbackPlace,
  contact: ContactPlace,
  { memberships }: RollbackEntry,
): void {
  const before = memberships === undefined ? undefined : Buffer.from(memberships);
  const now = readMemberships(session, contact);
  const isForgotten = forgottenReports(session, place.organizationId);
  putMemberships(session, contact, rollBackReports(now, before, place, isForgotten));
}

function rollBackIdentities(
  session: WriteSession,
  target: ContactTarget,
  identities: readonly KnownIdentity[],
  { added, valued }: RollbackEntry,
): void {
  if (added.length + valued.length === 0) return;
  const isIn = (list: readonly IdentityKey[], known: IdentityKey) =>
    list.some((it) => isSameIdentity(it, known));
  const hashed = identities
    // An identity in both lists was added by its hash alone, and a later row of the run gave its
    // value.
    .filter((known) => isIn(valued, known) && !isIn(added, known))
    .map((known) => ({ ...known, value: '' }));
  const kept = identities
    .filter((known) => !isIn(added, known))
    .map((known) => hashed.find((it) => isSameIdentity(it, known)) ?? known);
  removeFromIndex(session, target, added);
  putIdentities(session, target, kept, hashed);
  session.count(target.organizationId, 0, kept.length - identities.length);
}
