/**
 * The key of a data folder: 32 random bytes, so that nobody can guess what the digests in baselines
 * and of kept pushes stand for. Other keys are derived from it, such as that of cursors.
 */
import { createHmac, randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { dataFiles } from '../domain/data-files.ts';
import { UsherError } from '../domain/errors.ts';
import { createDurably, writeDurably } from './durable-file.ts';

const keyBytes = 32;

/**
 * Returns the key. Makes one if the file does not exist, or is empty: an earlier release left an
 * empty file when it was killed.
 * @throws UsherError `store_unavailable` if the file has another length; `storage_full`
 */
export async function readSecretKey(dataFolder: string): Promise<Buffer> {
  const path = join(dataFolder, dataFiles.secretKey);
  for (;;) {
    const key = await readIfThere(path);
    if (key?.length === keyBytes) return key;
    if (key === undefined) await createDurably(path, randomBytes(keyBytes));
    else if (key.length === 0) await writeDurably(path, randomBytes(keyBytes));
    else throw damaged(key.length);
  }
}

/**
 * Identifies a key without revealing it. A lost key is replaced, so a baseline stores which key
 * made it.
 */
export function keyFingerprint(key: Uint8Array): string {
  return createHmac('sha256', key).update('fingerprint').digest('hex').slice(0, 32);
}

/** What is wrong with the key, for people; `undefined`: nothing, or there is no key yet. */
export async function findKeyFault(dataFolder: string): Promise<string | undefined> {
  const key = await readIfThere(join(dataFolder, dataFiles.secretKey));
  if (key === undefined || key.length === keyBytes) return undefined;
  const name = dataFiles.secretKey;
  if (key.length === 0) return `${name} is empty; the next import or sync makes another.`;
  return damaged(key.length).detail;
}

async function readIfThere(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path);
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return undefined;
    throw cause;
  }
}

function damaged(bytes: number): UsherError {
  return new UsherError(
    'store_unavailable',
    `${dataFiles.secretKey} in the data folder is damaged: it has ${bytes} bytes instead of ${keyBytes}. ` +
      'Put the one of a backup in its place, or remove it: then the next run of each dataset reads every row anew.',
  );
}
