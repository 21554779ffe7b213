/** Merges reports into the memberships of one contact, inside a write transaction. */

import { maxIdentitiesPerContact } from '../../../domain/limits.ts';
import type { MembershipReport } from '../../../domain/membership/membership-report.ts';
import { mergeReports } from '../../../domain/membership/merge-reports.ts';
import { maxRecordBytes } from '../../limits.ts';
import type { KnownIdentity } from '../../store.ts';
import type { AppliedChange, ChangeOrigin } from './applied-change.ts';
import {
  findRecord,
  joinIdentities,
  newContactId,
  putIdentities,
  putMemberships,
  putRecord,
  readMemberships,
} from './contact-entries.ts';
import type { Resolution } from './resolve-contact.ts';
import type { WriteSession } from './write-session.ts';

/** Creates the contact if it is unknown. */
export function applyReports(
  session: WriteSession,
  origin: ChangeOrigin,
  resolution: Resolution,
  reports: readonly MembershipReport[],
): AppliedChange {
  const { contactId, unknown, valued } = resolution;
  if (contactId === undefined) return addReported(session, origin, unknown, reports);
  const target = { ...origin, contactId };
  const before = readMemberships(session, target);
  const merged = mergeReports(before, reports, { ...origin, key: null });
  const hasNews = unknown.length + valued.length > 0;
  if (merged === undefined && !hasNews) return { outcome: 'unchanged' };
  const identities = hasNews ? joinIdentities(session, target, resolution) : [];
  if (identities.length > maxIdentitiesPerContact) return rejected;
  if (merged !== undefined && merged.length > maxRecordBytes) return rejected;
  noteBefore(session, origin, { contactId, added: unknown, valued, before });
  if (hasNews) {
    putIdentities(session, target, identities, [...unknown, ...valued]);
    session.count(origin.organizationId, 0, unknown.length);
  }
  if (merged !== undefined) putMemberships(session, target, merged);
  return { outcome: 'changed', revision: session.nextRevision() };
}

const rejected: AppliedChange = { outcome: 'value_invalid' };

function addReported(
  session: WriteSession,
  origin: ChangeOrigin,
  identities: readonly KnownIdentity[],
  reports: readonly MembershipReport[],
): AppliedChange {
  const merged = mergeReports(undefined, reports, { ...origin, key: null });
  if (merged === undefined || merged.length > maxRecordBytes) return rejected;
  const revision = session.nextRevision();
  const contactId = newContactId(session, revision);
  const target = { ...origin, contactId };
  putRecord(session, target, { previous: undefined, old: undefined, section: undefined, revision });
  noteBefore(session, origin, { contactId, added: identities, valued: [], before: 'no contact' });
  putIdentities(session, target, identities, identities);
  session.count(origin.organizationId, 1, identities.length);
  putMemberships(session, target, merged);
  return { outcome: 'added', revision };
}

interface Before {
  readonly contactId: Uint8Array;
  readonly added: readonly KnownIdentity[];
  readonly valued: readonly KnownIdentity[];
  readonly before: Buffer | undefined | 'no contact';
}

function noteBefore(session: WriteSession, origin: ChangeOrigin, noted: Before): void {
  const { organizationId, rollbackLog } = origin;
  const { contactId, added, valued, before } = noted;
  if (rollbackLog === undefined) return;
  const record = findRecord(session, { organizationId, contactId });
  if (record === undefined) return;
  const isAdded = before === 'no contact';
  const change = { contactId, record, isAdded, added, valued, section: undefined };
  rollbackLog.noteReport(change, isAdded ? undefined : before);
}
