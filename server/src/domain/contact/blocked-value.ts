/**
 * Values that identify nobody. Sources write them where they know no identity (`null`, `0`,
 * `guest`), and contacts that share one would become one contact. A row that names only such values
 * has no identity.
 */

/** What an organization blocks unless it gives a list of its own. */
export const usualBlocked: readonly string[] = [
  ...['null', 'undefined', 'nan', 'none', '0', '[object object]', 'guest', 'anonymous'],
  ...['test@', 'noreply@'],
];

/** One form for all cases and all forms of Unicode. */
export function foldValue(text: string): string {
  return text.normalize('NFKC').trim().toLowerCase();
}

/**
 * Whether a value is blocked, in any case and any form of Unicode.
 *
 * @param blocked folded; an entry that ends with `@` stands for all e-mail addresses with this part
 *   before the `@`, and `0` for all values of zeros only
 * @example isBlockedValue(['guest', 'test@'], ' Guest ') // true
 */
export function isBlockedValue(blocked: readonly string[], text: string): boolean {
  if (blocked.length === 0) return false;
  const folded = foldValue(text);
  return blocked.some((entry) => {
    if (entry.endsWith('@')) return folded.startsWith(entry);
    return folded === entry || (entry === '0' && /^0+$/.test(folded));
  });
}
