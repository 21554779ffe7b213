/**
 * Installs the programs that tests need and that `npm ci` does not install. This works as root on a
 * system with apt-get. Otherwise the error lists what to install.
 */
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';

interface Tool {
  readonly binary: string;
  /** Debian's package. */
  readonly package: string;
}

const tools: readonly Tool[] = [
  { binary: 'chromium-headless-shell', package: 'chromium-headless-shell' },
  { binary: 'curl', package: 'curl' },
  { binary: 'mariadb', package: 'mariadb-client' },
  { binary: 'mariadb-install-db', package: 'mariadb-server' },
  { binary: 'mariadbd', package: 'mariadb-server' },
  { binary: 'mount', package: 'mount' },
  { binary: 'openssl', package: 'openssl' },
  { binary: 'postgres', package: 'postgresql' },
  { binary: 'psql', package: 'postgresql-client' },
  { binary: 'setpriv', package: 'util-linux' },
  { binary: 'strace', package: 'strace' },
];

/** @throws if a tool is missing and cannot be installed */
export function installTools(): void {
  const missing = tools.filter((tool) => !isThere(tool.binary));
  if (missing.length === 0) return;
  const packages = [...new Set(missing.map((tool) => tool.package))];
  if (process.getuid?.() !== 0 || !isThere('apt-get')) {
    throw new Error(`The tests need these programs. Install them first: ${packages.join(', ')}`);
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

/** Where Debian keeps servers: outside of PATH, and PostgreSQL in one folder per version. */
const postgresVersions = '/usr/lib/postgresql';

function isThere(binary: string): boolean {
  const versions = existsSync(postgresVersions) ? readdirSync(postgresVersions) : [];
  const folders = [
    ...(process.env['PATH'] ?? '').split(delimiter),
    '/usr/sbin',
    ...versions.map((version) => join(postgresVersions, version, 'bin')),
  ];
  return folders.some((folder) => {
    try {
      accessSync(join(folder, binary), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
