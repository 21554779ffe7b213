/**
 * The path of the writer's socket: in the data folder, or in a temporary folder if that is too
 * long.
 */
import { hash } from 'node:crypto';
import { lstatSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { dataFiles } from '../../../domain/data-files.ts';
import { UsherError } from '../../../domain/errors.ts';
import { maxSocketPathBytes } from '../../limits.ts';

export function writerSocketPath(dataFolder: string): string {
  const path = join(resolve(dataFolder), dataFiles.writerSocket);
  if (Buffer.byteLength(path) <= maxSocketPathBytes) return path;
  const folder = join(tmpdir(), `usher-${hash('sha256', resolve(dataFolder)).slice(0, 16)}`);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  requireOwnFolder(folder);
  return join(folder, dataFiles.writerSocket);
}

/** Another account may have made our folder under the shared temporary folder. */
function requireOwnFolder(folder: string): void {
  const stats = lstatSync(folder);
  const isOwn =
    stats.isDirectory() && stats.uid === process.getuid?.() && (stats.mode & 0o077) === 0;
  if (isOwn) return;
  throw new UsherError(
    'store_unavailable',
    'The folder for the writer’s socket under the temporary folder belongs to another account or is open to others. Choose a data folder with a shorter path.',
  );
}
