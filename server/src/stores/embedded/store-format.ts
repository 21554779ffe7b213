/**
 * The format version of the store, and the upgrade of older ones. Version 2 added the database
 * `undo` (rollback entries) and the counts of datasets; opening a store of version 1 for writing
 * counts them, and resumes after a crash. In version 3 a section may keep its as-of
 * (`../section-age.ts`). Version 4 knows the rows of contacts and what they claim
 * (`convert-contacts.ts`). A store gets a later version with the first thing in it that earlier
 * releases would not respect; until then it stays as it is.
 */
import { randomUUID } from 'node:crypto';
import { UsherError } from '../../domain/errors.ts';
import { findRecordFault } from '../contact-codec.ts';
import { scanEntriesPerTransaction } from '../limits.ts';
import { eachSection, isContact } from '../read-record.ts';
import { convertContacts, firstStep } from './convert-contacts.ts';
import { isDiskFull, storageFull } from './files/embedded-files.ts';
import { type KeyedDatabase, openKeyedDatabase } from './keyed-database.ts';
import { metaKeys, metaKinds, readMeta, readMetaUnder, writeMeta } from './meta.ts';
import { type WritableRoot, writeTransaction } from './open-root.ts';
import { DatasetTallies } from './writer/dataset-tally.ts';

/** The version of a new store, and to which older ones are converted. */
export const formatVersion = 4;
/** With amendments, erasures or guarded lists. */
const guardedVersion = 5;
/** With memberships that contain a reported journey. */
const journeyVersion = 6;
export const newestFormatVersion = journeyVersion;
/** The first version with counts of datasets. */
const countedVersion = 2;
const oldestReadVersion = 1;

export interface StoreFormat {
  readonly version: number;
  readonly storeId: string;
}

/** Throws `store_unavailable` for an unknown format. */
export function requireKnownFormat(format: StoreFormat | undefined): StoreFormat {
  const { version = 0 } = format ?? {};
  if (format !== undefined && version >= oldestReadVersion && version <= newestFormatVersion)
    return format;
  const found = format === undefined ? 'no format version' : `format version ${format.version}`;
  throw new UsherError(
    'store_unavailable',
    `The contact store has ${found}; this release reads versions ${oldestReadVersion} to ${newestFormatVersion}. Use the release that wrote it, or restore a backup.`,
  );
}

export function readFormat(meta: KeyedDatabase): StoreFormat | undefined {
  return readMeta<StoreFormat>(meta, metaKeys.format);
}

/**
 * Whether the store counts datasets. An older store does so after it was opened for writing once.
 */
export function hasDatasetCounts(meta: KeyedDatabase): boolean {
  return (readFormat(meta)?.version ?? 0) >= countedVersion;
}

export function requireDatasetCounts(meta: KeyedDatabase): void {
  if (hasDatasetCounts(meta)) return;
  throw new UsherError(
    'store_unavailable',
    'The contact store was written by an earlier release and has no counts of datasets yet. Start the server once: it adds them.',
  );
}

/** Gives a new store its format, and upgrades an older one. For the writing process only. */
export function prepareFormat(opened: WritableRoot, dataFolder: string): void {
  const { root, inTurn } = opened;
  const meta = inTurn(() => openKeyedDatabase(root, 'meta'));
  const found = readFormat(meta);
  const format = found === undefined ? undefined : requireKnownFormat(found);
  const isConverting = readMeta(meta, metaKeys.converting) !== undefined;
  if (format !== undefined && format.version >= formatVersion && !isConverting) return;
  if (format === undefined) {
    const made = { version: formatVersion, storeId: randomUUID() };
    writeTransaction(opened, () => writeMeta(meta, metaKeys.format, made));
    return;
  }
  if (isDiskFull(dataFolder)) throw storageFull();
  inTurn(() => openKeyedDatabase(root, 'undo'));
  if (format.version < countedVersion) addDatasetCounts(opened, meta, format);
  if (format.version < formatVersion) beginConverting(opened, meta, format);
  convertContacts(opened);
}

/** From here on older releases refuse the store, although it is not converted yet. */
function beginConverting(opened: WritableRoot, meta: KeyedDatabase, format: StoreFormat): void {
  writeTransaction(opened, () => {
    writeMeta(meta, metaKeys.converting, firstStep);
    writeMeta(meta, metaKeys.format, { ...format, version: formatVersion });
  });
}

/**
 * From here on earlier releases refuse the store: they would forget what a person asked for. Call
 * it in the transaction that writes this.
 */
export function refuseEarlierReleases(meta: KeyedDatabase): void {
  requireRelease(meta, guardedVersion);
}

/**
 * From here on earlier releases refuse the store: they would answer no memberships. Call it in the
 * transaction that writes a reported journey.
 */
export function requireJourneys(meta: KeyedDatabase): void {
  requireRelease(meta, journeyVersion);
}

function requireRelease(meta: KeyedDatabase, version: number): void {
  const format = requireKnownFormat(readFormat(meta));
  if (format.version < version) writeMeta(meta, metaKeys.format, { ...format, version });
}

/** The progress of the counting. */
interface Counting {
  /** The clock when counting began. If it moved, an earlier release wrote since: count again. */
  readonly revision: string;
  /** The last counted key, in hexadecimal; `null`: none yet. */
  readonly lastKey: string | null;
}

function addDatasetCounts(opened: WritableRoot, meta: KeyedDatabase, format: StoreFormat): void {
  const rec = opened.inTurn(() => openKeyedDatabase(opened.root, 'rec'));
  const tallies = new DatasetTallies();
  let isDone = false;
  while (!isDone) {
    writeTransaction(opened, () => {
      const counting = beginCounting(meta);
      const lastKey = countSome(rec, tallies, counting.lastKey);
      tallies.write(meta);
      isDone = lastKey === undefined;
      if (lastKey !== undefined) writeMeta(meta, metaKeys.counting, { ...counting, lastKey });
      else {
        meta.remove(metaKeys.counting);
        writeMeta(meta, metaKeys.format, { ...format, version: countedVersion });
      }
    });
    tallies.clear();
  }
}

function beginCounting(meta: KeyedDatabase): Counting {
  const revision = readMeta<{ revision: string }>(meta, metaKeys.clock)?.revision ?? '0';
  const begun = readMeta<Counting>(meta, metaKeys.counting);
  if (begun?.revision === revision) return begun;
  const counts = readMetaUnder(meta, Uint8Array.of(metaKinds.datasetCounts));
  for (const { key } of counts) meta.remove(key);
  return { revision, lastKey: null };
}

/** The key to continue after; `undefined`: all are counted. */
function countSome(
  rec: KeyedDatabase,
  tallies: DatasetTallies,
  lastKey: string | null,
): string | undefined {
  const range = { exclusiveStart: lastKey !== null, limit: scanEntriesPerTransaction };
  const start = lastKey === null ? Uint8Array.of(0) : Uint8Array.from(Buffer.from(lastKey, 'hex'));
  let count = 0;
  let last: Uint8Array | undefined;
  for (const { key, value } of rec.getRange({ ...range, start })) {
    count += 1;
    last = key;
    tallySections(tallies, key, value);
  }
  if (last === undefined || count < scanEntriesPerTransaction) return undefined;
  return Buffer.from(last).toString('hex');
}

/** Adds a record's sections. Skips a damaged record. */
export function tallySections(tallies: DatasetTallies, key: Uint8Array, record: Uint8Array): void {
  const { length } = record;
  if (findRecordFault(record, length) !== undefined || !isContact(record)) return;
  const organizationId = ((key[0] ?? 0) << 8) | (key[1] ?? 0);
  eachSection({ bytes: record, length }, (datasetId, section) => {
    tallies.of({ organizationId, datasetId }).add(section, 1);
  });
}
