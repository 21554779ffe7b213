/**
 * What a dataset is: where its rows come from, how they become contacts, when, and what guards
 * them. The catalog keeps it as JSON; `administration/` says what may be defined, `sources/` opens
 * the source, `sync/` brings it in. The fields' own types are in the fields.
 */

/**
 * `contact`: a row fills fields of a contact. `membership`: rows report flows or campaigns. `list`:
 * rows name existing contacts. `reference`: rows with a key, for queries and templates.
 */
export const datasetKinds = ['contact', 'membership', 'list', 'reference'] as const;
export type DatasetKind = (typeof datasetKinds)[number];

/** Old spellings of kinds. Catalog files, request bodies and stored definitions may have them. */
export const formerKinds: ReadonlyMap<unknown, DatasetKind> = new Map([['lookup', 'reference']]);

/**
 * `append`: what the source no longer names stays. `snapshot`: the source is all there is, and what
 * is gone is cleared. `incremental`: only rows whose updated-at column moved are read; nothing is
 * cleared.
 */
export const syncModes = ['append', 'snapshot', 'incremental'] as const;
export type SyncMode = (typeof syncModes)[number];

/**
 * What becomes of values older than a dataset's `maxAge`: answered, answered and flagged, or
 * answered as null.
 */
export const stalePolicies = ['serve', 'flag', 'withhold'] as const;
export type StalePolicy = (typeof stalePolicies)[number];

export interface DatasetDefinition {
  readonly kind: DatasetKind;
  /** `null`: files that people bring in by hand. */
  readonly source: SourceDefinition | null;
  /**
   * In order of strength: the first that a row holds names its contact. Empty for the kind
   * `reference`.
   */
  readonly identifiers: readonly DatasetIdentifier[];
  /** Of the kind `reference`: the column that rows are found by. */
  readonly key: string | null;
  /** Of the kind `membership`: what its rows report. */
  readonly feed: 'flow' | 'campaign' | null;
  /** In the order of the source. */
  readonly columns: readonly DatasetColumn[];
  /**
   * How columns are written (date order, decimal comma, separator), as `sync/` tells it; plain
   * JSON.
   */
  readonly format: Readonly<Record<string, unknown>>;
  readonly mode: SyncMode;
  /** Of the mode `incremental`: the column that says when a row last changed. */
  readonly updatedAt: string | null;
  readonly schedule: SyncSchedule | null;
  /** Share of the dataset's contacts, 0 to 1, that a run may change or clear without approval. */
  readonly maxChangeShare: number;
  /**
   * Share of the rows, 0 to 1, that the first run may reject without approval. Later runs are
   * compared with the last applied one.
   */
  readonly maxRejectedShare: number;
  readonly maxAge: MaxAge | null;
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

export interface SyncSchedule {
  /** Five fields, as crontab(5); or six with seconds in front. */
  readonly cron: string;
  /** IANA name. */
  readonly timeZone: string;
}

export interface MaxAge {
  readonly ms: number;
  readonly policy: StalePolicy;
}

/** A secret by reference, never by value: `env:NAME` or `file:/absolute/path`. */
export type SecretReference = string;

/**
 * How text of files is written: a label of the WHATWG's Encoding Standard; missing: it is told from
 * the bytes.
 */
interface Encoded {
  readonly encoding?: string;
}

export type SourceDefinition =
  /** Absolute paths or globs (`*`, `?`, `[...]`, `**`) of files of one form. */
  | ({ readonly kind: 'file'; readonly paths: readonly string[] } & Encoded)
  /**
   * One SELECT of DuckDB over named files: each name is a table of all rows of its files. Rows of
   * `reference` datasets are there under the names of their datasets. The query sees nothing else.
   */
  | ({
      readonly kind: 'query';
      /** Pairs of table name and absolute path or glob, since names are other people's words. */
      readonly files: readonly (readonly [name: string, paths: readonly string[]])[];
      readonly sql: string;
    } & Encoded)
  | { readonly kind: 'postgres'; readonly url: SecretReference; readonly sql: string }
  | { readonly kind: 'mysql'; readonly url: SecretReference; readonly sql: string }
  | { readonly kind: 'sqlite'; readonly path: string; readonly sql: string }
  | ({
      readonly kind: 'http';
      readonly url: string;
      /** Pairs of header name and value; the values are secret references. */
      readonly headers: readonly (readonly [name: string, value: SecretReference])[];
      /**
       * As a file's extension (`csv`, `ndjson.gz`); `null`: from the URL's path, else from its
       * media type.
       */
      readonly format: string | null;
      /** For paginated JSON; `null`: the answer is one file. */
      readonly pages: HttpPages | null;
    } & Encoded)
  /** Rows come by `POST /ingest/v1/contacts`. */
  | { readonly kind: 'push' };

export interface HttpPages {
  /** JSON Pointer (RFC 6901) to the array of rows in a page; '' for the page itself. */
  readonly items: string;
  /**
   * JSON Pointer to the next page's URL or cursor; `null`: the `Link` header with rel="next" (RFC
   * 8288).
   */
  readonly next: string | null;
  /** The query parameter that takes the cursor; `null`: `next` is a URL. */
  readonly parameter: string | null;
}

/**
 * What holds where a definition says nothing; older ones kept in the catalog say less than newer
 * ones.
 */
export const usualDefinition: DatasetDefinition = {
  kind: 'contact',
  source: null,
  identifiers: [],
  key: null,
  feed: null,
  columns: [],
  format: {},
  mode: 'append',
  updatedAt: null,
  schedule: null,
  maxChangeShare: 0.3,
  maxRejectedShare: 0.05,
  maxAge: null,
};
