/**
 * Parses references to secrets. A definition holds only the reference, so people may read, keep and
 * share it. `settings/resolve-secret.ts` fetches the value when a source is opened.
 */
import type { SecretReference } from './dataset-definition.ts';

export type SecretPlace =
  | { readonly kind: 'env'; readonly name: string }
  | { readonly kind: 'file'; readonly path: string };

/** Completes a sentence that ends with "must be". */
export const secretReferenceForm =
  '`env:NAME` (a variable that does not begin with USHER_) or `file:/absolute/path`';

const variablePattern = /^env:((?!USHER_)[A-Za-z_][A-Za-z0-9_]{0,127})$/;
const filePattern = /^file:(\/[^\0\r\n]{1,1000})$/;

/** `undefined` if the text is not a reference. It may be the secret itself: do not repeat it. */
export function parseSecretReference(text: SecretReference): SecretPlace | undefined {
  const name = variablePattern.exec(text)?.[1];
  if (name !== undefined) return { kind: 'env', name };
  const path = filePattern.exec(text)?.[1];
  return path === undefined ? undefined : { kind: 'file', path };
}
