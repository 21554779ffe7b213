/**
 * Makes text safe to print on a terminal. Names from other people's files and servers must not move
 * the cursor, change colours or the reading direction, or look like our own output.
 */

/**
 * Control characters (C0, DEL, C1), line separators, and marks that change the reading direction.
 */
const unsafe = /[\p{Cc}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;
/** For names, invisible characters too. */
const unsafeInName = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/**
 * Escapes unsafe characters as `\u001b`, which JSON and quoted YAML read as the same character.
 * Keeps line ends and tabs.
 */
export function terminalText(text: string): string {
  return text.replace(unsafe, (character) =>
    character === '\n' || character === '\t' ? character : escaped(character),
  );
}

/** Replaces each unsafe character of a name or table cell by `?`, line ends and tabs too. */
export function terminalName(name: string): string {
  return name.replace(unsafeInName, '?');
}

export function isTerminalSafe(text: string): boolean {
  return terminalText(text) === text;
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
