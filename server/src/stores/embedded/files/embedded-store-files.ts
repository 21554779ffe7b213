/** Implements `StoreFiles` for the embedded store, with `copy-store.ts` and `compact-store.ts`. */
import { dataFiles } from '../../../domain/data-files.ts';
import { findStore } from '../../find-store.ts';
import type { StoreFiles } from '../../store-files.ts';
import { formatVersion, newestFormatVersion } from '../store-format.ts';
import { compactStore } from './compact-store.ts';
import { copyStore, walkStore } from './copy-store.ts';
import { atMoment } from './store-moment.ts';

export function embeddedStoreFiles(dataFolder: string): StoreFiles {
  return {
    fileName: dataFiles.contacts,
    newestFormatVersion,
    convertedFormatVersion: formatVersion,
    size: async () => {
      if (findStore(dataFolder) !== 'there') return undefined;
      return atMoment(dataFolder, async ({ format, fileBytes, usedBytes }) => ({
        formatVersion: format.version,
        fileBytes,
        usedBytes,
      }));
    },
    describe: async (options) => (await walkStore(dataFolder, options)).description,
    copyTo: (folder, options) => copyStore(dataFolder, folder, options),
    compact: (options) => compactStore(dataFolder, options),
  };
}
