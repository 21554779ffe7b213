/**
 * Removes the reports of a removed dataset from memberships. Rollback data of other datasets may
 * still hold such reports: a mark in `meta` keeps a rollback from restoring them.
 */
import type { ReportRun } from '../../../domain/membership/ledger-entry.ts';
import { forgetReports } from '../../../domain/membership/merge-reports.ts';
import type { RollbackPlace } from '../../run-lease.ts';
import { metaKeys, readMeta, writeMeta } from '../meta.ts';
import type { AppliedChange, ChangeOrigin } from './applied-change.ts';
import {
  type ContactTarget,
  findRecord,
  putMemberships,
  readMemberships,
} from './contact-entries.ts';
import type { WriteSession } from './write-session.ts';

export function forgetContact(
  session: WriteSession,
  target: ContactTarget & ChangeOrigin,
): AppliedChange {
  const { datasetId, contactId, rollbackLog } = target;
  markForgotten(session, target);
  const packed = readMemberships(session, target);
  if (packed === undefined) return { outcome: 'unchanged' };
  const left = forgetReports(packed, datasetId);
  if (left === packed) return { outcome: 'unchanged' };
  const record = findRecord(session, target);
  if (rollbackLog !== undefined && record !== undefined) {
    const none = { isAdded: false, added: [], valued: [], section: undefined };
    rollbackLog.noteReport({ contactId, record, ...none }, packed);
  }
  putMemberships(session, target, left);
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
