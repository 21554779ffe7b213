/**
 * The files of a store that keeps its contacts in the data folder, as backup, restore and
 * compaction see them. A store that is a server of its own has no such files: its own tools copy
 * it.
 *
 * What every such store promises:
 * - **A copy is of one moment.** It holds each transaction whole or not at all, whatever is written
 *   meanwhile; look-ups and writes go on. It may keep what is written meanwhile from reusing space,
 *   so the store's file can grow by that.
 * - **A copy holds what the store holds, and no more**: not what was cleared or removed before.
 * - **A copy is of the same store**: it keeps the store's id, revisions and source versions, and
 *   reads as the store did.
 * - **Half a copy is never taken for one**: until `copyTo` resolves the folder is its caller's to
 *   throw away.
 * - **`compact` is all or nothing**: killed at any point it leaves the store as it was, or
 *   compacted, with the same full digest.
 */

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
export interface NamedBaseline {
  readonly organizationId: number;
  readonly datasetId: number;
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
  /** Called when the moment of the copy is fixed, with its baselines; the copy waits for it. */
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

  /** `undefined`: no store yet. Throws `store_unavailable`, also if a newer release wrote it. */
  size(): Promise<StoreSize | undefined>;

  /** Reads everything as of one moment. Rejects with `store_unavailable`, also without a store. */
  describe(options: WalkOptions): Promise<StoreDescription>;

  /** Copies the store into a folder, synced. On `storage_full` the caller deletes the folder. */
  copyTo(folder: string, options: CopyOptions): Promise<StoreDescription>;

  /**
   * Rewrites the store in the order of its keys, so that nothing that was removed is left in its
   * file. Needs as much space as the store. The store is unchanged if it rejects: with
   * `store_unavailable` (somebody has it open) or `storage_full`.
   */
  compact(options: WalkOptions): Promise<Compaction>;
}
