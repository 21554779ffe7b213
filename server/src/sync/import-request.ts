/** What an import is asked to do; the command line's flags as values. */
export interface ImportRequest {
  readonly path: string;
  /** `undefined`: named after the file. */
  readonly dataset: string | undefined;
  /**
   * `append`: rows that are gone stay; `snapshot`: the file is all there is, and what is gone is
   * cleared.
   */
  readonly mode: 'append' | 'snapshot';
  readonly identifiers: readonly { readonly type: string; readonly column: string }[];
  /** By field or column name. */
  readonly types: ReadonlyMap<string, string>;
  /** Column to field. */
  readonly renames: ReadonlyMap<string, string>;
  readonly prefix: string;
  readonly skips: readonly string[];
  /** How the text is written, as somebody declares it; missing: told from the bytes. */
  readonly encoding?: string;
  readonly dryRun: boolean;
  /** The command as it was given with these flags more, ready to be pasted into a shell. */
  readonly commandWith: (...moreFlags: readonly string[]) => string;
}
