/** A word of a command: in single quotes, which no text leaves, where a shell needs it. */
export function shellText(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : quotedText(text);
}

export function quotedText(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
