/**
 * A file's name for messages: shortened, without control characters that move a terminal's cursor.
 */
import { terminalName } from '../domain/terminal-text.ts';

export function printableName(name: string): string {
  const shown = terminalName(name);
  return shown.length > 200 ? `${shown.slice(0, 197)}...` : shown;
}
