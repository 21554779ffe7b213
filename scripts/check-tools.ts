/**
 * The programs that read and judge sources for our scripts. They are installed on first use,
 * without install scripts.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

export const toolsFolder = join(import.meta.dirname, 'patterns');

/** @throws when they are missing and cannot be installed */
export function installTools(): void {
  if (existsSync(join(toolsFolder, 'node_modules/recheck'))) return;
  const { status } = spawnSync('npm', ['ci', '--ignore-scripts'], {
    cwd: toolsFolder,
    stdio: 'inherit',
  });
  if (status !== 0) throw new Error(`npm ci failed in ${toolsFolder}`);
}
