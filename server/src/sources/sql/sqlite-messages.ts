/** What the process that reads an SQLite file is asked, and what it answers. */

export interface SqliteRequest {
  readonly path: string;
  readonly sql: string;
  /** Where the rows go. */
  readonly file: string;
  readonly watermark: { readonly column: string; readonly from: string | null } | null;
}

export type SqliteAnswer =
  /** Bytes written since the last one. */
  | { readonly kind: 'progress'; readonly bytes: number }
  | {
      readonly kind: 'done';
      readonly names: readonly string[];
      /** By column: whether it was left out. */
      readonly isBytes: readonly boolean[];
      readonly highest: string | null;
    }
  | {
      readonly kind: 'failed';
      readonly reason:
        | 'not-a-select'
        | 'no-watermark'
        | 'too-many-rows'
        | 'bytes'
        | 'mixed-watermark';
      readonly column: string | null;
      readonly row: number | null;
    }
  /** The engine or the disk said no. */
  | {
      readonly kind: 'broken';
      readonly code: string;
      /** What does not exist, as "table people". */
      readonly missing: string | null;
      readonly severalStatements: boolean;
    };
