/**
 * Text as a terminal may show it. Names and messages come from files, databases and servers of
 * others: nothing in them may move the cursor, change the colours, turn the direction of reading or
 * begin a line that looks like ours.
 */

/** Controls (C0, DEL, C1), separators of lines, and marks that change the direction of the text. */
const unsafe = /[\p{Cc}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;
/** In a name also what cannot be seen. */
const unsafeInName = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/**
 * Keeps line ends and tabs, which are our own layout, and writes all else that is unsafe as
 * `\u001b`. That form is what JSON and a quoted YAML text mean by it, so both stay what they say.
 */
export function terminalText(text: string): string {
  return text.replace(unsafe, (character) =>
    character === '\n' || character === '\t' ? character : escaped(character),
  );
}

/** A name, or a cell of a table, with `?` for all that is unsafe, line ends and tabs as well. */
export function terminalName(name: string): string {
  return name.replace(unsafeInName, '?');
}

export function isTerminalSafe(text: string): boolean {
  return terminalText(text) === text;
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
