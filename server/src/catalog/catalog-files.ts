/**
 * The file of a catalog that is kept in the data folder, as backup and restore see it. A catalog in
 * a database server has none: that server's own tools copy it.
 */

export interface CatalogDescription {
  /**
   * The steps that made its tables, in order; a release that does not know one of them cannot read
   * it.
   */
  readonly steps: readonly string[];
}

export interface CatalogFiles {
  /** In the data folder, and in a copy's. */
  readonly fileName: string;

  /** Those that this release knows. */
  readonly knownSteps: readonly string[];

  readonly bytes: number;

  /** Reads all of it. `store_unavailable` for a file that is damaged or no catalog. */
  describe(): Promise<CatalogDescription>;

  /**
   * Copies it, as it is at one moment, into a file of that name in a folder, synced and read back;
   * changes go on meanwhile. What was removed from it is not in the copy. `storage_full`: no room
   * there, and what was written is to be thrown away.
   */
  copyTo(folder: string): Promise<CatalogDescription>;
}
