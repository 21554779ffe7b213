/** The folder of the access log: numbered files, the mark of its end, and the last checkpoint. */
import { existsSync } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { dataFiles } from '../domain/data-files.ts';
import { writeDurably } from '../stores/durable-file.ts';
import type { AccessKeys } from './access-keys.ts';

export interface AccessFile {
  readonly number: number;
  readonly path: string;
  readonly bytes: number;
}

const filePattern = /^(\d{10})\.log$/;

export function accessFolder(dataFolder: string): string {
  return join(dataFolder, dataFiles.access);
}

export function accessFilePath(folder: string, number: number): string {
  return join(folder, `${String(number).padStart(10, '0')}.log`);
}

/** The files, the oldest first. Empty if there is no log. */
export async function listAccessFiles(folder: string): Promise<AccessFile[]> {
  if (!existsSync(folder)) return [];
  const found: AccessFile[] = [];
  for (const name of await readdir(folder)) {
    const digits = filePattern.exec(name)?.[1];
    if (digits === undefined) continue;
    const path = join(folder, name);
    // A trim may remove it meanwhile.
    const stats = await stat(path).catch(() => undefined);
    if (stats !== undefined) found.push({ number: Number(digits), path, bytes: stats.size });
  }
  return found.sort((a, b) => a.number - b.number);
}

/** What a trim removed, signed: the log begins after it. */
export interface Checkpoint {
  readonly atMs: number;
  /** The first file that stays. */
  readonly firstFile: number;
  /** The last block that left, and its hash, which the first file names. */
  readonly lastBlock: number;
  readonly lastHash: string;
  /** Looks that left, in all trims. */
  readonly removedEntries: number;
}

function checkpointPath(folder: string): string {
  return join(folder, dataFiles.accessCheckpoint);
}

export async function writeCheckpoint(
  folder: string,
  keys: AccessKeys,
  checkpoint: Checkpoint,
): Promise<void> {
  const text = JSON.stringify(checkpoint);
  const signature = keys.sign(text).toString('hex');
  await writeDurably(checkpointPath(folder), `${JSON.stringify({ text, signature })}\n`);
}

/** `undefined`: nothing was trimmed. `null`: the file is damaged or not signed with this key. */
export async function readCheckpoint(
  folder: string,
  keys: AccessKeys,
): Promise<Checkpoint | null | undefined> {
  const path = checkpointPath(folder);
  if (!existsSync(path)) return undefined;
  try {
    const stored: unknown = JSON.parse(await readFile(path, 'utf8'));
    if (!isSignedText(stored)) return null;
    const { text, signature } = stored;
    if (!keys.isSigned(text, Buffer.from(signature, 'hex'))) return null;
    return JSON.parse(text) as Checkpoint;
  } catch {
    return null;
  }
}

function isSignedText(stored: unknown): stored is { text: string; signature: string } {
  if (typeof stored !== 'object' || stored === null) return false;
  const { text, signature } = stored as { text?: unknown; signature?: unknown };
  return typeof text === 'string' && typeof signature === 'string';
}
