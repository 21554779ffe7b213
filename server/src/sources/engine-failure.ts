/** Turns a failure of the engine into an error that quotes neither rows nor statements. */
import { UsherError } from '../domain/errors.ts';
import { diskFull, MemoryExceeded, SourceMalformed, unwritable } from './source-failure.ts';

/** The end is the system's message. What is between names a file. */
const unwrittenForm =
  /^IO Error: Could not (?:write|sync)\b[^\n]*: (Input\/output error|File too large|Read-only file system)/;

/** Classifies the failure by the engine's message, which is never passed on: it may quote rows. */
export function engineFailure(cause: unknown): Error {
  if (cause instanceof UsherError) return cause;
  const words = cause instanceof Error ? cause.message : '';
  if (/no space left|disk full|failed to offload|max_temp_directory_size/i.test(words)) {
    return diskFull();
  }
  const unwritten = unwrittenForm.exec(words)?.[1];
  if (unwritten !== undefined) return unwritable(unwritten, undefined);
  if (/^Out of Memory/i.test(words)) return new MemoryExceeded();
  // The last three are what the engine reports for a damaged Parquet file.
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
