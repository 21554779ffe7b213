/** Names of segments, flows and exclusion groups: people choose them, and pages may show them. */

import { maxDefinitionNameLength } from '../limits.ts';

/**
 * Control and format characters, line separators, lone surrogates, unassigned characters, and what
 * markup and quoted texts are made of.
 */
const refused = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}<>"\\`]|&[#\w]{1,32};/u;

export const definitionNameForm = `1 to ${maxDefinitionNameLength} characters in Unicode's form NFC, not only digits, without spaces at the start or end, control characters, quotes ("), backslashes, backticks, < and >`;

/** Whether a text has characters of markup, control characters, or invisible ones. */
export function hasMarkup(text: string): boolean {
  return refused.test(text);
}

/** Names of only digits are left out, because commands also accept ids. */
export function isDefinitionName(text: string): boolean {
  return (
    text.length >= 1 &&
    text.length <= maxDefinitionNameLength &&
    text.trim() === text &&
    text.normalize('NFC') === text &&
    !hasMarkup(text) &&
    !/^[0-9]+$/.test(text)
  );
}
