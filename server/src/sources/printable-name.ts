/**
 * Names of files are other people's words: in a message nothing in them may move a terminal's
 * cursor, or fill the screen.
 */
import { terminalName } from '../domain/terminal-text.ts';

export function printableName(name: string): string {
  const shown = terminalName(name);
  return shown.length > 200 ? `${shown.slice(0, 197)}...` : shown;
}
