/** Files that something will name: whole on the disk before it does. */
import { open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Moves a file to its place in such a way that, once this resolves, it is there whole even after a power cut. */
export async function putDurably(temporary: string, path: string): Promise<void> {
  await sync(temporary, 'r+');
  await rename(temporary, path);
  // A new name lasts only when its folder is synced too.
  await sync(dirname(path), 'r');
}

async function sync(path: string, flags: string): Promise<void> {
  const handle = await open(path, flags);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
