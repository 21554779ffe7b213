/** The databases of a store. `store-format.ts` knows its formats, `open-root.ts` opens its file. */
import type { RootDatabase } from 'lmdb';
import {
  emptyDatabase,
  type KeyedDatabase,
  openAllDatabases,
  openKeyedDatabase,
} from './keyed-database.ts';
import {
  type OpenedRoot,
  openRootForReading,
  openRootForWriting,
  refusedStore,
  type TransactionOptions,
  writeTransaction,
} from './open-root.ts';
import { prepareFormat, readFormat, requireKnownFormat } from './store-format.ts';

export interface Environment {
  readonly root: RootDatabase;
  /** organization u16 | type u16 | digest 16 -> contact id 16 (zeros: nowhere) | u8 flags */
  readonly id: KeyedDatabase;
  /** organization u16 | contact id 16 -> record */
  readonly rec: KeyedDatabase;
  /** organization u16 | contact id 16 -> its rows and identities (`contacts/contact-list.ts`) */
  readonly ids: KeyedDatabase;
  /** organization u16 | contact id 16 -> packed memberships */
  readonly mem: KeyedDatabase;
  /** `contacts/identity-links.ts` */
  readonly link: KeyedDatabase;
  /** `contacts/hidden-sections.ts` */
  readonly row: KeyedDatabase;
  /** `contacts/join-log.ts` */
  readonly log: KeyedDatabase;
  /** `contacts/amendment-book.ts` */
  readonly amend: KeyedDatabase;
  /** `rollback/rollback-entry.ts` */
  readonly rollback: KeyedDatabase;
  /** `meta.ts` */
  readonly meta: KeyedDatabase;
  readonly storeId: string;
  close(): Promise<void>;
}

/** The databases that only the writer uses. */
export interface WritableEnvironment extends Environment {
  /** `kept-pushes.ts` */
  readonly once: KeyedDatabase;
  /** `erasure/erasure-log.ts` */
  readonly erase: KeyedDatabase;
  /** `contacts/gone-ids.ts` */
  readonly gone: KeyedDatabase;
  /** `writer/run-effects.ts` */
  readonly effects: KeyedDatabase;
  /** Runs `work` in a write transaction. */
  transact<T>(work: () => T, options?: TransactionOptions): T;
}

/** Throws `store_unavailable` if there is no store yet. */
export function openForReading(dataFolder: string): Environment {
  return openEnvironment(openRootForReading(dataFolder));
}

/**
 * Opens the store, and creates it if it does not exist. Call this before the process opens a
 * reader: all handles of a process share the mode of the first one.
 */
export function openForWriting(dataFolder: string): WritableEnvironment {
  const opened = openRootForWriting(dataFolder);
  // Opening a database for the first time creates it.
  const open = (name: string) => opened.inTurn(() => openKeyedDatabase(opened.root, name));
  const environment = openEnvironment(opened, open, () => prepareFormat(opened, dataFolder));
  return {
    ...environment,
    once: open('once'),
    gone: open('gone'),
    erase: open('erase'),
    effects: open('effects'),
    transact: (work, options) => writeTransaction(opened, work, options),
  };
}

function openEnvironment(
  { root, close }: OpenedRoot,
  open = (name: string) => openKnownDatabase(root, name),
  prepare?: () => void,
): Environment {
  try {
    prepare?.();
    const meta = open('meta');
    const { storeId } = requireKnownFormat(readFormat(meta));
    const contacts = { id: open('id'), rec: open('rec'), ids: open('ids'), mem: open('mem') };
    const joins = { link: open('link'), row: open('row'), log: open('log') };
    const people = { amend: open('amend'), rollback: open('undo') };
    return { root, ...contacts, ...joins, ...people, meta, storeId, close };
  } catch (error) {
    void close();
    throw refusedStore(error);
  }
}

/** Databases that a store of an older release does not have yet. */
const addedDatabases: ReadonlySet<string> = new Set(['link', 'row', 'log', 'amend', 'undo']);

/** For reading: a database that the store does not have yet is empty. */
function openKnownDatabase(root: RootDatabase, name: string): KeyedDatabase {
  if (!addedDatabases.has(name)) return openKeyedDatabase(root, name);
  return openAllDatabases(root).get(name) ?? emptyDatabase;
}
