/**
 * The files of a store in the data folder, as backup, restore and compaction see them. What they
 * may rely on:
 * - **A copy is of one moment**: it holds each transaction whole or not at all. Look-ups and writes
 *   go on; the store's file may grow by what is written meanwhile.
 * - **A copy is of the same store**: it has the store's id, revisions and source versions, and
 *   nothing that was removed.
 * - **Half a copy is never mistaken for a whole one**: a copy is complete only when `copyTo` has
 *   resolved. Otherwise the caller deletes the folder.
 * - **`compact` is all or nothing**: killed at any point, it leaves either the old store or the
 *   compacted one, with the same full digest.
 */
import type { DatasetPlace } from './run-lease.ts';

/** A description of a store, from reading all of it. */
export interface StoreDescription {
  readonly formatVersion: number;
  readonly storeId: string;
  /** As `ContactReader.digest('full')`. */
  readonly fullDigest: string;
  /** Of all organizations. */
  readonly contacts: number;
  readonly identities: number;
}

export interface StoreSize {
  readonly formatVersion: number;
  readonly fileBytes: number;
  /** Bytes of the entries; the rest is free for new ones. */
  readonly usedBytes: number;
}

/** The baseline that a dataset's sections match. */
export interface NamedBaseline extends DatasetPlace {
  readonly baselineId: string;
}

export interface WalkOptions {
  /** When it is aborted, the call rejects with its reason, and nothing has changed. */
  readonly interrupted: AbortSignal;
  readonly onProgress: (progress: WalkProgress) => void;
}

export interface WalkProgress {
  readonly phase: 'copying' | 'verifying';
  readonly doneBytes: number;
  readonly totalBytes: number;
}

export interface CopyOptions extends WalkOptions {
  /**
   * Called with the baselines when the moment of the copy is fixed. The copy waits for the promise.
   */
  readonly onMoment: (baselines: readonly NamedBaseline[]) => Promise<void>;
}

export interface Compaction {
  readonly fullDigest: string;
  readonly bytesBefore: number;
  readonly bytesAfter: number;
}

export interface StoreFiles {
  /** The name of the file, in the data folder and in a copy. */
  readonly fileName: string;

  /** The newest format version that this release reads. */
  readonly newestFormatVersion: number;

  /** The format version to which this release converts older stores when it opens them to write. */
  readonly convertedFormatVersion: number;

  /**
   * `undefined` if there is no store yet. Throws `store_unavailable`, also if a newer release wrote
   * it.
   */
  size(): Promise<StoreSize | undefined>;

  /** Reads everything as of one moment. Rejects with `store_unavailable`, also without a store. */
  describe(options: WalkOptions): Promise<StoreDescription>;

  /** Copies the store into a folder, synced. On `storage_full` the caller deletes the folder. */
  copyTo(folder: string, options: CopyOptions): Promise<StoreDescription>;

  /**
   * Rewrites the store without anything that was removed. Needs as much free space as the new
   * store. Rejects with `store_unavailable` (another process has the store open) or `storage_full`,
   * and then changes nothing.
   */
  compact(options: WalkOptions): Promise<Compaction>;
}
