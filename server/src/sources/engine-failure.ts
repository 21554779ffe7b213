/** Turns a failure of the engine into an error whose message quotes no row and no statement. */
import { UsherError } from '../domain/errors.ts';
import { diskFull, invalidSource } from './source-failure.ts';
import { SourceMalformed } from './source-malformed.ts';

/** Classifies a failure by the engine's words, and lets none of them out: they quote rows. */
export function engineFailure(cause: unknown): Error {
  if (cause instanceof UsherError) return cause;
  const words = cause instanceof Error ? cause.message : '';
  if (/no space left|disk full|failed to offload|max_temp_directory_size/i.test(words)) {
    return diskFull();
  }
  if (/^Out of Memory/i.test(words)) {
    // The same rows would take as much the next time.
    return invalidSource(
      'Reading the source took more memory than is allowed for it: it has too many columns, or too long values, for the engine. Leave columns out of it, or split its values.',
    );
  }
  // The last three are what false Parquet makes of its reader.
  if (
    /^(?:Invalid Input|Conversion|Invalid|Serialization|IO|Out of Range|Not implemented|INTERNAL) Error/.test(
      words,
    )
  ) {
    return new SourceMalformed(/^[A-Za-z ]+ Error/.exec(words)?.[0] ?? 'malformed');
  }
  const kind = /^[A-Za-z ]{1,40}(?=:)/.exec(words)?.[0] ?? 'unknown';
  return new UsherError('internal', 'Reading the file failed.', { context: { engineError: kind } });
}
