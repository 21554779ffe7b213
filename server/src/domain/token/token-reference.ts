/**
 * References to tokens: a token's id, its last 3 characters, or the e-mail of who made it. An id
 * names any token; the other two only live ones, so that a retired token does not stand in the way
 * of the one that replaced it.
 */
import { normaliseIdentity } from '../contact/identity.ts';
import { isLive, type Token } from './token.ts';

/**
 * The tokens that the reference may mean: none, the one, or several that it does not tell apart.
 */
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
