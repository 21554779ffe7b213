/**
 * The key of a suppression list: 32 random bytes in a file of its own beside the list. Its id, the
 * first 16 hexadecimal digits of its SHA-256, names both files.
 */
import { hash, randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { dataFiles } from '../../domain/data-files.ts';
import { createDurably } from '../durable-file.ts';

export interface SuppressionKey {
  /** 16 hexadecimal digits. */
  readonly keyId: string;
  readonly secret: Buffer;
}

const keyBytes = 32;

export function suppressionFolder(dataFolder: string): string {
  return join(dataFolder, dataFiles.suppression);
}

export function keyFileName(keyId: string): string {
  return `${keyId}.key`;
}

/** A key file that is missing, cut short or of another key is a fault, not an error. */
export type KeyFault = 'key_missing' | 'key_wrong';

/** @param folder the folder of the lists */
export function findSuppressionKey(folder: string, keyId: string): SuppressionKey | KeyFault {
  const path = join(folder, keyFileName(keyId));
  if (!existsSync(path)) return 'key_missing';
  const secret = readFileSync(path);
  return secret.length === keyBytes && keyIdOf(secret) === keyId ? { keyId, secret } : 'key_wrong';
}

/** Makes a new key and its file, on the disk when it resolves. */
export async function makeSuppressionKey(folder: string): Promise<SuppressionKey> {
  const secret = randomBytes(keyBytes);
  const keyId = keyIdOf(secret);
  await createDurably(join(folder, keyFileName(keyId)), secret);
  return { keyId, secret };
}

function keyIdOf(secret: Uint8Array): string {
  return hash('sha256', secret).slice(0, 16);
}
