/** `StoreFiles` of the embedded store; the work is in `copy-store.ts` and `compact-store.ts`. */
import { dataFiles } from '../../../domain/data-files.ts';
import type {
  Compaction,
  CopyOptions,
  StoreDescription,
  StoreFiles,
  StoreSize,
  WalkOptions,
} from '../../store-files.ts';
import { formatVersion } from '../store-format.ts';
import { compactStore } from './compact-store.ts';
import { copyStore, walkStore } from './copy-store.ts';
import { storeExists } from './embedded-files.ts';
import { atMoment } from './store-moment.ts';

export class EmbeddedStoreFiles implements StoreFiles {
  readonly fileName = dataFiles.contacts;
  readonly newestFormatVersion = formatVersion;
  readonly #dataFolder: string;

  constructor(dataFolder: string) {
    this.#dataFolder = dataFolder;
  }

  async size(): Promise<StoreSize | undefined> {
    if (!storeExists(this.#dataFolder)) return undefined;
    return atMoment(this.#dataFolder, async ({ format, fileBytes, usedBytes }) => ({
      formatVersion: format.version,
      fileBytes,
      usedBytes,
    }));
  }

  async describe(options: WalkOptions): Promise<StoreDescription> {
    return (await walkStore(this.#dataFolder, options)).description;
  }

  copyTo(folder: string, options: CopyOptions): Promise<StoreDescription> {
    return copyStore(this.#dataFolder, folder, options);
  }

  compact(options: WalkOptions): Promise<Compaction> {
    return compactStore(this.#dataFolder, options);
  }
}
