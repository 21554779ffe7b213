/**
 * Finds tokens by a reference: an id, the last 3 characters, or the e-mail address of the creator.
 * An id finds any token; the other references find only live ones, so a token that was revoked or
 * has expired never hides its replacement.
 */
import { normaliseIdentity } from '../contact/identity.ts';
import { isLive, type Token } from './token.ts';

/** All tokens that the reference matches. */
export function matchTokenReference<T extends Token>(
  tokens: readonly T[],
  reference: string,
  nowMs: number,
): readonly T[] {
  const byId = tokens.find((token) => token.id === reference);
  if (byId !== undefined) return [byId];
  const live = tokens.filter((token) => isLive(token, nowMs));
  if (reference.length === 3) return live.filter((token) => token.lastCharacters === reference);
  const email = normaliseIdentity('email', reference);
  return email === undefined ? [] : live.filter((token) => token.createdBy === email);
}
