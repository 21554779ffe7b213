/** What an import should do: the flags of the command line as values. */
export interface ImportRequest {
  readonly path: string;
  /** `undefined` if the dataset is named after the file. */
  readonly dataset: string | undefined;
  /** `snapshot` clears the values of contacts that the file no longer has; `append` keeps them. */
  readonly mode: 'append' | 'snapshot';
  readonly identifiers: readonly { readonly type: string; readonly column: string }[];
  /** The declared type, by field name or column name. */
  readonly types: ReadonlyMap<string, string>;
  /** Field name by column. */
  readonly renames: ReadonlyMap<string, string>;
  readonly prefix: string;
  readonly skips: readonly string[];
  /** The declared encoding. By default it is detected from the bytes. */
  readonly encoding?: string;
  readonly dryRun: boolean;
  /**
   * Whether the plan is only looked at. Then it may have no column that identifies contacts, and
   * identity types that do not exist yet: `name` or `name:normalisation`.
   */
  readonly isDraft?: boolean;
  /** Whether types, identifiers and skips name columns by their place in the file, from 1. */
  readonly isByPlace?: boolean;
  /** The same command with more flags, ready for a shell. */
  readonly commandWith: (...moreFlags: readonly string[]) => string;
}
