/**
 * The catalog's file in the data folder, for backup and restore. A catalog in a database server has
 * no such file; that server's own tools back it up.
 */

export interface CatalogDescription {
  /**
   * The migrations that made the catalog's tables, in order. A release that lacks one of them
   * cannot read the catalog.
   */
  readonly steps: readonly string[];
}

export interface CatalogFiles {
  /** The same name in the data folder and in a backup. */
  readonly fileName: string;
  /** The migrations that this release knows. */
  readonly knownSteps: readonly string[];
  readonly bytes: number;
  /** Reads the whole file. Throws `store_unavailable` if it is damaged or not a catalog. */
  describe(): Promise<CatalogDescription>;
  /**
   * Writes a copy as of one moment into `folder`, flushes it to the disk and reads it back. Changes
   * may go on meanwhile. Deleted rows, sessions and links of users are not in the copy. Throws
   * `storage_full` if the disk is full; the caller then removes what was written.
   */
  copyTo(folder: string): Promise<CatalogDescription>;
  /**
   * Rewrites the file without deleted rows and without its log. Throws `store_unavailable` while
   * another process uses the catalog for long, and `storage_full`; the catalog is then as it was.
   */
  compact(): Promise<void>;
}
