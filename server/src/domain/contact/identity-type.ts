/**
 * Identity types: the kinds of keys under which a contact can be found. How a value is parsed and
 * normalised is in `identity.ts`.
 */

/**
 * `contact-id` is the UUID of a contact itself; `email-hash` shares the index entries of `email`.
 */
export type Normalisation = 'email' | 'email-hash' | 'phone' | 'exact' | 'contact-id';

export interface IdentityType {
  /**
   * 0 for `id`, 1 for `email` and `email-hash`, 2 and above for those the organization adds; never
   * used again.
   */
  readonly id: number;
  readonly name: string;
  readonly normalisation: Normalisation;
}

export const builtInIdentityTypes: readonly IdentityType[] = [
  { id: 0, name: 'id', normalisation: 'contact-id' },
  { id: 0, name: 'simonid', normalisation: 'contact-id' },
  { id: 1, name: 'email', normalisation: 'email' },
  { id: 1, name: 'email-hash', normalisation: 'email-hash' },
];

const identityTypeNamePattern = /^[a-z][a-z0-9_-]{0,63}$/;

export function isIdentityTypeName(text: string): boolean {
  return identityTypeNamePattern.test(text);
}
