/**
 * Copies a store as of one moment, in the order of the keys, so that the copy's pages are full and
 * hold no removed data. (The library's own copy includes free pages.)
 */
import { rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import type { RootDatabase } from 'lmdb';
import { UsherError } from '../../../domain/errors.ts';
import { minFreeDiskBytes } from '../../../domain/limits.ts';
import type { CopyOptions, StoreDescription, WalkOptions } from '../../store-files.ts';
import { openKeyedDatabase } from '../keyed-database.ts';
import { openRootOfCopy } from '../open-root.ts';
import { readersLockPath } from '../store-locks.ts';
import { contactsPath, freeBytes, storageFull, writeFailure } from './embedded-files.ts';
import type { Entry } from './read-entries.ts';
import { atMoment, type StoreMoment, type WalkedStore } from './store-moment.ts';

/**
 * Resolves when the copy is synced, and was read back and compared. `folder` must be empty; the
 * caller deletes it if the copy fails.
 * @throws `storage_full`, `store_unavailable`
 */
export async function copyStore(
  dataFolder: string,
  folder: string,
  options: WalkOptions & Partial<CopyOptions>,
): Promise<StoreDescription> {
  const copied = await atMoment(dataFolder, async (moment) => {
    await options.onMoment?.(moment.baselines());
    return writeCopy(moment, folder, options);
  });
  const found = await walkStore(folder, options);
  for (const path of [`${contactsPath(folder)}-lock`, readersLockPath(folder)]) {
    rmSync(path, { force: true });
  }
  if (found.sealHex === copied.sealHex) return found.description;
  throw new UsherError(
    'store_unavailable',
    'The copy of the contact store does not read as what was written: the disk or the memory of this machine is not sound.',
  );
}

/** Reads the whole store of a folder. */
export function walkStore(folder: string, options: WalkOptions): Promise<WalkedStore> {
  return atMoment(folder, (moment) => moment.walk('verifying', options));
}

async function writeCopy(
  moment: StoreMoment,
  folder: string,
  options: WalkOptions,
): Promise<WalkedStore> {
  if (freeBytes(folder) < moment.usedBytes + minFreeDiskBytes) throw storageFull();
  const target = openRootOfCopy(folder);
  let copied: WalkedStore;
  try {
    const write = writerInto(target, moment.names);
    copied = await moment.walk('copying', options, (name, entries) => {
      try {
        write(name, entries);
      } catch (cause) {
        throw copyFailure(cause, folder);
      }
    });
  } finally {
    await target.close();
  }
  await syncFile(contactsPath(folder), folder);
  return copied;
}

function writerInto(
  target: RootDatabase,
  names: readonly string[],
): (name: string, entries: readonly Entry[]) => void {
  const databases = new Map(names.map((name) => [name, openKeyedDatabase(target, name)]));
  return (name, entries) =>
    target.transactionSync(() => {
      for (const { key, value } of entries) {
        if (databases.get(name)?.putSync(key, value, { append: true }) === true) continue;
        throw new Error(`The entries of ${name} are not in the order of their keys.`);
      }
    });
}

async function syncFile(path: string, folder: string): Promise<void> {
  await using file = await open(path, 'r+');
  try {
    await file.sync();
  } catch (cause) {
    throw copyFailure(cause, folder);
  }
}

function copyFailure(cause: unknown, folder: string): UsherError {
  return writeFailure(cause, folder, 'The copy of the contact store cannot be written.');
}
