/**
 * Builds the console into `console/dist`, which the node serves.
 *
 *     npm run build:console
 *     npm run build:console -- --if-older    only if a source is newer than the build
 */
import { globSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'vite';
import { consoleConfig, consoleFolder } from './console-config.ts';

const sources = ['package.json', 'index.html', 'public/**/*', 'scripts/**/*', 'src/**/*'];
/** The types that the console shares with the server, and the versions of all packages. */
const shared = ['../contract/src/*.ts', '../package-lock.json'];

async function buildConsole(): Promise<void> {
  if (process.argv.includes('--if-older') && isCurrent()) return;
  console.log('Building the console ...');
  await build({ ...consoleConfig(''), logLevel: 'warn' });
}

function isCurrent(): boolean {
  const built = statSync(join(consoleFolder, 'dist', 'index.html'), { throwIfNoEntry: false });
  if (built === undefined) return false;
  const files = globSync([...sources, ...shared], { cwd: consoleFolder });
  return files.every((file) => statSync(join(consoleFolder, file)).mtimeMs < built.mtimeMs);
}

await buildConsole();
