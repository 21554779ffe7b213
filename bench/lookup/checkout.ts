/** Reads a checkout of this repository whose server is measured: this checkout or another one. */
import { spawnSync } from 'node:child_process';
import { existsSync, realpathSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryFolder, workFolder } from './folders.ts';

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

/**
 * @param named the folder of a checkout, or a commit, which is checked out in the work folder
 * @throws if it is neither
 */
export function findCheckout(named: string): Checkout {
  return readCheckout(existsSync(named) ? named : checkOut(named));
}

/** @returns the folder of the commit's files, with their packages installed */
function checkOut(named: string): string {
  const commit = git(repositoryFolder, ['rev-parse', '--quiet', '--verify', `${named}^{commit}`]);
  if (commit === '') throw new Error(`"${named}" is neither a folder nor a commit.`);
  const folder = join(workFolder, 'checkouts', commit.slice(0, 10));
  // npm writes this file last.
  if (existsSync(join(folder, 'node_modules', '.package-lock.json'))) return folder;
  rmSync(folder, { recursive: true, force: true });
  console.error(`checking out ${commit.slice(0, 10)} and installing its packages`);
  run('git', ['clone', '--quiet', '--shared', '--no-checkout', repositoryFolder, folder]);
  run('git', ['-C', folder, 'checkout', '--quiet', '--detach', commit]);
  run('npm', ['ci', '--prefix', folder, '--silent']);
  return folder;
}

function run(command: string, parameters: readonly string[]): void {
  const { status } = spawnSync(command, parameters, { stdio: ['ignore', 2, 2] });
  if (status !== 0) throw new Error(`"${command} ${parameters.join(' ')}" ended with ${status}`);
}

/** @throws if the folder is not a checkout, or its packages are not installed */
function readCheckout(folder: string): Checkout {
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
