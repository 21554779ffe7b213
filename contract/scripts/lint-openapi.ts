/**
 * Checks `contract/openapi.json` with redocly and spectral. Their rules are in `contract/lint/`.
 * Both programs are installed in that folder on first use, without install scripts.
 *
 *     npm run openapi:lint
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

const folder = new URL('../lint', import.meta.url).pathname;
const document = '../openapi.json';
const binaries = join(folder, 'node_modules/.bin');

function run(program: string, ...parameters: readonly string[]): boolean {
  const environment = { ...process.env, REDOCLY_TELEMETRY: 'off', NO_COLOR: '1' };
  const { status } = spawnSync(program, parameters, {
    cwd: folder,
    stdio: 'inherit',
    env: environment,
  });
  return status === 0;
}

function main(): void {
  const isInstalled =
    existsSync(join(binaries, 'spectral')) || run('npm', 'ci', '--ignore-scripts');
  const isSound =
    isInstalled &&
    [
      run(join(binaries, 'redocly'), 'lint', '--config', 'redocly.yaml', document),
      run(join(binaries, 'spectral'), 'lint', '-r', 'spectral.yaml', '-F', 'hint', document),
    ].every((passed) => passed);
  process.exitCode = isSound ? 0 : 1;
}

main();
