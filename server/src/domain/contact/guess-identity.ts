/** Reads a text that a person typed as an identity whose type is not known. */
import { normaliseIdentity, type ParsedIdentity } from './identity.ts';
import type { IdentityType, Normalisation } from './identity-type.ts';
import { lacksCountry, withCountry } from './national-phone.ts';

export interface Reading extends ParsedIdentity {
  /** Whether the country of a phone number is that of the locale. */
  readonly isCountryGuessed: boolean;
}

/**
 * The identities that the text can be, the likeliest first. A phone number without a country is
 * read in two ways.
 * @param types those that the caller may use, by name
 * @param locale of the organization
 */
export function guessIdentities(
  text: string,
  types: ReadonlyMap<string, IdentityType>,
  locale: string,
): readonly Reading[] {
  const trimmed = text.trim();
  const distinct = distinctTypes(types);
  const fitting = likelyOrder(trimmed).flatMap((normalisation) =>
    distinct
      .filter((type) => type.normalisation === normalisation)
      .flatMap((type) => readingsOf(type, trimmed, locale)),
  );
  const named = splitNamed(trimmed, types);
  const first = named === undefined ? [] : readingsOf(named.type, named.rest, locale);
  if (first.length === 0) return fitting;
  return [...first, ...fitting.filter(({ type }) => type.name !== named?.type.name)];
}

/** The text as this type; none if it is not valid. */
export function readingsOf(type: IdentityType, text: string, locale: string): readonly Reading[] {
  const plain = readAs(type, text);
  const readings = plain === undefined ? [] : [{ ...plain, isCountryGuessed: false }];
  const guess = type.normalisation === 'phone' ? withCountry(text, locale) : undefined;
  const guessed = guess === undefined ? undefined : normaliseIdentity('phone', guess);
  if (guessed === undefined || guessed === plain?.value) return readings;
  return [{ type, value: guessed, isCountryGuessed: true }, ...readings];
}

/** Whether the text may be a phone number without its country, of one of these types. */
export function mayLackCountry(text: string, types: ReadonlyMap<string, IdentityType>): boolean {
  const named = splitNamed(text.trim(), types);
  const possible = named === undefined ? [...types.values()] : [named.type];
  const hasPhones = possible.some(({ normalisation }) => normalisation === 'phone');
  return hasPhones && lacksCountry(named?.rest ?? text);
}

/**
 * The text as an identity of this type; `undefined` if it is not valid. A phone number may lack the
 * plus sign.
 */
export function readAs(type: IdentityType, text: string): ParsedIdentity | undefined {
  const { normalisation } = type;
  const value =
    normaliseIdentity(normalisation, text) ??
    (normalisation === 'phone' ? normaliseIdentity(normalisation, `+${text.trim()}`) : undefined);
  return value === undefined ? undefined : { type, value };
}

function splitNamed(
  text: string,
  types: ReadonlyMap<string, IdentityType>,
): { readonly type: IdentityType; readonly rest: string } | undefined {
  const colon = text.indexOf(':');
  const type = colon > 0 ? types.get(text.slice(0, colon)) : undefined;
  return type && { type, rest: text.slice(colon + 1) };
}

/** Of several names of one type with one normalisation, such as `id` and `simonid`, the first. */
function distinctTypes(types: ReadonlyMap<string, IdentityType>): readonly IdentityType[] {
  const byKey = new Map<string, IdentityType>();
  for (const type of types.values()) {
    const key = `${type.id} ${type.normalisation}`;
    if (!byKey.has(key)) byKey.set(key, type);
  }
  return [...byKey.values()];
}

/** `exact` accepts almost every text, so it comes last unless nothing else is likely. */
function likelyOrder(text: string): readonly Normalisation[] {
  const isBareNumber = /^[0-9]+$/.test(text) && !text.startsWith('00');
  return isBareNumber
    ? ['email-hash', 'exact', 'phone']
    : ['contact-id', 'email-hash', 'email', 'phone', 'exact'];
}
