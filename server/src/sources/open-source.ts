/**
 * Chooses the kind of source; the one place that knows the kinds. Their clients are imported where
 * they are needed: they are most of what a sync would have to load.
 */
import type { SourceDefinition } from '../domain/dataset/dataset-definition.ts';
import { UsherError } from '../domain/errors.ts';
import { openFileSource, openFiles, openFilesToCheck, openNamedFile } from './file/file-source.ts';
import type { HttpDefinition } from './http/http-source.ts';
import type { QueryDefinition } from './query/query-source.ts';
import type { OpenSourceOptions, Source, SourceRelation } from './source.ts';

/**
 * @throws UsherError `definition_invalid` for a path that is no file of a known kind, in words for
 *   people
 */
export async function openSource(path: string, encoding?: string): Promise<Source> {
  return openFileSource(path, encoding);
}

/**
 * Opens what a dataset's definition names; what is not a file yet becomes one below
 * `options.folder` first.
 * @throws UsherError `definition_invalid` where the definition cannot work, in words for the
 *   operator
 */
export async function openDefinedSource(
  definition: SourceDefinition,
  options: OpenSourceOptions,
): Promise<Source> {
  switch (definition.kind) {
    case 'http':
      return openHttp(definition, options);
    case 'mysql': {
      const { openMysqlSource } = await import('./sql/mysql-source.ts');
      return openMysqlSource(definition, options);
    }
    case 'sqlite': {
      const { openSqliteSource } = await import('./sql/sqlite-source.ts');
      return openSqliteSource(definition, options);
    }
    case 'postgres': {
      const { openPostgresSource } = await import('./sql/postgres-source.ts');
      return openPostgresSource(definition, options);
    }
    case 'file':
      return openFiles(definition.paths, options.watermark, definition.encoding);
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
  const { fetchHttpFile } = await import('./http/http-source.ts');
  const file = await fetchHttpFile(definition, options);
  const source = await openNamedFile(file, null);
  // Its path is another one in each run.
  const withoutFiles = ({ files: _, ...relation }: SourceRelation): SourceRelation => relation;
  return {
    ...{ ...source, kind: 'http', name: 'http', bytes: file.bytes },
    open: async (opening) => withoutFiles(await source.open(opening)),
    openCarefully: async (opening) => withoutFiles(await source.openCarefully(opening)),
  };
}

async function openQuery(definition: QueryDefinition, options: OpenSourceOptions): Promise<Source> {
  const { runQuery } = await import('./query/query-source.ts');
  const { path, bytes, files } = await runQuery(definition, {
    ...options,
    openFiles: (paths) => openFilesToCheck(paths, definition.encoding),
  });
  const result = await openNamedFile({ path, name: "The query's result" }, options.watermark);
  // What counts is which of the files that it was asked of have rows.
  const asked = (relation: SourceRelation) => ({ ...relation, files: async () => files });
  return {
    ...{ ...result, kind: 'query', name: 'query', bytes },
    open: async (opening) => asked(await result.open(opening)),
    openCarefully: async (opening) => asked(await result.openCarefully(opening)),
  };
}
