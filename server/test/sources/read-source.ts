/** Opens a defined source as a sync does, and reads all its rows. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UsherError } from '../../src/domain/errors.ts';
import type {
  OpenSourceOptions,
  Source,
  SourceRejection,
  SourceRelation,
} from '../../src/sources/source.ts';
import { SourceMalformed } from '../../src/sources/source-failure.ts';
import { openWorkbench, type Workbench } from '../../src/sources/workbench.ts';

export interface ReadRows {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | null)[])[];
  readonly notes: readonly string[];
  readonly rejections: readonly SourceRejection[];
  readonly watermark: string | null;
}

export type OpenOptions = Partial<OpenSourceOptions>;

/** The default options. The secret of `env:URL` is `url`. */
export function sourceOptions(
  folder: string,
  url: string,
  more: OpenOptions = {},
): OpenSourceOptions {
  return {
    folder,
    secrets: async () => url,
    allowedAddresses: [],
    watermark: null,
    references: new Map(),
    interrupted: new AbortController().signal,
    onProgress: () => undefined,
    ...more,
  };
}

/** A folder like that of a run. `end` removes it. */
export function makeRunFolder(): { folder: string; end: () => void } {
  const base = mkdtempSync(join(tmpdir(), 'usher-source-'));
  const folder = join(base, 'source');
  mkdirSync(folder);
  return { folder, end: () => rmSync(base, { recursive: true, force: true }) };
}

/** @param open opens the source with a temporary folder */
export async function readSource(open: (folder: string) => Promise<Source>): Promise<ReadRows> {
  const { folder, end } = makeRunFolder();
  try {
    const source = await open(folder);
    const workbench = await openWorkbench({
      folder: join(folder, 'workbench'),
      allowedPaths: source.allowedPaths,
      allowedFolders: [],
      threads: 2,
    });
    try {
      return await readRelation(source, workbench);
    } finally {
      await workbench.close();
    }
  } finally {
    end();
  }
}

/** All rows of an opened source. Falls back to careful mode if the source is malformed. */
export async function readRelation(source: Source, workbench: Workbench): Promise<ReadRows> {
  const rejections: SourceRejection[] = [];
  const options = { workbench, onRejection: (one: SourceRejection) => rejections.push(one) };
  const read = async (relation: SourceRelation): Promise<ReadRows> => {
    const cells = relation.columns.map((_, place) => `c${place}`).join(', ');
    const rows = await workbench.rows(`SELECT ${cells} FROM ${relation.sql}`);
    return {
      columns: relation.columns,
      rows: rows as (string | null)[][],
      notes: relation.notes,
      rejections,
      watermark: source.readWatermark?.() ?? null,
    };
  };
  try {
    return await read(await source.open(options));
  } catch (error) {
    if (!(error instanceof SourceMalformed)) throw error;
    return read(await source.openCarefully(options));
  }
}

/** The same source with a single row, which is the number of its rows. */
export function countingRows(source: Source): Source {
  const counted = ({ sql, ...relation }: SourceRelation): SourceRelation => ({
    ...relation,
    columns: ['rows'],
    sql: `(SELECT CAST(count(*) AS VARCHAR) AS c0 FROM ${sql})`,
  });
  return {
    ...source,
    open: async (options) => counted(await source.open(options)),
    openCarefully: async (options) => counted(await source.openCarefully(options)),
  };
}

/** The error with which opening or reading fails. */
export async function failureOf(reading: Promise<unknown>): Promise<UsherError> {
  const error = await reading.then(
    () => undefined,
    (cause: unknown) => cause,
  );
  assert.ok(error instanceof UsherError, `the error is ${String(error)}`);
  assert.equal(error.cause, undefined, 'a cause may repeat rows and secrets');
  return error;
}
