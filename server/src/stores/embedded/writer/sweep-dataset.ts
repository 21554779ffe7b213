/** Removes what a dataset's first run wrote, some contacts at a time, in the order of their ids. */
import { contactIdRevision } from '../../../domain/contact/contact-id.ts';
import { countSections } from '../../read-record.ts';
import type { RollbackPlace } from '../../run-lease.ts';
import { rangeUnder } from '../keyed-database.ts';
import type { StoredRollbackRun } from '../rollback/rollback-runs.ts';
import {
  type ContactTarget,
  findRecord,
  findSection,
  hasMemberships,
  putRecord,
  removeContact,
} from './contact-entries.ts';
import type { WriteSession } from './write-session.ts';

export interface Swept {
  /** Contacts that lost the dataset's section. */
  readonly cleared: number;
  readonly removed: number;
  /** The last contact that was checked, in hexadecimal; `null`: all are done. */
  readonly sweptTo: string | null;
}

/** @param limit the number of contacts to look at */
export function sweepDataset(
  session: WriteSession,
  place: RollbackPlace,
  run: StoredRollbackRun,
  limit: number,
): Swept {
  const keys = nextKeys(session, place, run.sweptTo, limit);
  const since = BigInt(run.sinceRevision);
  let cleared = 0;
  let removed = 0;
  for (const key of keys) {
    const taken = sweepContact(session, place, since, key.subarray(2));
    if (taken === 'cleared') cleared += 1;
    if (taken === 'removed') removed += 1;
  }
  const last = keys.at(-1)?.subarray(2);
  const isDone = last === undefined || keys.length < limit;
  return { cleared, removed, sweptTo: isDone ? null : Buffer.from(last).toString('hex') };
}

function nextKeys(
  session: WriteSession,
  { organizationId }: RollbackPlace,
  sweptTo: string | null,
  limit: number,
): Uint8Array[] {
  const organization = Uint8Array.of(organizationId >>> 8, organizationId);
  const start = Buffer.concat([organization, Buffer.from(sweptTo ?? '', 'hex')]);
  const range = { ...rangeUnder(organization), start, exclusiveStart: sweptTo !== null, limit };
  return [...session.environment.rec.getRange(range)].map(({ key }) => Uint8Array.from(key));
}

function sweepContact(
  session: WriteSession,
  place: RollbackPlace,
  since: bigint,
  contactId: Uint8Array,
): 'cleared' | 'removed' | 'left' {
  const target: ContactTarget = { ...place, contactId, asOfMs: 0 };
  const hasReports = hasMemberships(session, target);
  const previous = findRecord(session, target);
  if (previous === undefined) return 'left';
  const old = findSection(previous, place.datasetId);
  if (old?.sourceVersion !== place.sourceVersion) return 'left';
  const cameWithIt = contactIdRevision(contactId) > since;
  if (cameWithIt && countSections(previous) === 1 && !hasReports) {
    removeContact(session, target);
    return 'removed';
  }
  const revision = session.nextRevision();
  putRecord(session, target, { previous, old, section: undefined, revision });
  return 'cleared';
}
