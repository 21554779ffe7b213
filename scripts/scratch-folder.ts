/**
 * The folder for the temporary files of a test file. It is in memory if the machine has enough,
 * because a test waits 5 ms for each `fsync` to a disk. What a killed
 * process has written stays there, as on a disk.
 */
import { chmodSync, mkdtempSync, statfsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const memoryFolder = '/dev/shm';

/** Five test files at the same time take less than 800 MB each. */
const leastFreeBytes = 4_294_967_296;

/** Other accounts may enter the folder, because database servers run under their own. */
const enterable = 0o711;

/** Creates a folder for `TMPDIR`. */
export function makeScratchFolder(): string {
  // If the developer has set `TMPDIR`, the folder is made there.
  const isChosen = process.env['TMPDIR'] !== undefined;
  const parent = !isChosen && hasRoom(memoryFolder) ? memoryFolder : tmpdir();
  const folder = mkdtempSync(join(parent, 'usher-'));
  chmodSync(folder, enterable);
  return folder;
}

/**
 * Never rejects. Files that cannot be removed, such as a file system that is still mounted, stay.
 */
export async function removeScratchFolder(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true, maxRetries: 3 }).catch(() => undefined);
}

function hasRoom(folder: string): boolean {
  try {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize >= leastFreeBytes;
  } catch {
    // `/dev/shm` exists only on Linux.
    return false;
  }
}
