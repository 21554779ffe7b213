/**
 * Applies one change in a write transaction: finds the contact, decides whether the change is
 * newer, and writes its record, identities and index entries.
 */
import { UsherError } from '../../../domain/errors.ts';
import { maxIdentitiesPerContact, maxIdentityBytes } from '../../../domain/limits.ts';
import { parseMembershipReports } from '../../../domain/membership/membership-report.ts';
import type { ChangeKind } from '../../change-kind.ts';
import { type SectionView, viewSection } from '../../contact-codec.ts';
import { emptySection, mergeSections } from '../../merge-section.ts';
import { countSections, hasEmptyValue, isSameSection, type RecordView } from '../../read-record.ts';
import { asOfOf, keepsAge, keptAsOf } from '../../section-age.ts';
import type { ContactChange, KnownIdentity } from '../../store.ts';
import { readFinishedRun } from '../meta.ts';
import type { AppliedChange, ChangeOrigin } from './applied-change.ts';
import { applyReports } from './apply-reports.ts';
import {
  type ContactTarget,
  findRecord,
  findSection,
  hasMemberships,
  joinIdentities,
  newContactId,
  putIdentities,
  putRecord,
} from './contact-entries.ts';
import { forgetContact } from './forget-reports.ts';
import { type Resolution, resolveContact } from './resolve-contact.ts';
import type { WriteSession } from './write-session.ts';

/** Writes nothing if the outcome is a rejection, `unchanged` or `stale`. */
export function applyChange(
  session: WriteSession,
  origin: ChangeOrigin,
  change: ContactChange,
): AppliedChange {
  const { kind } = change;
  if (!areIdentitiesValid(change.identities)) return rejected;
  const reports = kind === 'membership' ? parseMembershipReports(change.section) : undefined;
  const hasFields = kind === 'replace' || kind === 'patch';
  const section = hasFields ? viewSection(change.section) : emptySection;
  if (section === undefined || (kind === 'membership' && reports === undefined)) return rejected;
  const resolution = resolveContact(session, origin.organizationId, change.identities);
  if (typeof resolution === 'string') {
    return kind === 'keep-age' ? unchanged : { outcome: resolution };
  }
  if (reports !== undefined) return applyReports(session, origin, resolution, reports);
  const { contactId } = resolution;
  if (contactId === undefined) {
    if (neverAdds.has(kind)) return unchanged;
    if (kind === 'list') return unmatched;
    return addContact(session, origin, resolution.unknown, section);
  }
  const target = { ...origin, contactId };
  if (kind === 'clear') return clearSection(session, target);
  if (kind === 'forget') return forgetContact(session, target);
  if (kind === 'keep-age') return keepAge(session, target);
  if (kind === 'list' && isGone(session, target)) return unmatched;
  const met = kind === 'list' ? { contactId, unknown: [], valued: [] } : resolution;
  const meets = kind === 'patch' ? 'patch' : 'replace';
  return changeContact(session, target, { kind: meets, section, resolution: met });
}

const neverAdds: ReadonlySet<ChangeKind> = new Set(['clear', 'forget', 'keep-age']);

const unmatched: AppliedChange = { outcome: 'unmatched' };
const rejected: AppliedChange = { outcome: 'value_invalid' };
const unchanged: AppliedChange = { outcome: 'unchanged' };
const stale: AppliedChange = { outcome: 'stale' };
const repeated: AppliedChange = { outcome: 'identity_repeated' };

type Target = ContactTarget & ChangeOrigin;

function areIdentitiesValid(identities: readonly KnownIdentity[]): boolean {
  if (identities.length === 0 || identities.length > maxIdentitiesPerContact) return false;
  return identities.every(
    ({ typeId, digest, value }) =>
      typeId >= 0 &&
      typeId <= 65_535 &&
      digest.length === 16 &&
      // A UTF-16 unit is at most 3 bytes of UTF-8, so that short values need no counting.
      (value.length * 3 <= maxIdentityBytes || Buffer.byteLength(value) <= maxIdentityBytes),
  );
}

function addContact(
  session: WriteSession,
  origin: ChangeOrigin,
  identities: readonly KnownIdentity[],
  given: SectionView,
): AppliedChange {
  const revision = session.nextRevision();
  const contactId = newContactId(session, revision);
  const section = withoutEmptyValues(session, given);
  const target = { ...origin, contactId };
  const added = { previous: undefined, old: undefined, section, revision, added: identities };
  if (!putRecord(session, target, added, origin.rollbackLog)) return rejected;
  putIdentities(session, target, identities, identities);
  session.count(origin.organizationId, 1, identities.length);
  return { outcome: 'added', revision };
}

interface SectionChange {
  readonly kind: 'replace' | 'patch';
  readonly section: SectionView;
  readonly resolution: Resolution;
}

function changeContact(
  session: WriteSession,
  target: Target,
  { kind, section: given, resolution }: SectionChange,
): AppliedChange {
  const { unknown, valued } = resolution;
  // Joined before the record is read, since each read overwrites the bytes of the last one.
  const identities =
    unknown.length + valued.length > 0 ? joinIdentities(session, target, resolution) : undefined;
  if (identities !== undefined && identities.length > maxIdentitiesPerContact) return rejected;

  const previous = readRecord(session, target);
  const old = findSection(previous, target.datasetId);
  if (old !== undefined && old.sourceVersion > target.sourceVersion) return stale;
  const section =
    kind === 'patch'
      ? mergeSections(session.sectionScratch, old?.view ?? emptySection, given)
      : withoutEmptyValues(session, given);
  const isSame = identities === undefined && old !== undefined && isSameSection(old.view, section);
  // A section with a frozen as-of is written again, so that it is as fresh as its dataset.
  if (isSame && !keepsAge(old.asOfMs) && target.asOfMs <= old.asOfMs) return unchanged;
  if (old?.sourceVersion === target.sourceVersion) return repeated;

  const revision = session.nextRevision();
  const change = { previous, old, section, revision, added: unknown, valued };
  if (!putRecord(session, target, change, target.rollbackLog)) return rejected;
  if (identities !== undefined) {
    putIdentities(session, target, identities, [...unknown, ...valued]);
    session.count(target.organizationId, 0, unknown.length);
  }
  return { outcome: isSame ? 'unchanged' : 'changed', revision };
}

function clearSection(session: WriteSession, target: Target): AppliedChange {
  const previous = readRecord(session, target);
  const old = findSection(previous, target.datasetId);
  if (old === undefined) return unchanged;
  if (old.sourceVersion >= target.sourceVersion) return stale;
  const revision = session.nextRevision();
  putRecord(session, target, { previous, old, section: undefined, revision }, target.rollbackLog);
  return { outcome: 'cleared', revision };
}

/** Freezes the section's as-of, so that the run's own as-of does not count for it. */
function keepAge(session: WriteSession, target: Target): AppliedChange {
  const { datasetId, sourceVersion } = target;
  const finished = readFinishedRun(session.environment.meta, target);
  const previous = readRecord(session, target);
  const old = findSection(previous, datasetId);
  if (old === undefined || keepsAge(old.asOfMs)) return unchanged;
  if (old.sourceVersion > sourceVersion) return stale;
  if (old.sourceVersion === sourceVersion) return unchanged;
  const asOfMs = keptAsOf(asOfOf(old.asOfMs, finished?.asOfMs));
  const revision = session.nextRevision();
  const change = { previous, old, section: old.view, revision };
  putRecord(session, { ...target, asOfMs }, change, target.rollbackLog);
  return { outcome: 'unchanged', revision };
}

/** The record of a contact that an identity leads to. Valid until the next read. */
function readRecord(session: WriteSession, target: Target): RecordView {
  const record = findRecord(session, target);
  if (record !== undefined) return record;
  throw new UsherError(
    'store_unavailable',
    "The store holds an identity that leads to no contact. Run 'usher doctor'.",
  );
}

/** Whether nothing of the contact is left to answer. Replaces the bytes of the last read. */
function isGone(session: WriteSession, target: Target): boolean {
  return countSections(readRecord(session, target)) === 0 && !hasMemberships(session, target);
}

function withoutEmptyValues(session: WriteSession, section: SectionView): SectionView {
  if (!hasEmptyValue(section)) return section;
  return mergeSections(session.sectionScratch, emptySection, section);
}
