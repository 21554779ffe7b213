/** The errors of reads. */
import { UsherError } from '../../domain/errors.ts';
import { recordVersion } from '../contact-codec.ts';

export function unreadableRecord(version: number | undefined): UsherError {
  return new UsherError(
    'store_unavailable',
    `The store holds a record of format version ${version}; this release reads version ${recordVersion}. Run 'usher doctor'.`,
  );
}

export function readFailure(error: unknown): unknown {
  if (error instanceof UsherError) return error;
  return new UsherError(
    'store_unavailable',
    'The contact store cannot be read just now. Try again; if that persists, restart the server.',
    { cause: error },
  );
}
