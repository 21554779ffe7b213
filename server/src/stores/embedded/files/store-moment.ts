/**
 * Reads a store as of one moment, in one read transaction. The store reuses no space until the
 * transaction ends.
 */
import { hash } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import type { RootDatabase } from 'lmdb';
import { copyBytesPerTransaction, copyEntriesPerTransaction } from '../../limits.ts';
import type { StoreCounts } from '../../store.ts';
import type {
  NamedBaseline,
  StoreDescription,
  WalkOptions,
  WalkProgress,
} from '../../store-files.ts';
import {
  type HeldTransaction,
  holdReadTransaction,
  type KeyedDatabase,
  openAllDatabases,
} from '../keyed-database.ts';
import { metaKeys, metaKinds, readMetaUnder, type StoredAppliedRun } from '../meta.ts';
import { openRootForReading, refusedStore } from '../open-root.ts';
import { requireKnownFormat, type StoreFormat } from '../store-format.ts';
import { EntryDigest, fullDigest } from './entry-digest.ts';
import type { Entry } from './read-entries.ts';

export interface WalkedStore {
  readonly description: StoreDescription;
  /** A digest of every database, including `meta`: only a copy has the same one. */
  readonly sealHex: string;
}

export class StoreMoment {
  readonly names: readonly string[];
  /** An older format is copied unchanged; opening the copy for writing upgrades it. */
  readonly format: StoreFormat;
  readonly #databases: ReadonlyMap<string, KeyedDatabase>;
  readonly #held: HeldTransaction;
  readonly fileBytes: number;
  readonly usedBytes: number;

  /** @throws UsherError `store_unavailable` for an unknown format */
  constructor(root: RootDatabase) {
    this.#databases = openAllDatabases(root);
    this.names = [...this.#databases.keys()];
    const bytes = storeBytes(root, this.#databases.values());
    this.fileBytes = bytes.fileBytes;
    this.usedBytes = bytes.usedBytes;
    this.#held = holdReadTransaction(root);
    try {
      this.format = requireKnownFormat(this.#readMeta<StoreFormat>(metaKeys.format)[0]?.value);
    } catch (error) {
      this.close();
      throw error;
    }
  }

  baselines(): readonly NamedBaseline[] {
    const entries = this.#readMeta<StoredAppliedRun>(Uint8Array.of(metaKinds.appliedRun));
    return entries.map(({ key: [, a = 0, b = 0, c = 0, d = 0], value }) => ({
      organizationId: (a << 8) | b,
      datasetId: (c << 8) | d,
      baselineId: value.snapshotId,
    }));
  }

  /** Reads everything in order, and passes some entries of one database at a time to `visit`. */
  async walk(
    phase: WalkProgress['phase'],
    options: WalkOptions,
    visit?: (name: string, entries: readonly Entry[]) => void,
  ): Promise<WalkedStore> {
    const digests = new Map<string, EntryDigest>();
    let readBytes = 0;
    for (const name of this.names) {
      const digest = new EntryDigest();
      digests.set(name, digest);
      for (const entries of this.#entries(name)) {
        options.interrupted.throwIfAborted();
        for (const { key, value } of entries) digest.add(key, value);
        visit?.(name, entries);
        // The sum leaves out the headers of pages and entries, which `usedBytes` includes.
        const doneBytes = Math.min(readBytes + digest.bytes, this.usedBytes);
        options.onProgress({ phase, doneBytes, totalBytes: this.usedBytes });
        await setImmediate();
      }
      readBytes += digest.bytes;
    }
    const all = [...digests].map(([name, digest]) => [name, digest.entries, digest.hex()]);
    return {
      description: this.#describe(fullDigest(digests)),
      sealHex: hash('sha256', JSON.stringify(all.sort())),
    };
  }

  close(): void {
    this.#held.release();
  }

  #describe(digest: string): StoreDescription {
    const { version: formatVersion, storeId } = this.format;
    let [contacts, identities] = [0, 0];
    for (const { value } of this.#readMeta<StoreCounts>(Uint8Array.of(metaKinds.counts))) {
      contacts += value.contacts;
      identities += value.identities;
    }
    return { formatVersion, storeId, fullDigest: digest, contacts, identities };
  }

  *#entries(name: string): Generator<readonly Entry[]> {
    let some: Entry[] = [];
    let bytes = 0;
    const range = { start: Uint8Array.of(0), limit: Number.MAX_SAFE_INTEGER };
    const { transaction } = this.#held;
    for (const entry of this.#databases.get(name)?.getRange({ ...range, transaction }) ?? []) {
      some.push(entry);
      bytes += entry.key.length + entry.value.length;
      if (some.length < copyEntriesPerTransaction && bytes < copyBytesPerTransaction) continue;
      yield some;
      some = [];
      bytes = 0;
    }
    if (some.length > 0) yield some;
  }

  #readMeta<T>(prefix: Uint8Array): { key: Uint8Array; value: T }[] {
    const meta = this.#databases.get('meta');
    return meta === undefined ? [] : readMetaUnder<T>(meta, prefix, this.#held.transaction);
  }
}

/** Opens the store of a folder while the work runs. */
export async function atMoment<T>(
  dataFolder: string,
  work: (moment: StoreMoment) => Promise<T>,
): Promise<T> {
  const { root, close } = openRootForReading(dataFolder);
  try {
    const moment = beginMoment(root);
    try {
      return await work(moment);
    } finally {
      moment.close();
    }
  } finally {
    await close();
  }
}

function beginMoment(root: RootDatabase): StoreMoment {
  try {
    return new StoreMoment(root);
  } catch (error) {
    throw refusedStore(error);
  }
}

interface PageCounts {
  readonly pageSize: number;
  readonly treeBranchPageCount: number;
  readonly treeLeafPageCount: number;
  readonly overflowPages: number;
}

interface RootCounts extends PageCounts {
  readonly root: PageCounts;
  readonly free: PageCounts;
  readonly lastPageNumber: number;
}

/** The first two pages hold LMDB's meta data. */
const metaPages = 2;

/** The size of a store and of its entries, from LMDB's counts of pages. */
function storeBytes(
  root: RootDatabase,
  databases: Iterable<KeyedDatabase>,
): Pick<StoreMoment, 'fileBytes' | 'usedBytes'> {
  root.resetReadTxn();
  const stats = root.getStats() as RootCounts;
  let pages = metaPages + pagesOf(stats.root) + pagesOf(stats.free);
  for (const database of databases) pages += pagesOf(database.getStats() as PageCounts);
  root.resetReadTxn();
  return {
    fileBytes: (stats.lastPageNumber + 1) * stats.pageSize,
    usedBytes: pages * stats.pageSize,
  };
}

function pagesOf({ treeBranchPageCount, treeLeafPageCount, overflowPages }: PageCounts): number {
  return treeBranchPageCount + treeLeafPageCount + overflowPages;
}
