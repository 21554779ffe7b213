/** Chooses the kind of source; the one place that knows the kinds. */
import type { SourceDefinition } from '../domain/dataset-definition.ts';
import { UsherError } from '../domain/errors.ts';
import { openFileSource, openFiles } from './file/file-source.ts';
import type { OpenSourceOptions, Source } from './source.ts';
import { openPostgresSource } from './sql/postgres-source.ts';

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
    case 'postgres':
      return openPostgresSource(definition, options);
    case 'file':
      return openFiles(definition.paths, options.watermark);
    default:
      throw new UsherError(
        'definition_invalid',
        `A source of the kind ${definition.kind} cannot be opened by this version.`,
      );
  }
}
