/**
 * Converts the contacts of a store of format 3 or older. Each old identity counts as claimed by
 * every dataset with a section or report there, until that dataset's row is next read. Which of
 * them is the row's key is not known: such rows are found by any of them. A contact with nothing to
 * answer goes, and its id waits for its return. A conversion may be killed: what is converted is
 * not converted again.
 */
import { ByteScratch } from '../byte-scratch.ts';
import { convertedPerTransaction } from '../limits.ts';
import type { StoreCounts } from '../store.ts';
import { indexFlags } from './contacts/component.ts';
import { type ContactList, type ListedRow, packList, unpackList } from './contacts/contact-list.ts';
import { GoneIds } from './contacts/gone-ids.ts';
import { LinkWriter } from './contacts/identity-links.ts';
import { founderOf, rowsOf } from './contacts/old-contact.ts';
import { asValue, type KeyedDatabase, openKeyedDatabase } from './keyed-database.ts';
import { metaKeys, readMeta, writeMeta } from './meta.ts';
import { type WritableRoot, writeTransaction } from './open-root.ts';
import { convertRollbackEntry, isOldRollbackKey } from './rollback/convert-rollback-entry.ts';

interface Databases {
  readonly meta: KeyedDatabase;
  readonly id: KeyedDatabase;
  readonly rec: KeyedDatabase;
  readonly ids: KeyedDatabase;
  readonly mem: KeyedDatabase;
  readonly link: KeyedDatabase;
  readonly undo: KeyedDatabase;
  readonly gone: KeyedDatabase;
}

/** The progress of a conversion. */
interface Converting {
  readonly phase: 'rollbacks' | 'contacts';
  /** The last converted key, in hexadecimal; `null`: none yet. */
  readonly lastKey: string | null;
}

/** Rollback entries need the contacts as they were, also those that are gone. */
export const firstStep: Converting = { phase: 'rollbacks', lastKey: null };

export function convertContacts(opened: WritableRoot): void {
  const open = (name: string) => opened.inTurn(() => openKeyedDatabase(opened.root, name));
  const databases: Databases = {
    ...{ meta: open('meta'), id: open('id'), rec: open('rec'), ids: open('ids') },
    ...{ mem: open('mem'), link: open('link'), undo: open('undo') },
    gone: open('gone'),
  };
  for (let isDone = false; !isDone; ) {
    isDone = writeTransaction(opened, () => convertSome(databases));
  }
}

/** @returns whether everything is converted */
function convertSome(databases: Databases): boolean {
  const { meta, ids, undo } = databases;
  const begun = readMeta<Converting>(meta, metaKeys.converting);
  const { phase, lastKey } = begun ?? firstStep;
  const database = phase === 'rollbacks' ? undo : ids;
  const start = lastKey === null ? Uint8Array.of(0) : Uint8Array.from(Buffer.from(lastKey, 'hex'));
  const range = { start, exclusiveStart: lastKey !== null, limit: convertedPerTransaction };
  const entries = [...database.getRange(range)].map(({ key, value }) => ({
    key: Uint8Array.from(key),
    value: Buffer.from(value),
  }));
  const scratch = new ByteScratch();
  for (const { key, value } of entries) {
    if (phase === 'contacts') convertContact(databases, scratch, key, value);
    else if (isOldRollbackKey(key)) convertRollbackEntry(databases, scratch, key, value);
  }
  const last = entries.at(-1)?.key;
  const isFull = entries.length === convertedPerTransaction && last !== undefined;
  if (isFull) {
    writeMeta(meta, metaKeys.converting, { phase, lastKey: Buffer.from(last).toString('hex') });
  } else if (phase === 'rollbacks') {
    writeMeta(meta, metaKeys.converting, { phase: 'contacts', lastKey: null });
  } else {
    meta.remove(metaKeys.converting);
    return true;
  }
  return false;
}

function convertContact(
  databases: Databases,
  scratch: ByteScratch,
  key: Uint8Array,
  packed: Buffer,
): void {
  if (packed[0] !== 1) return;
  const list = unpackList(packed, packed.length);
  const datasets = rowsOf(databases, key);
  if (datasets.length === 0) {
    removeGone(databases, key, list);
    return;
  }
  const organizationId = ((key[0] ?? 0) << 8) | (key[1] ?? 0);
  for (const { datasetId } of datasets) {
    // The dataset's next run reads everything, and tells the keys of its rows.
    databases.meta.remove(metaKeys.appliedRun({ organizationId, datasetId }));
  }
  const claims = list.identities.map((_, identity) => ({
    identity,
    since: 0n,
    isOfSnapshot: false,
  }));
  const founder = founderOf(list);
  const flags = { isHidden: false, isPushed: false, isConverted: true };
  const rows: ListedRow[] = datasets.map(({ datasetId, kind }) => {
    return { datasetId, kind, key: founder, claims, version: 0n, ...flags };
  });
  const length = packList(scratch, { ...list, founder, rows });
  databases.ids.put(key, asValue(scratch.bytes, length));
}

function removeGone(
  { meta, id, rec, ids, link, gone }: Databases,
  key: Uint8Array,
  list: ContactList,
): void {
  const organizationId = ((key[0] ?? 0) << 8) | (key[1] ?? 0);
  const contactId = key.subarray(2);
  const founder = founderOf(list);
  for (const [place, { typeId, digest }] of list.identities.entries()) {
    const type = Uint8Array.of(typeId >>> 8, typeId & 0xff);
    const at = Buffer.concat([key.subarray(0, 2), type, digest]);
    const entry = id.getBinaryFast(at);
    if (entry === undefined || Buffer.compare(entry.subarray(0, 16), contactId) !== 0) continue;
    if (place !== founder) {
      id.remove(at);
      continue;
    }
    const left = new Uint8Array(17);
    left[16] = (entry[16] ?? 0) | indexFlags.isLinked;
    id.put(at, left);
    const atMs = Date.now();
    new LinkWriter(link, organizationId).tombstone({ typeId, digest }, contactId, atMs);
    new GoneIds(gone, organizationId).put({ contactId, atMs }, { typeId, digest });
  }
  for (const database of [rec, ids]) database.remove(key);
  const at = metaKeys.counts(organizationId);
  const counts = readMeta<StoreCounts>(meta, at) ?? { contacts: 0, identities: 0 };
  writeMeta(meta, at, {
    contacts: counts.contacts - 1,
    identities: counts.identities - list.identities.length,
  });
}
