/**
 * The definition of a dataset: its source, how its rows become contacts, when it is synced, and its
 * limits. The catalog keeps it as JSON. `administration/` checks it, `sources/` opens its source,
 * `sync/` runs it.
 */
import type { Feed } from '../membership/membership-feed.ts';

/**
 * `contact`: a row fills fields of a contact. `membership`: rows report flows, journeys or
 * campaigns. `list`: rows contain identities of existing contacts. `identity`: rows say which
 * identities belong to one contact. `reference`: rows with a key, which queries can join.
 */
export const datasetKinds = ['contact', 'membership', 'list', 'identity', 'reference'] as const;
export type DatasetKind = (typeof datasetKinds)[number];

/** Old spellings of kinds. Catalog files, request bodies and stored definitions may have them. */
export const formerKinds: ReadonlyMap<unknown, DatasetKind> = new Map([['lookup', 'reference']]);

/**
 * What a sync does to contacts whose rows are no longer in the source. `append` and `incremental`
 * keep their values, `snapshot` clears them. `incremental` reads only rows whose `updatedAt` column
 * has a value at or after the watermark.
 */
export const syncModes = ['append', 'snapshot', 'incremental'] as const;
export type SyncMode = (typeof syncModes)[number];

/** What look-ups do with values older than `maxAge`: return them, flag them, or return null. */
export const stalePolicies = ['serve', 'flag', 'withhold'] as const;
export type StalePolicy = (typeof stalePolicies)[number];

export interface DatasetDefinition {
  readonly kind: DatasetKind;
  /** `null` if people import files by hand. */
  readonly source: SourceDefinition | null;
  /**
   * In the order of the definition, the strongest first: the first that a row has is its key, if
   * none is of the organization's stable type. Empty for `reference`.
   */
  readonly identifiers: readonly DatasetIdentifier[];
  /** For the kind `reference`: the column of the key. */
  readonly key: string | null;
  /** For the kind `membership`: what the rows report. */
  readonly feed: Feed | null;
  /** In the order of the source. */
  readonly columns: readonly DatasetColumn[];
  /**
   * How the source writes the values of columns (date order, decimal comma, separator): JSON that
   * `sync/` reads.
   */
  readonly format: Readonly<Record<string, unknown>>;
  readonly mode: SyncMode;
  /** For the mode `incremental`: the column with the time of a row's last change. */
  readonly updatedAt: string | null;
  readonly schedule: SyncSchedule | null;
  /** Share of the dataset's contacts, 0 to 1, that a run may change or clear without approval. */
  readonly maxChangeShare: number;
  /**
   * Share of the rows, 0 to 1, that a first run may reject without approval. A later run may reject
   * a slightly larger share than the last applied run did (`rejected-share.ts`).
   */
  readonly maxRejectedShare: number;
  /**
   * How many contacts a run may join with others without approval, as a share of the contacts that
   * the dataset names, 0 to 1.
   */
  readonly maxJoinedShare: number;
  readonly maxAge: MaxAge | null;
}

export interface DatasetIdentifier {
  readonly identityType: string;
  readonly column: string;
}

export interface DatasetColumn {
  readonly column: string;
  /** The field that the column fills; `null`: none. */
  readonly field: string | null;
}

export interface SyncSchedule {
  /** Five fields as in crontab(5), or six with seconds first. */
  readonly cron: string;
  /** IANA name. */
  readonly timeZone: string;
}

export interface MaxAge {
  readonly ms: number;
  readonly policy: StalePolicy;
}

/** Where a secret is, never its value: `env:NAME` or `file:/absolute/path`. */
export type SecretReference = string;

/**
 * The encoding of text files: a label of WHATWG's Encoding Standard. If missing, it is detected
 * from the bytes; for HTTP, the charset of Content-Type comes first.
 */
interface Encoded {
  readonly encoding?: string;
}

export type SourceDefinition =
  /** Absolute paths or globs (`*`, `?`, `[...]`, `**`) of files that have the same format. */
  | ({ readonly kind: 'file'; readonly paths: readonly string[] } & Encoded)
  /**
   * One SELECT of DuckDB. It sees two kinds of tables: the named files, and the rows of `reference`
   * datasets under the datasets' names.
   */
  | ({
      readonly kind: 'query';
      /** Table names with absolute paths or globs. Pairs, because people choose the names. */
      readonly files: readonly (readonly [name: string, paths: readonly string[]])[];
      readonly sql: string;
    } & Encoded)
  | { readonly kind: 'postgres'; readonly url: SecretReference; readonly sql: string }
  | { readonly kind: 'mysql'; readonly url: SecretReference; readonly sql: string }
  | { readonly kind: 'sqlite'; readonly path: string; readonly sql: string }
  | ({
      readonly kind: 'http';
      readonly url: string;
      /** Header name, and a reference to the secret value. */
      readonly headers: readonly (readonly [name: string, value: SecretReference])[];
      /**
       * A file extension (`csv`, `ndjson.gz`); `null`: detected from the URL's path, else from the
       * media type.
       */
      readonly format: string | null;
      /** For JSON in pages; `null`: the answer is one file. */
      readonly pages: HttpPages | null;
    } & Encoded)
  /** Callers upload a file for each run (`POST /admin/v1/uploads`). */
  | ({ readonly kind: 'upload' } & Encoded)
  /** Callers send rows to `POST /ingest/v1/contacts`. */
  | { readonly kind: 'push' };

export interface HttpPages {
  /** JSON Pointer (RFC 6901) to the array of rows; '' for the page itself. */
  readonly items: string;
  /** JSON Pointer to the next page's URL or cursor; `null`: the header `Link` (RFC 8288) has it. */
  readonly next: string | null;
  /** The query parameter in which the cursor is sent; `null`: `next` points to a URL. */
  readonly parameter: string | null;
}

/** The default of each member. Stored definitions of earlier releases lack newer members. */
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
  maxJoinedShare: 0.05,
  maxAge: null,
};
