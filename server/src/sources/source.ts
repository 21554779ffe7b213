/**
 * A source of rows, as the write side sees it. This file is the manual; the one kind so far is a file (`file/`).
 *
 * What a source promises:
 * - **It becomes a relation** of the workbench: one row per row of the source, the columns `c0`, `c1`, ... as texts (no value: NULL),
 *   in the order of `columns`. Column names of the source never become names in SQL.
 * - **Row numbers** count from 1 as `SourceRelation` says, so that a person finds the row in the file.
 * - **Nothing is dropped in silence**: a row that cannot be read is reported to `onRejection` with its number and a reason; what
 *   was done to read the source (another encoding, a second header of the same name) is said in `notes`.
 * - **Two ways**: `open` trusts a well-formed file and is fast. A query over it that fails with `SourceMalformed` (`source-malformed.ts`) is no verdict yet:
 *   `openCarefully` reads byte by byte, names what is wrong, and is the last word.
 * - **Errors** are for people: `definition_invalid` for a source that cannot be read at all (missing, empty, of an unknown
 *   kind), naming the file, never a value in it.
 */
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
   * `place`: the relation's n-th row is row n of the source, in order. `column`: the relation has one column more, `n`, with the row
   * number less one.
   */
  readonly rowNumbers: 'place' | 'column';
  /** For people, a sentence each. */
  readonly notes: readonly string[];
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
  /** Bytes of the source as stored. */
  readonly bytes: number;
  open(options: OpenOptions): Promise<SourceRelation>;
  openCarefully(options: OpenOptions): Promise<SourceRelation>;
}
