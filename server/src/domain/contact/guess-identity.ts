/** Reads a text that a person typed as an identity whose type is not known. */
import { normaliseIdentity, type ParsedIdentity } from './identity.ts';
import type { IdentityType, Normalisation } from './identity-type.ts';

/**
 * The identities that the text can be, the likeliest first, at most one of each type.
 * @param types those that the caller may use, by name
 */
export function guessIdentities(
  text: string,
  types: ReadonlyMap<string, IdentityType>,
): readonly ParsedIdentity[] {
  const trimmed = text.trim();
  const distinct = distinctTypes(types);
  const fitting = likelyOrder(trimmed).flatMap((normalisation) =>
    distinct
      .filter((type) => type.normalisation === normalisation)
      .flatMap((type) => readAs(type, trimmed) ?? []),
  );
  const named = readNamed(trimmed, types);
  if (named === undefined) return fitting;
  return [named, ...fitting.filter(({ type }) => type.name !== named.type.name)];
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

function readNamed(
  text: string,
  types: ReadonlyMap<string, IdentityType>,
): ParsedIdentity | undefined {
  const colon = text.indexOf(':');
  const type = colon > 0 ? types.get(text.slice(0, colon)) : undefined;
  return type && readAs(type, text.slice(colon + 1));
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
