/**
 * Programs of the machine that tests need and that do not come with `npm ci`. They are installed
 * where that is allowed (root, on a system with apt-get) and only if missing; elsewhere the reader
 * is told what to install.
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
  { binary: 'chromium', package: 'chromium' },
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

/** @throws when a tool is missing and may not be installed, or its installation fails */
export function installTools(): void {
  const missing = tools.filter((tool) => !isThere(tool.binary));
  if (missing.length === 0) return;
  const packages = [...new Set(missing.map((tool) => tool.package))];
  if (process.getuid?.() !== 0 || !isThere('apt-get')) {
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

/** Where Debian keeps servers: not in everybody's path, and PostgreSQL's by version. */
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
