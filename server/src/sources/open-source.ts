/** Chooses the kind of source; the one place that knows the kinds. */
import type { SourceDefinition } from '../domain/dataset-definition.ts';
import { UsherError } from '../domain/errors.ts';
import { openFileSource, openFiles, openFilesToCheck, openNamedFile } from './file/file-source.ts';
import { fetchHttpFile, type HttpDefinition } from './http/http-source.ts';
import { type QueryDefinition, runQuery } from './query/query-source.ts';
import type { OpenSourceOptions, Source } from './source.ts';
import { openMysqlSource } from './sql/mysql-source.ts';
import { openPostgresSource } from './sql/postgres-source.ts';
import { openSqliteSource } from './sql/sqlite-source.ts';

/** @throws UsherError `definition_invalid` for a path that is no file of a known kind, in words for people */
export async function openSource(path: string): Promise<Source> {
  return openFileSource(path);
}

/**
 * Opens what a dataset's definition names; what is not a file yet becomes one below `options.folder` first.
 * @throws UsherError `definition_invalid` where the definition cannot work, in words for the operator
 */
export async function openDefinedSource(
  definition: SourceDefinition,
  options: OpenSourceOptions,
): Promise<Source> {
  switch (definition.kind) {
    case 'http':
      return openHttp(definition, options);
    case 'mysql':
      return openMysqlSource(definition, options);
    case 'sqlite':
      return openSqliteSource(definition, options);
    case 'postgres':
      return openPostgresSource(definition, options);
    case 'file':
      return openFiles(definition.paths, options.watermark);
    case 'query':
      return openQuery(definition, options);
    default:
      throw new UsherError(
        'definition_invalid',
        `A source of the kind ${definition.kind} cannot be opened by this version.`,
      );
  }
}

async function openHttp(definition: HttpDefinition, options: OpenSourceOptions): Promise<Source> {
  const file = await fetchHttpFile(definition, options);
  const source = await openNamedFile(file, null);
  return { ...source, kind: 'http', name: 'http', bytes: file.bytes };
}

async function openQuery(definition: QueryDefinition, options: OpenSourceOptions): Promise<Source> {
  const { path, bytes } = await runQuery(definition, { ...options, openFiles: openFilesToCheck });
  const result = await openNamedFile({ path, name: "The query's result" }, options.watermark);
  return { ...result, kind: 'query', name: 'query', bytes };
}
