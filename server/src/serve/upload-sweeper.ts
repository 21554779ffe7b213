/**
 * Removes uploaded files: those that are too old, those that a run has applied, and those that
 * never arrived whole. It looks when the server starts, and then now and then.
 */
import type { Catalog } from '../catalog/catalog.ts';
import type { Log } from '../observe/log.ts';
import { uploadEnded } from '../runs/give-upload.ts';
import { UploadFiles } from '../sync/upload/upload-files.ts';
import { uploadCheckMs } from './limits.ts';

export interface UploadSweeperOptions {
  readonly catalog: Catalog;
  readonly dataFolder: string;
  readonly log: Log;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
}

export class UploadSweeper {
  readonly #options: UploadSweeperOptions;
  readonly #files: UploadFiles;
  #timer: NodeJS.Timeout | undefined;
  #sweeping: Promise<void> = Promise.resolve();

  constructor(options: UploadSweeperOptions) {
    this.#options = options;
    this.#files = new UploadFiles(options.dataFolder);
  }

  /** Resolves after the first look. Call it before uploads can arrive. */
  async start(): Promise<void> {
    await this.#sweep(true);
    this.#timer = setInterval(() => {
      this.#sweeping = this.#sweeping.then(() => this.#sweep(false));
    }, uploadCheckMs);
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#sweeping;
  }

  async #sweep(isStart: boolean): Promise<void> {
    const { catalog, clock, log } = this.#options;
    try {
      const hasEnded = uploadEnded(catalog, this.#files);
      const removed = await this.#files.removeOver(clock(), { isStart, hasEnded });
      if (removed > 0) log.info({ removed }, 'uploaded files were removed');
    } catch (error) {
      log.error({ error }, 'uploaded files could not be removed');
    }
  }
}
