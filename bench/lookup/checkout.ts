/** Reads a checkout of this repository whose server is measured: this checkout or another one. */
import { spawnSync } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryFolder } from './folders.ts';

export interface Checkout {
  /** The commit, for tables, with a plus after it if files differ from the commit. */
  readonly name: string;
  /** The file that node runs: `server/bin/usher.js`. */
  readonly command: string;
  /** Whether files differ from the commit. Data that such a checkout made is not reused. */
  readonly isChanged: boolean;
}

export function thisCheckout(): Checkout {
  return readCheckout(repositoryFolder);
}

/** @throws if the folder is not a checkout, or its packages are not installed */
export function readCheckout(folder: string): Checkout {
  const command = join(folder, 'server', 'bin', 'usher.js');
  const isReady = existsSync(command) && existsSync(join(folder, 'node_modules', 'lmdb'));
  if (!isReady) {
    throw new Error(
      `${folder} is not a checkout that can run. Make one: git worktree add ${folder} COMMIT, ` +
        'and run "npm ci" in it.',
    );
  }
  const commit = git(folder, ['rev-parse', '--short=10', 'HEAD']) || 'unknown';
  const isChanged = git(folder, ['status', '--porcelain', '--untracked-files=no']) !== '';
  const name = isChanged ? `${commit}+` : commit;
  return { name, command: realpathSync(command), isChanged };
}

function git(folder: string, parameters: readonly string[]): string {
  const { stdout } = spawnSync('git', ['-C', folder, ...parameters], { encoding: 'utf8' });
  return stdout?.trim() ?? '';
}
