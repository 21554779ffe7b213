/**
 * Removes the reports of a removed dataset from memberships. Rollback data of other datasets may
 * still hold such reports: a mark in `meta` keeps a rollback from restoring them.
 */
import type { ReportRun } from '../../../domain/membership/ledger-entry.ts';
import { forgetReports } from '../../../domain/membership/merge-reports.ts';
import type { RollbackPlace } from '../../run-lease.ts';
import type { IdentityKey, KnownIdentity } from '../../store.ts';
import type { RowNode, StoredContact } from '../contacts/component.ts';
import { metaKeys, readMeta, writeMeta } from '../meta.ts';
import type { AppliedChange, ChangeOrigin } from './applied-change.ts';
import { ComponentChange } from './component-change.ts';
import { putMemberships, readMemberships } from './contact-entries.ts';
import { findRow } from './find-row.ts';
import { noteBefore } from './remove-row.ts';
import { reportsBy } from './report-key.ts';
import type { WriteSession } from './write-session.ts';

export function forgetReportsOf(
  session: WriteSession,
  origin: ChangeOrigin,
  identities: readonly KnownIdentity[],
): AppliedChange {
  const { organizationId, datasetId } = origin;
  markForgotten(session, origin);
  const change = new ComponentChange(session, origin);
  const key = change.component.node(identities[0] as IdentityKey);
  change.component.gather();
  const row = findRow(change, origin, key);
  if (row === undefined) return { outcome: 'unchanged' };
  const home = row.home as StoredContact;
  const place = { organizationId, contactId: home.contactId };
  const packed = readMemberships(session, place);
  const memberships = (packed && reportsBy(packed, home.rows, row.key)) ?? 'none';
  noteBefore(session, origin, row, { isGone: true, memberships });
  const isOther = (it: RowNode) => it !== row && it.datasetId === datasetId && it.home === home;
  // The reports of the contact go with its last row of the dataset.
  if (packed !== undefined && !change.component.rows.some(isOther)) {
    putMemberships(session, place, forgetReports(packed, datasetId));
  }
  change.removeRow(row);
  change.write();
  return { outcome: 'cleared', revision: session.nextRevision() };
}

interface StoredMark {
  readonly sourceVersion: string;
}

function markForgotten(session: WriteSession, place: RollbackPlace): void {
  const { meta } = session.environment;
  const at = metaKeys.forgotten(place);
  const sourceVersion = `${place.sourceVersion}`;
  if (readMeta<StoredMark>(meta, at)?.sourceVersion === sourceVersion) return;
  writeMeta(meta, at, { sourceVersion });
}

/** Tells whether a report was removed, so that rolling back a run does not restore it. */
export function forgottenReports(
  session: WriteSession,
  organizationId: number,
): (by: ReportRun) => boolean {
  const marks = new Map<number, bigint>();
  return ({ datasetId, sourceVersion }) => {
    let mark = marks.get(datasetId);
    if (mark === undefined) {
      const at = metaKeys.forgotten({ organizationId, datasetId });
      mark = BigInt(readMeta<StoredMark>(session.environment.meta, at)?.sourceVersion ?? 0);
      marks.set(datasetId, mark);
    }
    return sourceVersion < mark;
  };
}

/** Removes the mark when the run that removed the dataset's reports is rolled back. */
export function unmarkForgotten(session: WriteSession, place: RollbackPlace): void {
  const { meta } = session.environment;
  const at = metaKeys.forgotten(place);
  const mark = readMeta<StoredMark>(meta, at);
  if (mark?.sourceVersion === `${place.sourceVersion}`) meta.remove(at);
}
