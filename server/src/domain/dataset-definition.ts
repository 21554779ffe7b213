/**
 * How a dataset's rows become contacts: which columns hold identities, which column fills which field, and how its
 * files are read. The catalog keeps it as JSON; `sync/` reads it. The fields' own types are in the fields.
 */

export interface DatasetDefinition {
  /** In order of strength: the first that a row holds names its contact in the snapshot. */
  readonly identifiers: readonly DatasetIdentifier[];
  /** In the order of the source. */
  readonly columns: readonly DatasetColumn[];
  /** How the source is read (kind, delimiter, date order ...); the source's own words, plain JSON. */
  readonly format: Readonly<Record<string, unknown>>;
}

export interface DatasetIdentifier {
  readonly identityType: string;
  readonly column: string;
}

export interface DatasetColumn {
  readonly column: string;
  /** The field it fills; `null`: skipped. */
  readonly field: string | null;
}
