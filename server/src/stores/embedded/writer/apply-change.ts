/**
 * Applies one change in a write transaction: finds the dataset's row by its key, decides whether
 * the change is newer, and writes the row with what follows from its claims.
 */
import { maxIdentitiesPerContact, maxIdentityBytes } from '../../../domain/limits.ts';
import { parseMembershipReports } from '../../../domain/membership/membership-report.ts';
import type { ChangeKind } from '../../change-kind.ts';
import { viewSection } from '../../contact-codec.ts';
import type { ContactChange, KnownIdentity } from '../../store.ts';
import { addContact } from './add-contact.ts';
import type { AppliedChange, ChangeOrigin } from './applied-change.ts';
import { applyReports } from './apply-reports.ts';
import { changeRow } from './change-row.ts';
import { withoutContactIds } from './contact-id-identities.ts';
import { forgetReportsOf } from './forget-reports.ts';
import { keepAge } from './keep-age.ts';
import { withoutSuppressed } from './known-rows.ts';
import { markContact } from './mark-contact.ts';
import { removeRow } from './remove-row.ts';
import type { WriteSession } from './write-session.ts';

/** Writes nothing if the outcome is a rejection, `unchanged` or `stale`. */
export function applyChange(
  session: WriteSession,
  origin: ChangeOrigin,
  change: ContactChange,
): AppliedChange {
  if (!areIdentitiesValid(change.identities)) return rejected;
  const named = withoutContactIds(session, origin, change.identities);
  const { kind } = change;
  if (named === undefined) return withoutContact[kind] ?? rejected;
  const identities = removes[kind] ? named : withoutSuppressed(session, origin, named);
  if (identities === undefined) return suppressed;
  switch (kind) {
    case 'clear':
      return removeRow(session, origin, identities);
    case 'forget':
      return forgetReportsOf(session, origin, identities);
    case 'keep-age':
      return keepAge(session, origin, identities);
    case 'list':
      return markContact(session, origin, identities);
    case 'membership': {
      const reports = parseMembershipReports(change.section);
      return reports === undefined ? rejected : applyReports(session, origin, identities, reports);
    }
    case 'identity':
      return changeRow(session, origin, { kind, identities, section: undefined });
    case 'replace':
    case 'patch': {
      const section = viewSection(change.section);
      if (section === undefined) return rejected;
      const row = { kind, identities, section, cleared: change.cleared ?? [] };
      return addContact(session, origin, row) ?? changeRow(session, origin, row);
    }
  }
}

const rejected: AppliedChange = { outcome: 'value_invalid' };
const suppressed: AppliedChange = { outcome: 'contact_suppressed' };

/** Changes that bring nothing, so that they may name what is suppressed. */
const removes: Partial<Record<ChangeKind, true>> = {
  clear: true,
  forget: true,
  'keep-age': true,
  list: true,
};

/** The outcome of changes that name a contact id which leads nowhere. */
const withoutContact: Partial<Record<ChangeKind, AppliedChange>> = {
  clear: { outcome: 'unchanged' },
  forget: { outcome: 'unchanged' },
  'keep-age': { outcome: 'unchanged' },
};

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
