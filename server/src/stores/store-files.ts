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

/** What a store is, read from all of it. */
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
  /** What the entries take; the rest is free for new ones. */
  readonly usedBytes: number;
}

/** The baseline that a dataset's sections reflect. */
export interface NamedBaseline {
  readonly organizationId: number;
  readonly datasetId: number;
  readonly baselineId: string;
}

export interface WalkOptions {
  /** When aborted, the call rejects with its reason, and nothing has happened. */
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
   * Called when the moment of the copy is fixed, with the baselines that the copy will name; the
   * copy goes on when it resolves.
   */
  readonly onMoment: (baselines: readonly NamedBaseline[]) => Promise<void>;
}

export interface Compaction {
  readonly fullDigest: string;
  readonly bytesBefore: number;
  readonly bytesAfter: number;
}

export interface StoreFiles {
  /** In the data folder, and in a copy's. */
  readonly fileName: string;

  /** The newest format version that this release reads. */
  readonly newestFormatVersion: number;

  /**
   * `undefined`: no store was made yet. Quick. `store_unavailable`: it cannot be opened, or a newer
   * release wrote it.
   */
  size(): Promise<StoreSize | undefined>;

  /**
   * Reads everything, at one moment. `store_unavailable` where there is no store or it cannot be
   * read.
   */
  describe(options: WalkOptions): Promise<StoreDescription>;

  /**
   * Copies the store into a file of that name in a folder, synced. `storage_full`: no room there;
   * what was written is to be thrown away.
   */
  copyTo(folder: string, options: CopyOptions): Promise<StoreDescription>;

  /**
   * Writes the store anew, in the order of its keys and without free space, so that nothing removed
   * is left in its file. Needs as much room as the store. `store_unavailable`: somebody writes or
   * has it open, and it stays as it is; `storage_full`: the same, for want of room.
   */
  compact(options: WalkOptions): Promise<Compaction>;
}
