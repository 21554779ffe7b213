/**
 * Opens the source that a definition names. A new source kind gets a case here. Clients of
 * databases and HTTP are imported only when needed, because they load slowly.
 */
import { basename } from 'node:path';
import type { SourceDefinition } from '../domain/dataset/dataset-definition.ts';
import { openFiles, openFilesToCheck, openNamedFile } from './file/file-source.ts';
import type { HttpDefinition } from './http/http-source.ts';
import type { QueryDefinition } from './query/query-source.ts';
import { type OpenSourceOptions, type Source, type UploadedFile, withRelation } from './source.ts';
import { invalidSource, noUpload } from './source-failure.ts';

/**
 * Opens one file for an import.
 * @throws UsherError `definition_invalid`
 */
export async function openSource(
  path: string,
  encoding?: string,
  name = basename(path),
): Promise<Source> {
  return openNamedFile({ path, name, encoding }, null);
}

/**
 * Opens the source of a dataset. Rows that are not in a file yet are first fetched into
 * `options.folder`.
 * @throws UsherError `definition_invalid`, `source_unavailable`, `storage_full`
 */
export async function openDefinedSource(
  definition: SourceDefinition,
  options: OpenSourceOptions,
): Promise<Source> {
  switch (definition.kind) {
    case 'file':
      return openFiles(definition.paths, options.watermark, definition.encoding);
    case 'http':
      return openHttp(definition, options);
    case 'mysql':
      return (await import('./sql/mysql-source.ts')).openMysqlSource(definition, options);
    case 'postgres':
      return (await import('./sql/postgres-source.ts')).openPostgresSource(definition, options);
    case 'query':
      return openQuery(definition, options);
    case 'sqlite':
      return (await import('./sql/sqlite-source.ts')).openSqliteSource(definition, options);
    case 'upload':
      return openUpload(definition.encoding, options.upload);
    default: {
      // The type check fails here when a kind has no case. At run time, the kind can be one that
      // only a newer version of Usher knows, and has stored.
      const { kind } = definition satisfies { kind: 'push' };
      throw invalidSource(
        `This version cannot open a source of the kind ${kind}. Update Usher, or change the kind in the definition.`,
      );
    }
  }
}

async function openUpload(encoding: string | undefined, file: UploadedFile | undefined) {
  if (file === undefined) throw noUpload();
  const source = await openNamedFile({ ...file, encoding }, null);
  // Each file has a path of its own, as fetched ones do, so `files` is left out.
  const named = { ...source, kind: 'upload', name: 'upload' };
  return withRelation(named, ({ files: _, ...rest }) => rest);
}

async function openHttp(definition: HttpDefinition, options: OpenSourceOptions): Promise<Source> {
  const { fetchHttpFile } = await import('./http/http-source.ts');
  const { bytes, ...file } = await fetchHttpFile(definition, options);
  const source = await openNamedFile(file, null);
  // A run finds files that had rows in the last run and have none now, by their paths. The fetched
  // file has a new path in each run, so `files` is left out.
  const named = { ...source, kind: 'http', name: 'http', bytes };
  return withRelation(named, ({ files: _, ...rest }) => rest);
}

async function openQuery(definition: QueryDefinition, options: OpenSourceOptions): Promise<Source> {
  const { runQuery } = await import('./query/query-source.ts');
  const { path, bytes, files } = await runQuery(definition, {
    ...options,
    openFiles: (paths) => openFilesToCheck(paths, definition.encoding),
  });
  const source = await openNamedFile({ path, name: "The query's result" }, options.watermark);
  // `files` are the files that the query read, not the file that holds its result.
  const named = { ...source, kind: 'query', name: 'query', bytes };
  return withRelation(named, (relation) => ({ ...relation, files: async () => files }));
}
