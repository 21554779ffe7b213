/**
 * Identity types: the kinds of keys that find a contact. `identity.ts` parses and normalises
 * values.
 */

/** `contact-id`: the UUID of the contact. `email-hash` shares the index entries of `email`. */
export const normalisations = ['exact', 'phone', 'email', 'email-hash', 'contact-id'] as const;

export type Normalisation = (typeof normalisations)[number];

export interface IdentityType {
  /** 0 for `id`, 1 for `email` and `email-hash`, from 2 for an organization's own. Never reused. */
  readonly id: number;
  readonly name: string;
  readonly normalisation: Normalisation;
  /** Values that identify nobody, as `blocked-value.ts` reads them. */
  readonly blocked: readonly string[];
}

/** What an organization blocks unless it gives a list of its own. */
export const usualBlocked: readonly string[] = [
  ...['null', 'undefined', 'nan', 'none', '0', '[object object]', 'guest', 'anonymous'],
  ...['test@', 'noreply@'],
];

export const builtInIdentityTypes: readonly IdentityType[] = [
  { id: 0, name: 'id', normalisation: 'contact-id', blocked: [] },
  { id: 0, name: 'simonid', normalisation: 'contact-id', blocked: [] },
  { id: 1, name: 'email', normalisation: 'email', blocked: usualBlocked },
  { id: 1, name: 'email-hash', normalisation: 'email-hash', blocked: [] },
];

/** Whether every organization has the type. */
export function isBuiltInType({ id }: Pick<IdentityType, 'id'>): boolean {
  return id < 2;
}

export function isIdentityTypeName(text: string): boolean {
  return /^[a-z][a-z0-9_-]{0,63}$/.test(text);
}
