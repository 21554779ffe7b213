/** Runs the real `usher` as a process, in a data folder of its own. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

export const launcher = join(import.meta.dirname, '..', '..', 'bin', 'usher.js');

export interface UsherRun {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface UsherForTest {
  readonly dataFolder: string;
  /** `usher ARGS...`, with more environment if wanted; nobody is there to answer questions. */
  readonly run: (
    args: readonly string[],
    environment?: Record<string, string>,
  ) => Promise<UsherRun>;
  readonly [Symbol.dispose]: () => void;
}

export function inDataFolder(): UsherForTest {
  const folder = mkdtempSync(join(tmpdir(), 'usher-cli-'));
  const dataFolder = join(folder, 'data');
  return {
    dataFolder,
    run: (args, environment = {}) => runUsher(args, { USHER_DATA: dataFolder, ...environment }),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true }),
  };
}

async function runUsher(
  args: readonly string[],
  environment: Record<string, string>,
): Promise<UsherRun> {
  const child = spawn(process.execPath, [launcher, ...args], {
    env: { PATH: join(process.execPath, '..'), ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'exit'),
  ]);
  return { code, stdout, stderr };
}
