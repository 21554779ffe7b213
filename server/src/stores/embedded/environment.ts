/**
 * Opens the LMDB environment of a data folder, for reading or for writing, and holds its databases. It refuses a store of a
 * format that this release does not know. Who may write is `writer-lock.ts`.
 *
 * No `mapSize`: the library begins small and doubles the map when the file outgrows it, in whichever process notices first; a
 * fixed one would either end a store's growth or reserve address space that containers with a limit refuse.
 * No `noSync`: each commit is on the disk when it returns, so that a cut of power costs nothing that was acknowledged.
 */
import { randomUUID } from 'node:crypto';
import { open, type RootDatabase } from 'lmdb';
import { UsherError } from '../../domain/errors.ts';
import {
  contactsPath,
  createStoreFiles,
  maxReaders,
  requireStoreFiles,
  storeExists,
} from './embedded-files.ts';
import { databaseOptions, type KeyedDatabase, openKeyedDatabase } from './keyed-database.ts';
import { metaKeys, readMeta, writeMeta } from './meta.ts';

/** Of the whole store. A reader accepts this one only; a later release says here which it converts. */
const formatVersion = 1;

export interface Environment {
  readonly root: RootDatabase;
  /** organization u16 | type u16 | digest 16 -> contact id 16 | u8 1: the value is known */
  readonly id: KeyedDatabase;
  /** organization u16 | contact id 16 -> record */
  readonly rec: KeyedDatabase;
  /** organization u16 | contact id 16 -> identities (`identity-list.ts`) */
  readonly ids: KeyedDatabase;
  /** organization u16 | contact id 16 -> packed memberships */
  readonly mem: KeyedDatabase;
  /** `meta.ts` */
  readonly meta: KeyedDatabase;
  readonly storeId: string;
}

/** `store_unavailable` where no store was made yet. */
export function openForReading(dataFolder: string): Environment {
  if (!storeExists(dataFolder)) {
    throw new UsherError(
      'store_unavailable',
      'The data folder holds no contact store yet. Start the server or import a file first; both make it.',
    );
  }
  requireStoreFiles(dataFolder);
  const root = openRoot(dataFolder, true);
  try {
    return openDatabases(root);
  } catch (error) {
    void root.close();
    throw refusedStore(error);
  }
}

/**
 * Makes the store where there is none. In one process this must come before `openForReading`, since all handles of a process
 * share the first one's mode.
 */
export function openForWriting(dataFolder: string): Environment {
  if (storeExists(dataFolder)) requireStoreFiles(dataFolder);
  else createStoreFiles(dataFolder);
  const root = openRoot(dataFolder, false);
  try {
    prepareFormat(root);
    return openDatabases(root);
  } catch (error) {
    void root.close();
    throw refusedStore(error);
  }
}

function openRoot(dataFolder: string, readOnly: boolean): RootDatabase {
  try {
    return open(contactsPath(dataFolder), {
      ...databaseOptions,
      noSubdir: true,
      maxDbs: 12,
      maxReaders,
      readOnly,
      // Commits that sync before they show: no reader ever sees what a cut of power takes back. (Also 1.3 times faster here.)
      overlappingSync: false,
    });
  } catch (error) {
    throw refusedStore(error);
  }
}

function openDatabases(root: RootDatabase): Environment {
  const meta = openKeyedDatabase(root, 'meta');
  const format = readMeta<StoreFormat>(meta, metaKeys.format);
  requireKnownFormat(format);
  return {
    root,
    meta,
    id: openKeyedDatabase(root, 'id'),
    rec: openKeyedDatabase(root, 'rec'),
    ids: openKeyedDatabase(root, 'ids'),
    mem: openKeyedDatabase(root, 'mem'),
    storeId: format.storeId,
  };
}

interface StoreFormat {
  readonly version: number;
  readonly storeId: string;
}

function prepareFormat(root: RootDatabase): void {
  const meta = openKeyedDatabase(root, 'meta');
  if (readMeta(meta, metaKeys.format) !== undefined) return;
  root.transactionSync(() => {
    writeMeta(meta, metaKeys.format, { version: formatVersion, storeId: randomUUID() });
  });
}

function requireKnownFormat(format: StoreFormat | undefined): asserts format is StoreFormat {
  if (format?.version === formatVersion) return;
  const found = format === undefined ? 'no format version' : `format version ${format.version}`;
  throw new UsherError(
    'store_unavailable',
    `The contact store has ${found}; this release reads version ${formatVersion}. Use the release that wrote it, or restore a backup.`,
  );
}

function refusedStore(error: unknown): unknown {
  if (error instanceof UsherError) return error;
  if (error instanceof Error && error.message.includes('No transaction to renew')) {
    return new UsherError('internal', 'In one process the writer is opened before the readers.', {
      cause: error,
    });
  }
  return new UsherError(
    'store_unavailable',
    "The contact store cannot be opened. Run 'usher doctor' to see what is wrong with it.",
    { cause: error },
  );
}
