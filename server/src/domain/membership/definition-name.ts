/** Names of segments, flows and exclusion groups: people choose them, and pages may show them. */

import { maxDefinitionNameLength } from '../limits.ts';
import { hasLength } from '../text-characters.ts';

/**
 * Control and format characters, line separators, spaces other than the usual one, lone surrogates,
 * unassigned characters, and what markup and quoted texts are made of.
 */
const refused =
  /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000<>"\\`]|&[#\w]{1,32};/u;

export const definitionNameForm = `1 to ${maxDefinitionNameLength} characters in Unicode's form NFC, not only digits, without spaces at the start or end, other spaces than the usual one, control and invisible characters, quotes ("), backslashes, backticks, < and >`;

/** Whether a text has characters of markup, control characters, or invisible ones. */
export function hasMarkup(text: string): boolean {
  return refused.test(text);
}

/** Names of only digits are left out, because commands also accept ids. */
export function isDefinitionName(text: string): boolean {
  return (
    hasLength(text, maxDefinitionNameLength) &&
    text.trim() === text &&
    text.normalize('NFC') === text &&
    !hasMarkup(text) &&
    !/^[0-9]+$/.test(text)
  );
}
