/** Removes what a dataset's first run wrote, some contacts at a time, in the order of their ids. */
import { isContact } from '../../read-record.ts';
import { rangeUnder } from '../keyed-database.ts';
import type { RollbackWrite } from '../rollback/roll-back-rows.ts';
import type { StoredRollbackRun } from '../rollback/rollback-runs.ts';
import { ComponentChange } from './component-change.ts';
import { storedSection } from './find-row.ts';
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
  write: RollbackWrite,
  run: StoredRollbackRun,
  limit: number,
): Swept {
  const keys = nextKeys(session, write, run.sweptTo, limit);
  let cleared = 0;
  let removed = 0;
  for (const key of keys) {
    const taken = sweepContact(session, write, key.subarray(2));
    if (taken === 'cleared') cleared += 1;
    if (taken === 'removed') removed += 1;
  }
  const last = keys.at(-1)?.subarray(2);
  const isDone = last === undefined || keys.length < limit;
  return { cleared, removed, sweptTo: isDone ? null : Buffer.from(last).toString('hex') };
}

function nextKeys(
  session: WriteSession,
  { organizationId }: RollbackWrite,
  sweptTo: string | null,
  limit: number,
): Uint8Array[] {
  const organization = Uint8Array.of(organizationId >>> 8, organizationId);
  const start = Buffer.concat([organization, Buffer.from(sweptTo ?? '', 'hex')]);
  const range = { ...rangeUnder(organization), start, exclusiveStart: sweptTo !== null, limit };
  return [...session.environment.ids.getRange(range)].map(({ key }) => Uint8Array.from(key));
}

function sweepContact(
  session: WriteSession,
  write: RollbackWrite,
  contactId: Uint8Array,
): 'cleared' | 'removed' | 'left' {
  const { organizationId, datasetId, sourceVersion } = write;
  const change = new ComponentChange(session, write);
  const contact = change.component.contactAt(contactId);
  const rows = contact?.rows.filter((row) => {
    if (row.datasetId !== datasetId || row.isPushed) return false;
    return storedSection(session, organizationId, row)?.sourceVersion === sourceVersion;
  });
  if (rows === undefined || rows.length === 0) return 'left';
  change.component.gather();
  for (const row of rows) change.removeRow(row);
  change.write();
  const record = session.environment.rec.getBinaryFast(
    session.contactKey({ organizationId, contactId }),
  );
  return record !== undefined && isContact(record) ? 'cleared' : 'removed';
}
