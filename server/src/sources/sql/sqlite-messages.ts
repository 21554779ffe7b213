/** Messages between `sqlite-source.ts` and the process that it starts. */
import type { ProblemCode } from '../../domain/errors.ts';
import type { OpenSourceOptions } from '../source.ts';

export interface SqliteRequest {
  readonly path: string;
  readonly sql: string;
  /** The file to write. */
  readonly file: string;
  readonly watermark: OpenSourceOptions['watermark'];
}

export type SqliteAnswer =
  /** Bytes written since the last message. */
  | { readonly kind: 'progress'; readonly bytes: number }
  | {
      readonly kind: 'done';
      /** The columns in the file. */
      readonly names: readonly string[];
      /** Columns of bytes. */
      readonly leftOut: readonly string[];
      readonly highest: string | null;
    }
  /** `detail` is for the operator. */
  | { readonly kind: 'failed'; readonly code: ProblemCode; readonly detail: string };
