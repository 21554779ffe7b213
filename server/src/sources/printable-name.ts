/** Names of files are other people's words: in a message nothing in them may move a terminal's cursor, or fill the screen. */
export function printableName(name: string): string {
  const shown = name.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '?');
  return shown.length > 200 ? `${shown.slice(0, 197)}...` : shown;
}
