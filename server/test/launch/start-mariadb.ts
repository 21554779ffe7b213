/**
 * Starts a real MariaDB for a test, in its own folder, on a free port, and with an account that has
 * a password.
 */
import { join } from 'node:path';
import {
  makeServerFolder,
  type RunningProgram,
  removeFolder,
  runProgram,
  serverBinary,
  startProgram,
  type TestDatabase,
} from './database-process.ts';
import { freePort } from './run-usher.ts';

const user = 'usher';
const password = 'a secret: @/?';

export async function startMariadb(
  settings: Readonly<Record<string, string>> = {},
): Promise<TestDatabase> {
  const folder = await makeServerFolder('usher-maria-');
  const data = join(folder, 'data');
  const socket = join(folder, 'socket');
  const asRoot = process.getuid?.() === 0 ? ['--user=root'] : [];
  await runProgram({
    command: 'mariadb-install-db',
    parameters: [
      '--no-defaults',
      `--datadir=${data}`,
      '--auth-root-authentication-method=normal',
      '--skip-test-db',
      ...asRoot,
    ],
  });
  const port = await freePort();
  const all = {
    datadir: data,
    socket,
    port: String(port),
    'bind-address': '127.0.0.1',
    'pid-file': join(folder, 'pid'),
    'character-set-server': 'utf8mb4',
    ...settings,
  };
  const options = Object.entries(all).map(([name, value]) => `--${name}=${value}`);
  const server = {
    command: serverBinary('mariadbd'),
    parameters: ['--no-defaults', ...options, ...asRoot],
  };
  const run = (sql: string, database = 'usher') =>
    runProgram(client(socket, ['-uroot', `--database=${database}`]), sql);
  let program: RunningProgram | undefined;
  const start = async () => {
    program = await startProgram(server, () => run('select 1', 'mysql'));
  };
  const stop = async () => program?.end('SIGTERM');
  await start();
  await run(
    `CREATE DATABASE usher; CREATE USER ${user}@'127.0.0.1' IDENTIFIED BY '${password}';
     GRANT ALL ON *.* TO ${user}@'127.0.0.1';`,
    'mysql',
  );
  return {
    port,
    user,
    password,
    url: (database = 'usher') =>
      `mysql://${user}:${encodeURIComponent(password)}@127.0.0.1:${port}/${database}`,
    run,
    crash: async () => program?.end('SIGKILL'),
    start,
    stop,
    close: async () => {
      await stop();
      removeFolder(folder);
    },
  };
}

function client(
  socket: string,
  where: readonly string[],
): { command: string; parameters: string[] } {
  const quiet = ['--no-defaults', '--default-character-set=utf8mb4', '-N', '-B'];
  return { command: 'mariadb', parameters: [...quiet, `--socket=${socket}`, ...where] };
}
