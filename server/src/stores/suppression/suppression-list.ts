/**
 * One suppression list: a SQLite file of keyed digests, beside its key. An entry is never removed:
 * lifting marks it, so that of two copies of a list the later state of each entry is known.
 */

import { hash as hashOf } from 'node:crypto';
import { closeSync, existsSync, openSync, statSync } from 'node:fs';
import { join } from 'node:path';
import SqliteDatabase, { type Database } from 'better-sqlite3';
import { UsherError } from '../../domain/errors.ts';
import { putDurably } from '../durable-file.ts';
import { keptNothing } from '../kept-words.ts';
import { suppressionWaitMs } from '../limits.ts';
import type { ListFault, SuppressionState } from '../suppression-files.ts';
import { HashFilter } from './hash-filter.ts';
import { KeyedDigests, keyedDigestBytes } from './keyed-digests.ts';
import { findSuppressionKey, type SuppressionKey } from './suppression-key.ts';

export interface SuppressionEntry {
  readonly hash: Buffer;
  /** When it was added last, in milliseconds since the epoch. */
  readonly atMs: number;
  /** `null` if the entry counts. */
  readonly liftedAtMs: number | null;
}

interface StoredEntry {
  readonly hash: Buffer;
  readonly at_ms: number;
  readonly lifted_at_ms: number | null;
}

interface StoredHead {
  readonly key_id: string;
  readonly entries: number;
  readonly changes: number;
  /** The sums of all entries (`sumOf`), XORed. */
  readonly sum: Buffer;
}

/** What `PRAGMA application_id` says of these files: `ushr`. */
const applicationId = 0x75736872;
/** `PRAGMA user_version`. The sum of version 0 did not cover the times. */
const listVersion = 1;
const sumBytes = 16;

export function listFileName(keyId: string): string {
  return `${keyId}.list`;
}

export class SuppressionList {
  readonly keyId: string;
  readonly digests: KeyedDigests;
  readonly #database: Database;
  readonly #filter: HashFilter;
  readonly #find: (hash: Buffer) => StoredEntry | undefined;
  #entries: number;
  #changes: number;
  /** New hashes of the change under way. */
  #added: Buffer[] = [];
  /** What the change under way does to the sum of the list. */
  #sumChange = Buffer.alloc(sumBytes);

  /** Opens a list for reading and writing, or says what is wrong with it. Reads all of it. */
  static open(folder: string, keyId: string): SuppressionList | Exclude<ListFault, 'list_short'> {
    const path = join(folder, listFileName(keyId));
    if (!existsSync(path)) return 'list_missing';
    const key = findSuppressionKey(folder, keyId);
    if (typeof key === 'string') return key;
    let database: Database | undefined;
    try {
      database = connect(path);
      return SuppressionList.#openSound(database, path, key);
    } catch (error) {
      database?.close();
      if (error instanceof OtherVersion) return 'list_version';
      if (!isDamage(error)) throw listFailure(error);
      return 'list_damaged';
    }
  }

  /** Makes an empty list, on the disk when it resolves. */
  static async create(folder: string, key: SuppressionKey): Promise<SuppressionList> {
    const path = join(folder, listFileName(key.keyId));
    const unfinished = join(folder, `${key.keyId}.unfinished`);
    try {
      makeEmpty(unfinished, key.keyId);
    } catch (error) {
      throw listFailure(error);
    }
    await putDurably(unfinished, path);
    return SuppressionList.#openSound(connect(path), path, key);
  }

  /** Checks all of it, while nobody changes it. */
  static #openSound(database: Database, path: string, key: SuppressionKey): SuppressionList {
    return database.transaction(() => {
      requireSoundFile(database, path);
      return new SuppressionList(database, key);
    })();
  }

  private constructor(database: Database, key: SuppressionKey) {
    const head = readHead(database);
    if (head.key_id !== key.keyId) throw new DamagedList();
    const filter = new HashFilter(head.entries);
    const sum = Buffer.alloc(sumBytes);
    let entries = 0;
    const all = database.prepare<[], StoredEntry>('select * from entries');
    for (const stored of all.iterate()) {
      if (!isSound(stored)) throw new DamagedList();
      addTo(sum, sumOf(entryOf(stored)));
      filter.add(stored.hash, 0);
      entries += 1;
    }
    if (entries !== head.entries || !sum.equals(head.sum)) throw new DamagedList();
    const find = database.prepare<[Buffer], StoredEntry>('select * from entries where hash = ?');
    this.keyId = key.keyId;
    this.digests = new KeyedDigests(key);
    this.#database = database;
    this.#filter = filter;
    this.#entries = entries;
    this.#changes = head.changes;
    this.#find = (hash) => find.get(hash);
  }

  /** How many entries it has, with those that were lifted. */
  get entries(): number {
    return this.#entries;
  }

  /** Grows with each addition and lifting: an older copy of the list has fewer. */
  get changes(): number {
    return this.#changes;
  }

  /** How many entries were lifted. */
  countLifted(): number {
    const counted = 'select count(*) from entries where lifted_at_ms is not null';
    return this.#read(() => this.#database.prepare<[], number>(counted).pluck().get() ?? 0);
  }

  /** When an entry last changed; `null` if there is none. */
  newestAtMs(): number | null {
    const newest = 'select max(max(at_ms, coalesce(lifted_at_ms, 0))) from entries';
    return this.#read(() => this.#database.prepare<[], number>(newest).pluck().get() ?? null);
  }

  /** Whether the hash at `at` may be one of the list: `false` is certain, and costs nothing. */
  mayHave(hashes: Uint8Array, at: number): boolean {
    return this.#filter.mayHave(hashes, at);
  }

  /** Whether the list has the hash, and it was not lifted. */
  has(hash: Buffer): boolean {
    return this.#filter.mayHave(hash, 0) && this.find(hash)?.liftedAtMs === null;
  }

  find(hash: Buffer): SuppressionEntry | undefined {
    const stored = this.#read(() => this.#find(hash));
    return stored && entryOf(stored);
  }

  stateOf(hash: Buffer): SuppressionState {
    const entry = this.find(hash);
    if (entry === undefined) return 'unknown';
    return entry.liftedAtMs === null ? 'suppressed' : 'lifted';
  }

  /** All entries, in the order of their hashes. */
  *all(): Generator<SuppressionEntry> {
    const rows = this.#database.prepare<[], StoredEntry>('select * from entries order by hash');
    for (const stored of rows.iterate()) yield entryOf(stored);
  }

  /** Adds entries, on the disk when it returns. Those that were lifted count again. */
  add(hashes: readonly Buffer[], nowMs: number): void {
    this.#change(() => {
      for (const hash of hashes) {
        const known = this.find(hash);
        if (known?.liftedAtMs === null) continue;
        const atMs = Math.max(nowMs, (known?.liftedAtMs ?? 0) + 1);
        this.#put({ hash, atMs, liftedAtMs: null }, known);
      }
    });
  }

  /** `false`: the list does not have the hash, or it was lifted already. */
  lift(hash: Buffer, nowMs: number): boolean {
    if (!this.has(hash)) return false;
    this.#change(() => {
      const known = this.find(hash) as SuppressionEntry;
      this.#put({ ...known, liftedAtMs: Math.max(nowMs, known.atMs + 1) }, known);
    });
    return true;
  }

  /** Takes the entries of another copy of the list, and of each entry the later state. */
  unite(other: SuppressionList): void {
    this.#change(() => {
      for (const entry of other.all()) {
        const known = this.find(entry.hash);
        if (known === undefined || lastChange(entry) > lastChange(known)) {
          this.#put(entry, known);
        }
      }
      this.#changes = Math.max(this.#changes, other.changes);
    });
  }

  /** Writes a copy that only its owner can read, over a file if there is one. The caller syncs. */
  copyTo(path: string): void {
    try {
      closeSync(openSync(path, 'w', 0o600));
      this.#database.prepare('vacuum into ?').run(path);
    } catch (error) {
      throw listFailure(error);
    }
  }

  close(): void {
    this.#database.close();
  }

  #put(entry: SuppressionEntry, known: SuppressionEntry | undefined): void {
    const { hash, atMs, liftedAtMs } = entry;
    this.#database
      .prepare('insert or replace into entries values (?, ?, ?)')
      .run(hash, atMs, liftedAtMs);
    if (known === undefined) this.#added.push(Buffer.from(hash));
    else addTo(this.#sumChange, sumOf(known));
    addTo(this.#sumChange, sumOf(entry));
    this.#changes += 1;
  }

  #change(work: () => void): void {
    this.#added = [];
    this.#sumChange.fill(0);
    const before = this.#changes;
    try {
      this.#database
        .transaction(() => {
          work();
          this.#writeHead();
        })
        .immediate();
    } catch (error) {
      this.#changes = before;
      throw listFailure(error);
    }
    this.#entries += this.#added.length;
    if (this.#filter.hasRoom(this.#entries))
      for (const hash of this.#added) this.#filter.add(hash, 0);
    else this.#refill();
  }

  #writeHead(): void {
    const { sum } = readHead(this.#database);
    addTo(sum, this.#sumChange);
    this.#database
      .prepare('update head set entries = entries + ?, changes = ?, sum = ?')
      .run(this.#added.length, this.#changes, sum);
  }

  #refill(): void {
    const hashes = this.#database.prepare<[], Buffer>('select hash from entries').pluck();
    this.#filter.reset(this.#entries);
    for (const hash of hashes.iterate()) this.#filter.add(hash, 0);
  }

  #read<T>(read: () => T): T {
    try {
      return read();
    } catch (error) {
      throw listFailure(error);
    }
  }
}

class DamagedList extends Error {}

class OtherVersion extends Error {}

/** Created so that only its owner can read it. SQLite fills an empty file. */
function makeEmpty(path: string, keyId: string): void {
  closeSync(openSync(path, 'w', 0o600));
  const database = connect(path);
  database.exec(`
    begin immediate;
    pragma application_id = ${applicationId};
    pragma user_version = ${listVersion};
    create table head (
      key_id text not null, entries integer not null, changes integer not null, sum blob not null
    );
    create table entries (
      hash blob primary key, at_ms real not null, lifted_at_ms real
    ) without rowid;
    insert into head values ('${keyId}', 0, 0, zeroblob(${sumBytes}));
    commit;
  `);
  database.close();
}

function connect(path: string): Database {
  const database = new SqliteDatabase(path, { timeout: suppressionWaitMs, fileMustExist: true });
  try {
    database.pragma('journal_mode = delete');
    database.pragma('synchronous = full');
    database.pragma('secure_delete = on');
  } catch (error) {
    database.close();
    throw error;
  }
  return database;
}

/** A file that was cut within its last page looks whole to SQLite, which fills it with zeros. */
function requireSoundFile(database: Database, path: string): void {
  const pragma = (name: string) => database.pragma(name, { simple: true });
  const isOwn = pragma('application_id') === applicationId;
  if (!isOwn || pragma('quick_check') !== 'ok') throw new DamagedList();
  if (pragma('user_version') !== listVersion) throw new OtherVersion();
  const bytes = Number(pragma('page_count')) * Number(pragma('page_size'));
  if (statSync(path).size !== bytes) throw new DamagedList();
}

function readHead(database: Database): StoredHead {
  const head = database.prepare<[], StoredHead>('select * from head').get();
  if (head === undefined) throw new DamagedList();
  return head;
}

function isSound({ hash, at_ms, lifted_at_ms }: StoredEntry): boolean {
  const isLiftSound = lifted_at_ms === null || typeof lifted_at_ms === 'number';
  return hash.length === keyedDigestBytes && typeof at_ms === 'number' && isLiftSound;
}

function entryOf({ hash, at_ms, lifted_at_ms }: StoredEntry): SuppressionEntry {
  return { hash, atMs: at_ms, liftedAtMs: lifted_at_ms };
}

function lastChange({ atMs, liftedAtMs }: SuppressionEntry): number {
  return Math.max(atMs, liftedAtMs ?? 0);
}

/** Covers every column of an entry. */
function sumOf({ hash, atMs, liftedAtMs }: SuppressionEntry): Buffer {
  const bytes = Buffer.alloc(keyedDigestBytes + 17);
  bytes.set(hash);
  bytes.writeDoubleLE(atMs, keyedDigestBytes);
  if (liftedAtMs !== null) {
    bytes[keyedDigestBytes + 8] = 1;
    bytes.writeDoubleLE(liftedAtMs, keyedDigestBytes + 9);
  }
  return hashOf('sha256', bytes, 'buffer');
}

/** XOR: the order of the entries does not matter, and adding one again takes it out. */
function addTo(sum: Buffer, added: Uint8Array): void {
  for (let at = 0; at < sumBytes; at += 1) sum[at] = (sum[at] as number) ^ (added[at] as number);
}

function isDamage(error: unknown): boolean {
  if (error instanceof DamagedList) return true;
  if (!(error instanceof SqliteDatabase.SqliteError)) return false;
  return /^SQLITE_(CORRUPT|NOTADB|ERROR)/.test(error.code);
}

function listFailure(cause: unknown): UsherError {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  if (/^(SQLITE_FULL|ENOSPC|EDQUOT)/.test(code)) {
    return new UsherError(
      'storage_full',
      `The disk of the data folder is full. ${keptNothing} Free some space, then try again.`,
      { cause },
    );
  }
  return new UsherError(
    'store_unavailable',
    `The suppression list cannot be read or written${code && ` (${code})`}. Check that this account owns the data folder, then try again.`,
    { cause },
  );
}
