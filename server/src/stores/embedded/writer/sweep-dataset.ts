/** Removes what a dataset's first run wrote, some contacts at a time, in the order of their ids. */
import { isContact } from '../../read-record.ts';
import type { RowNode } from '../contacts/component.ts';
import { organizationPrefix, rangeUnder } from '../keyed-database.ts';
import { type NoteMark, noteLostMark } from '../rollback/rollback-log.ts';
import type { StoredRollbackRun } from '../rollback/rollback-runs.ts';
import type { RollbackWrite } from '../rollback/rollback-write.ts';
import { ComponentChange } from './component-change.ts';
import { storedSection } from './stored-section.ts';
import type { ContactPlace, WriteSession } from './write-session.ts';

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
    const taken = sweepContact(session, write, run, key.subarray(2));
    cleared += taken.cleared;
    removed += taken.removed;
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
  const organization = organizationPrefix(organizationId);
  const start = Buffer.concat([organization, Buffer.from(sweptTo ?? '', 'hex')]);
  const range = { ...rangeUnder(organization), start, exclusiveStart: sweptTo !== null, limit };
  return [...session.environment.ids.getRange(range)].map(({ key }) => Uint8Array.from(key));
}

/** Takes the rows of everything that is connected with the contact back: what is left may move. */
function sweepContact(
  session: WriteSession,
  write: RollbackWrite,
  run: StoredRollbackRun,
  contactId: Uint8Array,
): { readonly cleared: number; readonly removed: number } {
  const { organizationId, datasetId, version } = write;
  const noteMark: NoteMark = (row, mark) => noteLostMark(session, write, row, mark);
  const takesBack = write;
  const change = new ComponentChange(session, { organizationId, version, noteMark, takesBack });
  const { component } = change;
  const contact = component.contactAt(contactId);
  const isOfDataset = (row: RowNode) => row.datasetId === datasetId && !row.isPushed;
  if (!contact?.rows.some(isOfDataset)) return { cleared: 0, removed: 0 };
  component.gather();
  const rows = component.rows.filter(
    (row) => isOfDataset(row) && isOfRun(session, write, run, row),
  );
  if (rows.length === 0) return { cleared: 0, removed: 0 };
  for (const row of rows) change.takeBackRow(row);
  change.write();
  const contactIds = new Set(rows.map(({ home }) => home?.contactId));
  const left = [...contactIds].filter(
    (it) => it && isThere(session, { organizationId, contactId: it }),
  );
  return { cleared: left.length, removed: contactIds.size - left.length };
}

/** A row of identities has no section that says it: other runs of the dataset came later. */
function isOfRun(
  session: WriteSession,
  { organizationId, sourceVersion }: RollbackWrite,
  { version }: StoredRollbackRun,
  row: RowNode,
): boolean {
  if (row.kind === 'identity') return version !== undefined && row.version === BigInt(version);
  return storedSection(session, organizationId, row)?.sourceVersion === sourceVersion;
}

function isThere(session: WriteSession, place: ContactPlace): boolean {
  const record = session.environment.rec.getBinaryFast(session.contactKey(place));
  return record !== undefined && isContact(record);
}
