/**
 * The environment of a data folder, for reading or for writing: its databases by name. It refuses a store of a format that this
 * release does not know. How the file is opened is `open-root.ts`'s business, who may write `writer-lock.ts`'s.
 */
import { randomUUID } from 'node:crypto';
import type { RootDatabase } from 'lmdb';
import { UsherError } from '../../domain/errors.ts';
import { type KeyedDatabase, openKeyedDatabase } from './keyed-database.ts';
import { metaKeys, readMeta, writeMeta } from './meta.ts';
import {
  type OpenedRoot,
  openRootForReading,
  openRootForWriting,
  refusedStore,
} from './open-root.ts';

/** Of the whole store. A reader accepts this one only; a later release says here which it converts. */
export const formatVersion = 1;

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
  close(): Promise<void>;
}

/** `store_unavailable` where no store was made yet. */
export function openForReading(dataFolder: string): Environment {
  return openEnvironment(openRootForReading(dataFolder));
}

/**
 * Makes the store where there is none. In one process this must come before `openForReading`, since all handles of a process
 * share the first one's mode.
 */
export function openForWriting(dataFolder: string): Environment {
  return openEnvironment(openRootForWriting(dataFolder), prepareFormat);
}

function openEnvironment(opened: OpenedRoot, prepare?: (root: RootDatabase) => void): Environment {
  try {
    prepare?.(opened.root);
    return openDatabases(opened);
  } catch (error) {
    void opened.close();
    throw refusedStore(error);
  }
}

function openDatabases({ root, close }: OpenedRoot): Environment {
  const meta = openKeyedDatabase(root, 'meta');
  const format = readMeta<StoreFormat>(meta, metaKeys.format);
  requireKnownFormat(format);
  return {
    root,
    close,
    meta,
    id: openKeyedDatabase(root, 'id'),
    rec: openKeyedDatabase(root, 'rec'),
    ids: openKeyedDatabase(root, 'ids'),
    mem: openKeyedDatabase(root, 'mem'),
    storeId: format.storeId,
  };
}

export interface StoreFormat {
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
