/** Messages between `sqlite-source.ts` and the process that it starts. */

export interface SqliteRequest {
  readonly path: string;
  readonly sql: string;
  /** The file to write. */
  readonly file: string;
  readonly watermark: { readonly column: string; readonly from: string | null } | null;
}

export type SqliteAnswer =
  /** Bytes written since the last message. */
  | { readonly kind: 'progress'; readonly bytes: number }
  | {
      readonly kind: 'done';
      readonly names: readonly string[];
      /** For each column, whether it was left out. */
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
  /** SQLite or the disk failed. */
  | {
      readonly kind: 'broken';
      readonly code: string;
      /** What does not exist, such as "table people". */
      readonly missing: string | null;
      readonly severalStatements: boolean;
    };
