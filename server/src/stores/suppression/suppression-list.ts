/**
 * One suppression list: a SQLite file of keyed digests, beside its key. An entry is never removed:
 * lifting marks it, so that of two copies of a list the later state of each entry is known.
 */
import { closeSync, existsSync, openSync } from 'node:fs';
import { join } from 'node:path';
import SqliteDatabase, { type Database } from 'better-sqlite3';
import { UsherError } from '../../domain/errors.ts';
import { putDurably } from '../durable-file.ts';
import { suppressionWaitMs } from '../limits.ts';
import type { ListFault, SuppressionState } from '../suppression-files.ts';
import { HashFilter } from './hash-filter.ts';
import { KeyedDigests, keyedDigestBytes } from './keyed-digests.ts';
import { findSuppressionKey, type SuppressionKey } from './suppression-key.ts';

export type EntryKind = 'identity' | 'row';

export interface SuppressionEntry {
  readonly hash: Buffer;
  readonly kind: EntryKind;
  /** When it was added last, in milliseconds since the epoch. */
  readonly atMs: number;
  /** `null`: it counts. */
  readonly liftedAtMs: number | null;
}

interface StoredEntry {
  readonly hash: Buffer;
  readonly kind: number;
  readonly at_ms: number;
  readonly lifted_at_ms: number | null;
}

interface StoredHead {
  readonly key_id: string;
  readonly entries: number;
  readonly hash_sum: Buffer;
}

/** The numbers of the kinds in the file. */
const kinds: readonly EntryKind[] = ['identity', 'row'];

/** What `PRAGMA application_id` says of these files: `ushr`. */
const applicationId = 0x75736872;

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
  /** New hashes of the change under way. */
  #added: Buffer[] = [];

  /** Opens a list for reading and writing, or says what is wrong with it. Reads all of it. */
  static open(folder: string, keyId: string): SuppressionList | Exclude<ListFault, 'list_short'> {
    const path = join(folder, listFileName(keyId));
    if (!existsSync(path)) return 'list_missing';
    const key = findSuppressionKey(folder, keyId);
    if (typeof key === 'string') return key;
    let database: Database | undefined;
    try {
      database = connect(path);
      return new SuppressionList(database, key);
    } catch (error) {
      database?.close();
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
    return new SuppressionList(connect(path), key);
  }

  private constructor(database: Database, key: SuppressionKey) {
    const [check] = database.pragma('quick_check') as { quick_check: string }[];
    const isOwn = database.pragma('application_id', { simple: true }) === applicationId;
    if (check?.quick_check !== 'ok' || !isOwn) throw new DamagedList();
    const head = readHead(database);
    if (head.key_id !== key.keyId) throw new DamagedList();
    const filter = new HashFilter(head.entries);
    const sum = Buffer.alloc(keyedDigestBytes);
    let entries = 0;
    const hashes = database.prepare<[], Buffer>('select hash from entries').pluck();
    for (const hash of hashes.iterate()) {
      if (hash.length !== keyedDigestBytes) throw new DamagedList();
      addTo(sum, hash);
      filter.add(hash, 0);
      entries += 1;
    }
    if (entries !== head.entries || !sum.equals(head.hash_sum)) throw new DamagedList();
    const find = database.prepare<[Buffer], StoredEntry>('select * from entries where hash = ?');
    this.keyId = key.keyId;
    this.digests = new KeyedDigests(key);
    this.#database = database;
    this.#filter = filter;
    this.#entries = entries;
    this.#find = (hash) => find.get(hash);
  }

  /** How many entries it has, with those that were lifted. */
  get entries(): number {
    return this.#entries;
  }

  /** How many entries were lifted. */
  countLifted(): number {
    const counted = 'select count(*) from entries where lifted_at_ms is not null';
    return this.#read(() => this.#database.prepare<[], number>(counted).pluck().get() ?? 0);
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
  add(added: readonly Pick<SuppressionEntry, 'hash' | 'kind'>[], nowMs: number): void {
    this.#change(() => {
      for (const { hash, kind } of added) {
        const known = this.find(hash);
        if (known?.liftedAtMs === null) continue;
        const atMs = Math.max(nowMs, (known?.liftedAtMs ?? 0) + 1);
        this.#put({ hash, kind, atMs, liftedAtMs: null }, known === undefined);
      }
    });
  }

  /** `false`: the list does not have the hash, or it was lifted already. */
  lift(hash: Buffer, nowMs: number): boolean {
    if (!this.has(hash)) return false;
    this.#change(() => {
      const known = this.find(hash) as SuppressionEntry;
      this.#put({ ...known, liftedAtMs: Math.max(nowMs, known.atMs + 1) }, false);
    });
    return true;
  }

  /** Takes the entries of another copy of the list, and of each entry the later state. */
  unite(other: SuppressionList): void {
    this.#change(() => {
      for (const entry of other.all()) {
        const known = this.find(entry.hash);
        if (known === undefined || lastChange(entry) > lastChange(known)) {
          this.#put(entry, known === undefined);
        }
      }
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

  #put({ hash, kind, atMs, liftedAtMs }: SuppressionEntry, isNew: boolean): void {
    this.#database
      .prepare('insert or replace into entries values (?, ?, ?, ?)')
      .run(hash, kinds.indexOf(kind), atMs, liftedAtMs);
    if (isNew) this.#added.push(Buffer.from(hash));
  }

  #change(work: () => void): void {
    this.#added = [];
    try {
      this.#database
        .transaction(() => {
          work();
          this.#count();
        })
        .immediate();
    } catch (error) {
      throw listFailure(error);
    }
    this.#entries += this.#added.length;
    if (this.#filter.hasRoom(this.#entries))
      for (const hash of this.#added) this.#filter.add(hash, 0);
    else this.#refill();
  }

  #count(): void {
    if (this.#added.length === 0) return;
    const { hash_sum: sum } = readHead(this.#database);
    for (const hash of this.#added) addTo(sum, hash);
    this.#database
      .prepare('update head set entries = entries + ?, hash_sum = ?')
      .run(this.#added.length, sum);
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

/** Created so that only its owner can read it. SQLite fills an empty file. */
function makeEmpty(path: string, keyId: string): void {
  closeSync(openSync(path, 'w', 0o600));
  const database = connect(path);
  database.exec(`
    begin immediate;
    pragma application_id = ${applicationId};
    create table head (key_id text not null, entries integer not null, hash_sum blob not null);
    create table entries (
      hash blob primary key, kind integer not null, at_ms real not null, lifted_at_ms real
    ) without rowid;
    insert into head values ('${keyId}', 0, zeroblob(${keyedDigestBytes}));
    commit;
  `);
  database.close();
}

function connect(path: string): Database {
  const database = new SqliteDatabase(path, { timeout: suppressionWaitMs, fileMustExist: true });
  database.pragma('journal_mode = delete');
  database.pragma('synchronous = full');
  database.pragma('secure_delete = on');
  return database;
}

function readHead(database: Database): StoredHead {
  const head = database.prepare<[], StoredHead>('select * from head').get();
  if (head === undefined) throw new DamagedList();
  return head;
}

function entryOf({ hash, kind, at_ms, lifted_at_ms }: StoredEntry): SuppressionEntry {
  return { hash, kind: kinds[kind] ?? 'identity', atMs: at_ms, liftedAtMs: lifted_at_ms };
}

function lastChange({ atMs, liftedAtMs }: SuppressionEntry): number {
  return Math.max(atMs, liftedAtMs ?? 0);
}

function addTo(sum: Buffer, hash: Uint8Array): void {
  for (let at = 0; at < keyedDigestBytes; at += 1) {
    sum[at] = (sum[at] as number) ^ (hash[at] as number);
  }
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
      'The disk of the data folder is full. Nothing of the call was kept. Free some space, then try again.',
      { cause },
    );
  }
  return new UsherError(
    'store_unavailable',
    `The suppression list cannot be read or written${code && ` (${code})`}. Check that this account owns the data folder, then try again.`,
    { cause },
  );
}
