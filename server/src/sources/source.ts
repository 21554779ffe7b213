/**
 * A source of rows, as the write side sees it. This file is the manual; its kinds are folders
 * beside it, and `open-source.ts` chooses.
 *
 * What a source promises:
 * - **It becomes a relation** of the workbench: one row per row of the source, the columns `c0`,
 *   `c1`, ... as texts (no value: NULL), in the order of `columns`. Column names of the source
 *   never become names in SQL.
 * - **Row numbers** count from 1 as `SourceRelation` says, so that a person finds the row in the
 *   file.
 * - **Nothing is dropped in silence**: a row that cannot be read is reported to `onRejection` with
 *   its number and a reason; what was done to read the source (another encoding, a second header of
 *   the same name) is said in `notes`.
 * - **Two ways**: `open` trusts a well-formed file and is fast. A query over it that fails with
 *   `SourceMalformed` (`source-malformed.ts`) is no verdict yet: `openCarefully` reads byte by
 *   byte, names what is wrong, and is the last word.
 * - **It stays as it was opened**: what changes while it is read is no source. `confirm`, called
 *   when all was read, fails with `source_unavailable` then.
 * - **Errors** are for people: `definition_invalid` for a source that cannot be read at all
 *   (missing, empty, of an unknown kind), naming the file, never a value in it.
 */
import type { SecretReference } from '../domain/dataset/dataset-definition.ts';
import type { RejectionCode } from '../domain/errors.ts';
import type { Workbench } from './workbench.ts';

export interface SourceRejection {
  /** From 1. */
  readonly row: number;
  readonly column: string | null;
  readonly code: RejectionCode;
  /** Never repeats a value. */
  readonly reason: string;
}

export interface SourceRelation {
  /** Distinct, not empty. */
  readonly columns: readonly string[];
  /** What stands after FROM. */
  readonly sql: string;
  /**
   * `place`: the relation's n-th row is row n of the source, in order. `column`: the relation has
   * one column more, `n`, with the row number less one.
   */
  readonly rowNumbers: 'place' | 'column';
  /** For people, a sentence each. */
  readonly notes: readonly string[];
  /** Places of the columns that the source itself keeps as doubles; missing: none that is known. */
  readonly doubles?: ReadonlySet<number>;
  /** Its rows, those that were rejected with them, where reading it told. */
  readonly rowCount?: number;
  /**
   * Of several files: a SELECT of `name` (VARCHAR) and `start` (BIGINT: the number of its first row
   * less one) for each that has rows. It may read the files once more, and is run only when a row
   * is to be named. Missing: row numbers are those of the one file.
   */
  readonly filesSql?: string;
  /** Of files that somebody named: which of them have rows. It reads the beginning of each. */
  readonly files?: () => Promise<readonly FileRows[]>;
}

export interface FileRows {
  /** The same for a file of the same path, now and later. */
  readonly key: string;
  /** What messages may call it. */
  readonly name: string;
  /** Rejected ones count. */
  readonly hasRows: boolean;
}

export interface OpenOptions {
  readonly workbench: Workbench;
  readonly onRejection: (rejection: SourceRejection) => void;
  /** Called now and then with the bytes read so far, while a slow reading goes on. */
  readonly onProgress?: (bytes: number) => void;
}

export interface Source {
  /** What it is, in a word or two. */
  readonly kind: string;
  /** What a dataset is named after when nobody names it. */
  readonly name: string;
  /** Of one file: what `FileRows` names it by. */
  readonly key?: string;
  /** Bytes of the source as stored; of several files their sum. */
  readonly bytes: number;
  /** What the workbench must be allowed to read besides its own folder: absolute paths of files. */
  readonly allowedPaths: readonly string[];
  open(options: OpenOptions): Promise<SourceRelation>;
  openCarefully(options: OpenOptions): Promise<SourceRelation>;
  /**
   * @throws UsherError `source_unavailable` when the source is not what it was when it was opened
   */
  confirm?(): Promise<void>;
  /**
   * Of a source that was asked for a watermark: the highest value of its column, as text that the
   * next opening takes as `from`; `null`: no row has one. Known once `open` or `openCarefully`
   * answered.
   */
  readWatermark?(): string | null;
}

/** What opening a defined source takes besides its definition. */
export interface OpenSourceOptions {
  /**
   * A folder of the run's own, below the workbench's: what is fetched goes here. It is there, and
   * whoever made it removes it.
   */
  readonly folder: string;
  /** The secret that a reference names. */
  readonly secrets: (reference: SecretReference) => Promise<string>;
  /** Networks (CIDR) that may be reached although they are private. */
  readonly allowedAddresses: readonly string[];
  /**
   * Only rows whose column is at or after `from` (`null`: all); those without a value there always.
   */
  readonly watermark: { readonly column: string; readonly from: string | null } | null;
  /** Reference rows for queries: the dataset's name, and a Parquet file. */
  readonly references: ReadonlyMap<string, string>;
  readonly interrupted: AbortSignal;
  /** Bytes fetched so far. */
  readonly onProgress: (bytes: number) => void;
}
