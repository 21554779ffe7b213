/**
 * Programs of the machine that tests need and that do not come with `npm ci`. They are installed where that is allowed
 * (root, on a system with apt-get) and only if missing; elsewhere the reader is told what to install.
 */
import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

interface Tool {
  readonly binary: string;
  /** Debian's package. */
  readonly package: string;
}

const tools: readonly Tool[] = [
  { binary: 'curl', package: 'curl' },
  { binary: 'mount', package: 'mount' },
  { binary: 'openssl', package: 'openssl' },
];

/** @throws when a tool is missing and may not be installed, or its installation fails */
export function installTools(): void {
  const missing = tools.filter((tool) => !isOnPath(tool.binary));
  if (missing.length === 0) return;
  const packages = missing.map((tool) => tool.package);
  if (process.getuid?.() !== 0 || !isOnPath('apt-get')) {
    throw new Error(`The tests need these programs; please install them: ${packages.join(', ')}`);
  }
  console.log(`\n=== installing ${packages.join(', ')} ===`);
  runAptGet(['update', '-q']);
  runAptGet(['install', '-q', '-y', '--no-install-recommends', ...packages]);
}

function runAptGet(parameters: readonly string[]): void {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const { status } = spawnSync('apt-get', parameters, { stdio: 'inherit', env });
  if (status !== 0) throw new Error(`apt-get ${parameters.join(' ')} failed`);
}

function isOnPath(binary: string): boolean {
  return (process.env['PATH'] ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, binary), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
