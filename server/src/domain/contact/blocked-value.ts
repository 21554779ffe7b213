/**
 * Values that identify nobody. Sources write them where they know no identity (`null`, `0`,
 * `guest`), and contacts that share one would become one contact. A row that names only such values
 * has no identity.
 */
import { maxIdentityBytes } from '../limits.ts';
import { normaliseIdentity } from './identity.ts';
import type { IdentityType, Normalisation } from './identity-type.ts';

/**
 * The form in which values are compared: the same for all cases (`Straße`, `STRASSE`), all forms of
 * Unicode, and the decimal digits of all scripts (`٠` is `0`). Folding a folded value changes
 * nothing.
 */
export function foldValue(text: string): string {
  if (/^[ -~]*$/.test(text)) return text.trim().toLowerCase();
  let folded = text;
  // Changing the case may make characters that compose, so one pass is not always enough.
  for (let pass = 0; pass < 3; pass += 1) {
    folded = folded.normalize('NFKC').trim().toUpperCase().toLowerCase();
  }
  return folded.normalize('NFKC').replace(/[^\P{Nd}0-9]/gu, asciiDigit);
}

/** Unicode has the ten digits of a script in their order, one after the other. */
function asciiDigit(digit: string): string {
  const code = digit.codePointAt(0) ?? 0;
  let zero = code;
  while (/^\p{Nd}$/u.test(String.fromCodePoint(zero - 1))) zero -= 1;
  return `${(code - zero) % 10}`;
}

/**
 * Whether a value is blocked, in any case, any form of Unicode, and digits of any script.
 *
 * @param blocked folded; an entry that ends with `@` stands for all e-mail addresses that have this
 *   part before the `@`; the entry `0` stands for all values that consist of zeros
 * @example isBlockedValue(['guest', 'test@'], ' Guest ') // true
 */
export function isBlockedValue(blocked: readonly string[], text: string): boolean {
  // A longer text is no identity, and folding it would take long.
  if (blocked.length === 0 || text.length > maxIdentityBytes * 4) return false;
  const folded = foldValue(text);
  return blocked.some((entry) => {
    if (entry.endsWith('@')) return folded.startsWith(entry);
    return folded === entry || (entry === '0' && /^0+$/.test(folded));
  });
}

/** Whether a value is blocked, either as it is written or after the type has normalised it. */
export function isBlockedIdentity(
  { normalisation, blocked }: Pick<IdentityType, 'normalisation' | 'blocked'>,
  text: string,
): boolean {
  const value = blocked.length === 0 ? undefined : normaliseIdentity(normalisation, text);
  return isBlockedIn(blocked, text, value);
}

/** @param value the normalised text; `undefined`: the type does not accept it */
export function isBlockedIn(
  blocked: readonly string[],
  text: string,
  value: string | undefined,
): boolean {
  if (isBlockedValue(blocked, text)) return true;
  return value !== undefined && value !== text && isBlockedValue(blocked, value);
}

/**
 * The form in which a type keeps a blocked value: normalised if the type accepts it, then folded.
 */
export function blockedForm(normalisation: Normalisation, text: string): string {
  return foldValue(normaliseIdentity(normalisation, text.trim()) ?? text);
}
