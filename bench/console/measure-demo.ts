/** How soon the demo answers in a clean clone, as the README's first command starts it. */
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { descendantsOf } from '../../scripts/process-tree.ts';
import { repositoryFolder, workFolder } from '../lookup/folders.ts';
import { noteFigures } from '../lookup/progress.ts';
import { startProgram } from '../lookup/run-program.ts';
import { answers, findFreePort, waitUntil } from '../lookup/wait-until.ts';

export interface DemoTimes {
  /** Of `npm ci`, which depends on the network and on npm's cache. */
  readonly installSeconds: number;
  /** Of `npm run demo`, with the build of the console, until the node is ready. */
  readonly demoSeconds: number;
}

/** Measures the last commit: a clone has no other changes. */
export async function measureDemo(): Promise<DemoTimes> {
  const folder = join(workFolder, 'demo-clone');
  rmSync(folder, { recursive: true, force: true });
  run('git', ['clone', '--quiet', repositoryFolder, folder], workFolder);
  const startMs = performance.now();
  run('npm', ['ci', '--no-audit', '--no-fund'], folder);
  const installedMs = performance.now();
  const port = await findFreePort();
  const program = startProgram({
    name: 'demo',
    command: 'npm',
    parameters: ['--prefix', folder, 'run', 'demo', '--', '--port', String(port)],
    env: environment(),
  });
  try {
    await waitUntil(() => answers(`http://127.0.0.1:${port}/readyz`), {
      what: 'the demo',
      within: 300_000,
      of: program,
    });
    const found = {
      installSeconds: (installedMs - startMs) / 1_000,
      demoSeconds: (performance.now() - installedMs) / 1_000,
    };
    noteFigures(1, 'demo', found);
    return found;
  } finally {
    for (const id of descendantsOf(program.pid)) process.kill(id, 'SIGTERM');
    await program.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Without what npm tells the programs that it runs, such as the folder of this checkout. */
function environment(): Record<string, undefined> {
  const names = Object.keys(process.env).filter((name) => /^(?:npm_|USHER_|INIT_CWD)/.test(name));
  return Object.fromEntries(names.map((name) => [name, undefined]));
}

function run(command: string, parameters: readonly string[], cwd: string): void {
  const env = { ...process.env, ...environment() };
  const { status } = spawnSync(command, parameters, { cwd, env, stdio: 'inherit' });
  if (status !== 0) throw new Error(`${command} ${parameters.join(' ')} failed`);
}
