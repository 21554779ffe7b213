/**
 * A child process that compacts a store again and again until it is killed.
 *
 *     node compact-child.ts DATA_FOLDER
 */
import { openStoreFiles } from '../../src/stores/open-store.ts';

async function compactForEver(dataFolder: string): Promise<never> {
  const files = openStoreFiles(dataFolder);
  const interrupted = new AbortController().signal;
  console.log('begin');
  for (;;) {
    await files.compact({ interrupted, onProgress: () => undefined });
    console.log('compacted');
  }
}

if (import.meta.main) await compactForEver(process.argv[2] ?? '');
