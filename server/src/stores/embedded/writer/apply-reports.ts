/**
 * Merges reports into the memberships of one contact. A report is a row without a section: it
 * claims what it names until the reports of its dataset are removed.
 */
import type { MembershipReport } from '../../../domain/membership/membership-report.ts';
import { mergeReports } from '../../../domain/membership/merge-reports.ts';
import { maxRecordBytes } from '../../limits.ts';
import type { KnownIdentity } from '../../store.ts';
import type { IdentityNode, NodeClaim, RowNode } from '../contacts/component.ts';
import { areAllUnknown, putNewContact } from './add-contact.ts';
import type { AppliedChange, ChangeOrigin } from './applied-change.ts';
import { newRow } from './change-row.ts';
import { ComponentChange } from './component-change.ts';
import { newContactId, putMemberships, readMemberships } from './contact-entries.ts';
import { findRow } from './find-row.ts';
import { noteBefore } from './remove-row.ts';
import { reportKey, reportsBy } from './report-key.ts';
import type { WriteSession } from './write-session.ts';

const rejected: AppliedChange = { outcome: 'value_invalid' };

export function applyReports(
  session: WriteSession,
  origin: ChangeOrigin,
  identities: readonly KnownIdentity[],
  reports: readonly MembershipReport[],
): AppliedChange {
  if (areAllUnknown(session, origin.organizationId, identities)) {
    return addReported(session, origin, identities, reports);
  }
  const change = new ComponentChange(session, origin);
  const { component } = change;
  const nodes = [...new Set(identities.map((it) => component.node(it, it.value)))];
  component.gather();
  const key = nodes[0] as IdentityNode;
  const known = findRow(change, origin, key);
  const { organizationId } = origin;
  const home = known?.home ?? key.contact;
  const before = home && readMemberships(session, { organizationId, contactId: home.contactId });
  const claims = claimsOf(origin, known, nodes);
  const hasNews =
    known === undefined ||
    known.isConverted ||
    claims.length > known.claims.length ||
    nodes.some(({ value, entry }) => value !== '' && entry?.isValueKnown === false);
  const merged = mergeReports(before, reports, { ...origin, key: reportKey(home?.rows, key) });
  if (known !== undefined && !hasNews) change.noteUnchanged(known);
  if (merged === undefined && !hasNews) return { outcome: 'unchanged' };
  if (merged !== undefined && merged.length > maxRecordBytes) return rejected;
  noteReport(session, origin, {
    known,
    key,
    before: before && reportsBy(before, home?.rows, known?.key ?? key),
  });
  const row = known ?? newRow(origin, 'report', key);
  if (known === undefined) change.addRow(row);
  else if (row.key !== key) change.renameRow(row, key);
  row.claims = claims;
  row.isConverted = false;
  const written = hasNews ? change.write(key) : undefined;
  const contactId = written === undefined ? home?.contactId : written.contactIdOf(key);
  if (contactId === undefined) return rejected;
  const place = { organizationId, contactId };
  // The contact may have become part of another one.
  const rows = written === undefined ? home?.rows : written.decision.groupOf.get(key)?.rows;
  const by = { ...origin, key: reportKey(rows, key) };
  const after = mergeReports(readMemberships(session, place), reports, by);
  if (after !== undefined) putMemberships(session, place, after);
  const outcome = written?.isNew ? 'added' : 'changed';
  return { outcome, revision: session.nextRevision() };
}

/** What the row claimed, and what it names now. */
function claimsOf(
  { version, isOfSnapshot }: ChangeOrigin,
  row: RowNode | undefined,
  nodes: readonly IdentityNode[],
): readonly NodeClaim[] {
  const known = row?.claims ?? [];
  const added = nodes.filter((node) => !known.some((claim) => claim.node === node));
  return [...known, ...added.map((node) => ({ node, since: version, isOfSnapshot }))];
}

function noteReport(
  session: WriteSession,
  origin: ChangeOrigin,
  {
    known,
    key,
    before,
  }: {
    readonly known: RowNode | undefined;
    readonly key: IdentityNode;
    readonly before: Buffer | undefined;
  },
): void {
  const memberships = before ?? 'none';
  if (known !== undefined) noteBefore(session, origin, known, { memberships, key });
  else origin.rollbackLog?.noteRow({ key, before: undefined, isGone: false, memberships });
}

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
  const [key] = identities;
  if (key !== undefined) {
    origin.rollbackLog?.noteRow({ key, before: undefined, isGone: false, memberships: 'none' });
  }
  const contact = { contactId, revision, identities, section: undefined };
  putNewContact(session, origin, { kind: 'report', isIndexed: false, ...contact });
  putMemberships(session, { organizationId: origin.organizationId, contactId }, merged);
  return { outcome: 'added', revision };
}
