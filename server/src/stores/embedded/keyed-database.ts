/**
 * One LMDB database. Keys are written straight into the library's buffer, so a read allocates
 * nothing. Only this file relies on that buffer, which the library's types do not describe.
 */
import * as lmdb from 'lmdb';

/**
 * A key: organization, identity type (in the identity index), and 16 bytes. The library copies
 * `bytes` when it reads them, so they may be the result of the last read.
 */
export class ContactKey {
  organizationId = 0;
  /** -1: the key has no type. */
  typeId = -1;
  bytes: Uint8Array = new Uint8Array(16);
  start = 0;
}

export interface KeyedDatabase {
  /** Valid until the next read in this thread; `lastSize` is its length. */
  getBinaryFast(key: ContactKey | Uint8Array, options?: ReadTransaction): Buffer | undefined;
  readonly lastSize: number;
  put(key: ContactKey | Uint8Array, value: Uint8Array): unknown;
  /**
   * Inside a transaction: returns `false` and changes nothing, with `append` if the key is not
   * above all others, with `noOverwrite` if it is there.
   */
  putSync(
    key: ContactKey | Uint8Array,
    value: Uint8Array,
    options: { readonly append: true } | { readonly noOverwrite: true },
  ): boolean;
  remove(key: ContactKey | Uint8Array): unknown;
  getRange(options: RangeRequest): Iterable<{ key: Uint8Array; value: Uint8Array }>;
  /** The library's counts of pages; typed where they are read (`store-moment.ts`). */
  getStats(): object;
}

export interface RangeRequest {
  /** The first key of the range, or with `exclusiveStart` the key before it. */
  readonly start: Uint8Array;
  readonly exclusiveStart?: boolean;
  /** The key after the range; not included. */
  readonly end?: Uint8Array;
  readonly limit: number;
  /** From `start` downwards, to the key after `end`. */
  readonly reverse?: boolean;
  /** From `holdReadTransaction`. Default: the library's shared read transaction. */
  readonly transaction?: unknown;
}

/** What the keys of an organization begin with. */
export function organizationPrefix(organizationId: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.of(organizationId >>> 8, organizationId);
}

/** The range of the keys that begin with `prefix`. */
export function rangeUnder(prefix: Uint8Array): Pick<RangeRequest, 'start' | 'end'> {
  const start = prefix.length === 0 ? Uint8Array.of(0) : prefix;
  const place = prefix.findLastIndex((byte) => byte < 0xff);
  if (place < 0) return { start };
  return { start, end: Uint8Array.of(...prefix.subarray(0, place), (prefix[place] ?? 0) + 1) };
}

/** `keyEncoding: 'binary'` compares keys as bytes; the default silently misses keys with zeros. */
export const databaseOptions = { encoding: 'binary', keyEncoding: 'binary', cache: false } as const;

export function openKeyedDatabase(root: lmdb.RootDatabase, name: string): KeyedDatabase {
  const database = root.openDB({ ...databaseOptions, name }) as lmdb.Database | undefined;
  if (database === undefined) throw new Error(`Database not found: ${name}`);
  return Object.assign(database, { writeKey }) as unknown as KeyedDatabase;
}

/** For reading alone. */
export const emptyDatabase: KeyedDatabase = {
  getBinaryFast: () => undefined,
  lastSize: 0,
  put: refuseWrite,
  putSync: refuseWrite,
  remove: refuseWrite,
  getRange: () => [],
  getStats: () => ({}),
};

/** Forgets what is written to it. */
export const unwrittenDatabase: KeyedDatabase = {
  ...emptyDatabase,
  put: () => undefined,
  putSync: () => true,
  remove: () => undefined,
};

function refuseWrite(): never {
  throw new Error('This database is open for reading alone.');
}

/** All databases of the file by name, of any release. */
export function openAllDatabases(root: lmdb.RootDatabase): ReadonlyMap<string, KeyedDatabase> {
  root.resetReadTxn();
  // The library stores names with a zero byte at their end.
  const names = [...root.getKeys()].map((key) => String(key).replace(/\0$/, ''));
  return new Map(names.map((name) => [name, openKeyedDatabase(root, name)]));
}

function writeKey(key: ContactKey | Uint8Array, target: Uint8Array, start: number): number {
  if (key instanceof Uint8Array) {
    target.set(key, start);
    return start + key.length;
  }
  let at = start;
  target[at] = key.organizationId >>> 8;
  target[at + 1] = key.organizationId;
  at += 2;
  if (key.typeId >= 0) {
    target[at] = key.typeId >>> 8;
    target[at + 1] = key.typeId;
    at += 2;
  }
  const { bytes, start: from } = key;
  for (let place = 0; place < 16; place += 1) target[at + place] = bytes[from + place] as number;
  return at + 16;
}

interface MarkedBuffer extends Buffer {
  start?: number;
  end?: number;
}

/** Marks how much of a scratch is the value of the next `put`, without creating a view of it. */
export function asValue(bytes: MarkedBuffer, length: number): Uint8Array {
  bytes.start = 0;
  bytes.end = length;
  return bytes;
}

const appendOption = { append: true } as const;

/**
 * Puts an entry whose key is probably the highest: LMDB then fills pages instead of splitting them,
 * which saves a third of the file.
 */
export function putLast(database: KeyedDatabase, key: ContactKey, value: Uint8Array): void {
  if (!putHighest(database, key, value)) database.put(key, value);
}

/**
 * Puts an entry if its key is above all others, so that it is new.
 * @returns whether it was put
 */
export function putHighest(database: KeyedDatabase, key: ContactKey, value: Uint8Array): boolean {
  return database.putSync(key, value, appendOption);
}

const newOption = { noOverwrite: true } as const;

/**
 * Puts an entry, unless its key is there: faster than to look first.
 * @returns whether it was put
 */
export function putNew(database: KeyedDatabase, key: Uint8Array, value: Uint8Array): boolean {
  return database.putSync(key, value, newOption);
}

/** A read transaction of the library that shows the same moment until it is released. */
export interface HeldTransaction {
  readonly transaction: unknown;
  release(): void;
}

/** Open all databases first: a database that is opened later is not included. */
export function holdReadTransaction(root: lmdb.RootDatabase): HeldTransaction {
  root.resetReadTxn();
  const transaction = root.useReadTransaction();
  return { transaction, release: () => transaction.done() };
}

interface NativeTransaction {
  readonly address: number;
  abort(): void;
}

interface NativeAddon {
  readonly Txn: new (environment: unknown, flags: number) => NativeTransaction;
  readonly resetTxn: (address: number) => void;
}

const readOnlyFlag = 0x20000;

/**
 * A read transaction that begins again after each `end`. The library's own may show data that is a
 * millisecond old.
 */
export class ReadTransaction {
  /** The member that the library's reads look for. */
  readonly transaction: NativeTransaction;
  readonly #addon: NativeAddon;
  readonly #address: number;

  constructor(root: lmdb.RootDatabase) {
    this.#addon = (lmdb as unknown as { nativeAddon: NativeAddon }).nativeAddon;
    const { env } = root as unknown as { env: unknown };
    this.transaction = new this.#addon.Txn(env, readOnlyFlag);
    this.#address = this.transaction.address;
    this.end();
  }

  /** The next read sees everything committed before it; no old page is held until then. */
  end(): void {
    this.#addon.resetTxn(this.#address);
  }

  close(): void {
    this.transaction.abort();
  }
}
