/**
 * Installs the programs that parse and judge sources for our scripts. They are installed without
 * install scripts, on first use and after their versions change.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export const toolsFolder = join(import.meta.dirname, 'patterns');

const cacheFolder = join(toolsFolder, 'node_modules/.cache');
const installedFile = join(cacheFolder, 'installed');

/** @throws if the programs are missing and cannot be installed */
export function installTools(): void {
  const wanted = toolVersions();
  if (textOf(installedFile) === wanted) return;
  const { status } = spawnSync('npm', ['ci', '--ignore-scripts'], {
    cwd: toolsFolder,
    stdio: 'inherit',
  });
  if (status !== 0) throw new Error(`npm ci failed in ${toolsFolder}`);
  mkdirSync(cacheFolder, { recursive: true });
  writeFileSync(installedFile, wanted);
}

/** A digest that changes with the version of any of these programs. */
function toolVersions(): string {
  const lock = readFileSync(join(toolsFolder, 'package-lock.json'));
  return createHash('sha256').update(lock).digest('hex');
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
