/**
 * Makes text safe to print on a terminal. Names from other people's files and servers must not move
 * the cursor, change colours or the reading direction, or look like our own output.
 */

/**
 * Control characters (C0, DEL, C1), line separators, and what is invisible or changes the reading
 * direction.
 */
const unsafe = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** Line ends, tabs, and what joins letters and emoji, or keeps them apart. */
const kept: ReadonlySet<string> = new Set(['\n', '\t', '\u200c', '\u200d']);

/**
 * Escapes unsafe characters as `\u001b`, which JSON and quoted YAML read as the same character.
 * Keeps line ends, tabs and what writing needs.
 */
export function terminalText(text: string): string {
  return text.replace(unsafe, (character) =>
    kept.has(character) ? character : escaped(character),
  );
}

/** The same for YAML, which has another escape for characters of two UTF-16 units. */
export function yamlTerminalText(text: string): string {
  return text.replace(unsafe, (character) => {
    if (kept.has(character)) return character;
    if (character.length === 1) return escaped(character);
    return `\\U${hexadecimal(character.codePointAt(0) ?? 0, 8)}`;
  });
}

/** Replaces each unsafe character of a name or table cell by `?`, line ends and tabs too. */
export function terminalName(name: string): string {
  return name.replace(unsafe, '?');
}

export function isTerminalSafe(text: string): boolean {
  return terminalText(text) === text;
}

function escaped(character: string): string {
  return character
    .split('')
    .map((unit) => `\\u${hexadecimal(unit.charCodeAt(0), 4)}`)
    .join('');
}

function hexadecimal(number: number, digits: number): string {
  return number.toString(16).padStart(digits, '0');
}
