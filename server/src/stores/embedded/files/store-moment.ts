/** A store as of one moment, in one read transaction. No space is reused until it is closed. */
import { hash } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import type { RootDatabase } from 'lmdb';
import { UsherError } from '../../../domain/errors.ts';
import { copyBytesPerTransaction, copyEntriesPerTransaction } from '../../limits.ts';
import type { StoreCounts } from '../../store.ts';
import type {
  NamedBaseline,
  StoreDescription,
  WalkOptions,
  WalkProgress,
} from '../../store-files.ts';
import type { StoredAppliedRun } from '../applied-run.ts';
import {
  type HeldTransaction,
  holdReadTransaction,
  type KeyedDatabase,
  openAllDatabases,
} from '../keyed-database.ts';
import { metaKeys, metaKinds } from '../meta.ts';
import { openRootForReading, refusedStore } from '../open-root.ts';
import { formatVersion, type StoreFormat } from '../store-format.ts';
import { EntryDigest, fullDigest } from './entry-digest.ts';
import type { Entry } from './read-entries.ts';
import { storeBytes } from './store-bytes.ts';

export interface WalkedStore {
  readonly description: StoreDescription;
  /** A digest of every database, including `meta`: only a copy has the same. */
  readonly sealHex: string;
}

export class StoreMoment {
  readonly names: readonly string[];
  readonly #databases: ReadonlyMap<string, KeyedDatabase>;
  readonly #held: HeldTransaction;
  readonly fileBytes: number;
  readonly usedBytes: number;

  /** @throws UsherError `store_unavailable` for a store without a format, or of a newer one */
  constructor(root: RootDatabase) {
    this.#databases = openAllDatabases(root);
    this.names = [...this.#databases.keys()];
    const bytes = storeBytes(root, this.#databases.values());
    this.fileBytes = bytes.fileBytes;
    this.usedBytes = bytes.usedBytes;
    this.#held = holdReadTransaction(root);
    try {
      requireReadableFormat(this.format);
    } catch (error) {
      this.close();
      throw error;
    }
  }

  get format(): StoreFormat {
    const [entry] = this.#readMeta<StoreFormat>(metaKeys.format);
    return entry?.value ?? { version: 0, storeId: '' };
  }

  baselines(): readonly NamedBaseline[] {
    const entries = this.#readMeta<StoredAppliedRun>(Uint8Array.of(metaKinds.appliedRun));
    return entries.map(({ key, value }) => {
      const numbers = Buffer.from(key);
      return {
        organizationId: numbers.readUInt16BE(1),
        datasetId: numbers.readUInt16BE(3),
        baselineId: value.snapshotId,
      };
    });
  }

  /** Reads everything in order, and passes some entries of one database at a time to `visit`. */
  async walk(
    phase: WalkProgress['phase'],
    options: WalkOptions,
    visit?: (name: string, entries: readonly Entry[]) => void,
  ): Promise<WalkedStore> {
    const digests = new Map<string, { entries: number; hex: string }>();
    let readBytes = 0;
    for (const name of this.names) {
      const digest = new EntryDigest();
      for (const entries of this.#entries(name)) {
        options.interrupted.throwIfAborted();
        for (const { key, value } of entries) digest.add(key, value);
        visit?.(name, entries);
        // Headers of pages and entries come on top; the end is told as it is.
        const doneBytes = Math.min(readBytes + digest.bytes, this.usedBytes);
        options.onProgress({ phase, doneBytes, totalBytes: this.usedBytes });
        await setImmediate();
      }
      readBytes += digest.bytes;
      digests.set(name, { entries: digest.entries, hex: digest.hex() });
    }
    return {
      description: this.#describe(fullDigest(digests)),
      sealHex: hash('sha256', JSON.stringify([...digests].sort())),
    };
  }

  close(): void {
    this.#held.release();
  }

  #describe(digest: string): StoreDescription {
    const counts = this.#readMeta<StoreCounts>(Uint8Array.of(metaKinds.counts));
    const sum = (count: (of: StoreCounts) => number) =>
      counts.reduce((total, { value }) => total + count(value), 0);
    return {
      formatVersion: this.format.version,
      storeId: this.format.storeId,
      fullDigest: digest,
      contacts: sum(({ contacts }) => contacts),
      identities: sum(({ identities }) => identities),
    };
  }

  *#entries(name: string): Generator<readonly Entry[]> {
    let some: Entry[] = [];
    let bytes = 0;
    for (const entry of this.#range(name, Uint8Array.of(0))) {
      some.push(entry);
      bytes += entry.key.length + entry.value.length;
      if (some.length < copyEntriesPerTransaction && bytes < copyBytesPerTransaction) continue;
      yield some;
      some = [];
      bytes = 0;
    }
    if (some.length > 0) yield some;
  }

  #range(name: string, start: Uint8Array, end?: Uint8Array): Iterable<Entry> {
    const { transaction } = this.#held;
    const range = { start, limit: Number.MAX_SAFE_INTEGER, transaction };
    const database = this.#databases.get(name);
    return database?.getRange(end === undefined ? range : { ...range, end }) ?? [];
  }

  /** All values whose keys start with these bytes. */
  #readMeta<T>(prefix: Uint8Array): { key: Uint8Array; value: T }[] {
    const end = Uint8Array.from([...prefix.slice(0, -1), (prefix.at(-1) ?? 0) + 1]);
    return [...this.#range('meta', prefix, end)].map(({ key, value }) => ({
      key,
      value: JSON.parse(Buffer.from(value).toString()) as T,
    }));
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

/** Older formats are copied unchanged; opening the copy for writing upgrades it. */
function requireReadableFormat({ version }: StoreFormat): void {
  if (version >= 1 && version <= formatVersion) return;
  const found = version === 0 ? 'no format version' : `format version ${version}`;
  throw new UsherError(
    'store_unavailable',
    `The contact store has ${found}; this release reads up to version ${formatVersion}. Use the release that wrote it or a later one.`,
  );
}
