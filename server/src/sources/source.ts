/**
 * The interface of a source of rows, as `sync/` uses it. Its implementations are in the folders
 * beside this file; `open-source.ts` chooses one. A source keeps these promises:
 * - **It is a relation** in the workbench: one row per row of the source, with the columns `c0`,
 *   `c1`, ... of type VARCHAR (NULL: no value), in the order of `columns`. Its own column names
 *   never appear in SQL.
 * - **Row numbers** count from 1, so that a person can find the row in the file.
 * - **No row is lost silently.** An unreadable row goes to `onRejection` with its number and a
 *   reason. Adjustments, such as a detected encoding or a renamed column, are in `notes`.
 * - **There are two ways to read.** `open` is fast and trusts the file. If a query over it fails
 *   with `SourceMalformed`, `openCarefully` reads byte by byte and reports what is wrong.
 * - **It does not change while it is read.** `confirm`, called after the last row, fails with
 *   `source_unavailable` if it did.
 * - **Errors are for the operator.** A file that is missing, empty or of an unknown format fails
 *   with `definition_invalid`. The message names the file, never a value in it.
 * Example: `const { sql } = await source.open({ workbench, onRejection }); await
 * workbench.rows(`SELECT c0 FROM ${sql}`);`
 */
import type { SecretReference } from '../domain/dataset/dataset-definition.ts';
import type { RejectionCode } from '../domain/errors.ts';
import type { Workbench } from './workbench.ts';

export interface SourceRejection {
  /** Counts from 1. */
  readonly row: number;
  readonly column: string | null;
  readonly code: RejectionCode;
  /** Never repeats a value. */
  readonly reason: string;
}

export interface SourceRelation {
  /** Distinct and not empty. */
  readonly columns: readonly string[];
  /** Goes after FROM. */
  readonly sql: string;
  /**
   * `position`: the n-th row of the relation is row n of the source. `column`: the relation also
   * has a column `n` that holds the row number minus 1. Rows come in the order of their numbers
   * either way, unless a query over them loses it, as a join does.
   */
  readonly rowNumbers: 'position' | 'column';
  /** Sentences for the operator. */
  readonly notes: readonly string[];
  /** Indexes of the columns that the source stores as doubles; set if that is known. */
  readonly doubles?: ReadonlySet<number>;
  /** The number of all rows, including rejected ones; set if reading counted them. */
  readonly rowCount?: number;
  /**
   * For several files: SQL that selects `name` (VARCHAR) and `start` (BIGINT: rows before its first
   * row) of each file with rows. It may read the files again, so run it only to name a row.
   */
  readonly filesSql?: string;
  /** For files: finds out which of them have rows. A call reads the beginning of each file. */
  readonly files?: () => Promise<readonly FileRows[]>;
}

export interface FileRows {
  /** The same in every run for a file at the same path. */
  readonly key: string;
  /** For messages. */
  readonly name: string;
  /** Whether the file has rows; rejected rows count. */
  readonly hasRows: boolean;
}

export interface OpenOptions {
  readonly workbench: Workbench;
  readonly onRejection: (rejection: SourceRejection) => void;
  /** During a slow reading, called now and then with the bytes read so far. */
  readonly onProgress?: (bytes: number) => void;
  /** If set, `digest` will be called with this key: the source may read for both at once. */
  readonly digestKey?: Uint8Array | undefined;
}

/** Both ways to read a source. */
export interface SourceReader {
  open(options: OpenOptions): Promise<SourceRelation>;
  openCarefully(options: OpenOptions): Promise<SourceRelation>;
}

export interface Source extends SourceReader {
  /** One or two words: `csv`, `postgres`. */
  readonly kind: string;
  /** The default name of a dataset that is imported from it. */
  readonly name: string;
  /** For a single file: its key in `FileRows`. */
  readonly key?: string;
  /** Stored bytes; of several files their sum. */
  readonly bytes: number;
  /** Absolute paths that the workbench must be allowed to read. */
  readonly allowedPaths: readonly string[];
  /**
   * A digest of everything that the rows depend on: sources with the same digest have the same
   * rows. `undefined` if the source changed since it was opened, or cannot be read.
   * @param key 32 secret bytes. Do not store the digest as it is: somebody who knows digests can
   *   make a file with one of them
   */
  digest?(key: Uint8Array): Promise<string | undefined>;
  /** @throws UsherError `source_unavailable` if the source changed since it was opened */
  confirm?(): Promise<void>;
  /**
   * The highest value of the watermark's column, to pass as `from` next time; `null` when no row
   * has one. Call it after `open` or `openCarefully`.
   */
  readWatermark?(): string | null;
}

/** The source with another relation, whichever way it is read. */
export function withRelation(
  source: Source,
  change: (relation: SourceRelation, by: OpenOptions) => SourceRelation | Promise<SourceRelation>,
): Source {
  return {
    ...source,
    open: async (options) => change(await source.open(options), options),
    openCarefully: async (options) => change(await source.openCarefully(options), options),
  };
}

/** A file that a caller uploaded. */
export interface UploadedFile {
  readonly path: string;
  /** For messages: the name that the caller gave it. */
  readonly name: string;
}

/** What opening a source needs besides its definition. */
export interface OpenSourceOptions {
  /** An existing folder of this run for fetched files. The caller removes it. */
  readonly folder: string;
  /** Resolves a secret's reference. */
  readonly secrets: (reference: SecretReference) => Promise<string>;
  /** Private networks (CIDR) that sources may reach; other private addresses are refused. */
  readonly allowedAddresses: readonly string[];
  /** Read only rows at or after `from` (`null`: all). Rows without a value are always read. */
  readonly watermark: { readonly column: string; readonly from: string | null } | null;
  /** Reference rows for queries: the dataset's name and a Parquet file. */
  readonly references: ReadonlyMap<string, string>;
  /** For the kind `upload`: the file to read. */
  readonly upload?: UploadedFile | undefined;
  readonly interrupted: AbortSignal;
  /** Bytes fetched so far. */
  readonly onProgress: (bytes: number) => void;
}
