/**
 * Secrets by reference: `env:NAME` or `file:/absolute/path`. A definition holds the reference
 * alone, so that it may be shown, kept and shared; `settings/resolve-secret.ts` fetches the value
 * when a source is opened.
 */
import type { SecretReference } from './dataset-definition.ts';

export type SecretPlace =
  | { readonly kind: 'env'; readonly name: string }
  | { readonly kind: 'file'; readonly path: string };

/** What a reference must be; completes "... must be". */
export const secretReferenceForm =
  '`env:NAME` (a variable that does not begin with USHER_) or `file:/absolute/path`';

const variablePattern = /^env:((?!USHER_)[A-Za-z_][A-Za-z0-9_]{0,127})$/;
const filePattern = /^file:(\/[^\0\r\n]{1,1000})$/;

/**
 * `undefined` for a text that is no reference; it may be the secret itself, and is not to be
 * repeated.
 */
export function parseSecretReference(text: SecretReference): SecretPlace | undefined {
  const name = variablePattern.exec(text)?.[1];
  if (name !== undefined) return { kind: 'env', name };
  const path = filePattern.exec(text)?.[1];
  return path === undefined ? undefined : { kind: 'file', path };
}
