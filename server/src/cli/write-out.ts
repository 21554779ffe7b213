/** Writes the file that a command was told to write. */
import { existsSync } from 'node:fs';
import { realpath, stat, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { terminalName } from '../domain/terminal-text.ts';
import { writeDurably } from '../stores/durable-file.ts';
import type { CommandSession } from './command-frame.ts';
import { UsageError } from './exit-code.ts';
import { confirm } from './terminal/confirm.ts';

/**
 * Asks before a file is overwritten. Call it before the work whose result is written.
 * @throws UsageError if there is no folder for the file
 */
export async function confirmOut(
  session: Pick<CommandSession, 'io' | 'yes'>,
  out: string,
): Promise<void> {
  const folder = dirname(resolve(out));
  if (!existsSync(folder))
    throw new UsageError(`There is no folder ${terminalName(folder)}. Create it first.`);
  if (existsSync(out)) await confirm(session, `${terminalName(out)} already exists. Overwrite it?`);
}

/**
 * Writes a temporary file and renames it over the old file; if `out` is a link, over the file that
 * the link points to. A pipe or a device cannot be replaced, so it is written to directly.
 * @param mode of the file; missing: that of the old file, or one that everybody can read
 */
export async function writeOut(out: string, text: string, mode?: number): Promise<void> {
  const stats = await stat(out).catch(() => undefined);
  const isSpecial = /^\/(?:dev\/(?:fd|std)|proc\/)/.test(resolve(out)) || stats?.isFile() === false;
  if (isSpecial) return writeFile(out, text);
  const path = stats === undefined ? resolve(out) : await realpath(out);
  return writeDurably(path, text, mode ?? (stats === undefined ? 0o644 : stats.mode & 0o777));
}
