/**
 * Identity types: the kinds of keys that find a contact. `identity.ts` parses and normalises
 * values.
 */
import { type IdentityTypeRules, usualTypeRules } from './identity-rules.ts';

/** `contact-id`: the UUID of the contact. `email-hash` shares the index entries of `email`. */
export const normalisations = ['exact', 'phone', 'email', 'email-hash', 'contact-id'] as const;

export type Normalisation = (typeof normalisations)[number];

/**
 * What an organization may set for a type. Contact ids have no settings, and `email-hash` has those
 * of `email`, but blocks no values.
 */
export interface IdentitySettings extends Omit<IdentityTypeRules, 'id'> {
  /** Values that identify nobody, as `blocked-value.ts` reads them. */
  readonly blocked: readonly string[];
}

export interface IdentityType extends IdentitySettings {
  /** 0 for `id`, 1 for `email` and `email-hash`, from 2 for an organization's own. Never reused. */
  readonly id: number;
  readonly name: string;
  readonly normalisation: Normalisation;
}

/** What an organization blocks unless it gives a list of its own. */
export const usualBlocked: readonly string[] = [
  ...['null', 'undefined', 'nan', 'none', '0', '[object object]', 'guest', 'anonymous'],
  ...['test@', 'noreply@'],
];

/** The settings of a type for which the organization has set none. */
export const usualSettings: IdentitySettings = { ...usualTypeRules, blocked: usualBlocked };

const blocksNothing: IdentitySettings = { ...usualTypeRules, blocked: [] };

export const builtInIdentityTypes: readonly IdentityType[] = [
  { id: 0, name: 'id', normalisation: 'contact-id', ...blocksNothing },
  { id: 0, name: 'simonid', normalisation: 'contact-id', ...blocksNothing },
  { id: 1, name: 'email', normalisation: 'email', ...usualSettings },
  { id: 1, name: 'email-hash', normalisation: 'email-hash', ...blocksNothing },
];

/** The settings alone. */
export function settingsOf(type: IdentitySettings): IdentitySettings {
  const { joins, isStable, maxPerContact, sharedLimit, blocked } = type;
  return { joins, isStable, maxPerContact, sharedLimit, blocked };
}

/** The type with these settings, or with those of them that it can have. */
export function withSettings(type: IdentityType, settings: IdentitySettings): IdentityType {
  if (type.normalisation === 'contact-id') return type;
  const isHash = type.normalisation === 'email-hash';
  return { ...type, ...settingsOf(settings), ...(isHash && { blocked: [] }) };
}

/** Names by id. Of several names of one type, such as `email` and `email-hash`, the first one. */
export function typeNamesOf(
  types: readonly Pick<IdentityType, 'id' | 'name'>[],
): ReadonlyMap<number, string> {
  return new Map(types.map(({ id, name }) => [id, name] as const).reverse());
}

/** Whether every organization has the type. */
export function isBuiltInType({ id }: Pick<IdentityType, 'id'>): boolean {
  return id < 2;
}

export function isIdentityTypeName(text: string): boolean {
  return /^[a-z][a-z0-9_-]{0,63}$/.test(text);
}
