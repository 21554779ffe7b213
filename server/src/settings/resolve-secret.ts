/** Fetches the secret that a reference names. Its errors name the reference, never a value. */
import { open } from 'node:fs/promises';
import type { SecretReference } from '../domain/dataset/dataset-definition.ts';
import { parseSecretReference, secretReferenceForm } from '../domain/dataset/secret-reference.ts';
import { UsherError } from '../domain/errors.ts';
import type { Environment } from './environment.ts';
import { maxSecretBytes } from './limits.ts';

/**
 * A file with one of these mode bits is refused: somebody else could write another URL into the
 * file, and our password would go to another server. Files that everybody can read are accepted,
 * because containers mount secrets in this way.
 */
const writableByOthers = 0o022;

/** @throws UsherError `definition_invalid` */
export async function resolveSecret(
  reference: SecretReference,
  environment: Environment,
): Promise<string> {
  const place = parseSecretReference(reference);
  if (place === undefined) {
    // The wrong text may be the secret itself, so it is not repeated.
    throw new UsherError('definition_invalid', `A secret must be ${secretReferenceForm}.`);
  }
  const text = place.kind === 'env' ? environment[place.name] : await readSecretFile(place.path);
  const secret = text?.trim() ?? '';
  if (secret === '') {
    const what =
      place.kind === 'env'
        ? 'is not set: set the variable for the server, or for the command that syncs'
        : 'is empty';
    throw new UsherError('definition_invalid', `The secret ${reference} ${what}.`);
  }
  return secret;
}

async function readSecretFile(path: string): Promise<string> {
  const refuse = (why: string, cause?: unknown) =>
    new UsherError('definition_invalid', `The secret file:${path} ${why}.`, { cause });
  const handle = await open(path).catch((cause: NodeJS.ErrnoException) => {
    throw refuse(cause.code === 'ENOENT' ? 'does not exist' : 'cannot be read', cause);
  });
  try {
    const { size, mode } = await handle.stat();
    if ((mode & 0o170000) !== 0o100000) throw refuse('is not a file');
    if ((mode & writableByOthers) !== 0) {
      throw refuse(`can be written by other accounts than its owner. Run: chmod go-w ${path}`);
    }
    if (size > maxSecretBytes) throw refuse(`has more than ${maxSecretBytes} bytes`);
    return await handle.readFile('utf8');
  } finally {
    await handle.close();
  }
}
