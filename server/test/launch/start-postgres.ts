/**
 * Starts a real PostgreSQL for a test: a cluster in its own folder, on a free port, and with an
 * account that has a password.
 */
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  asAccount,
  makeServerFolder,
  type RunningProgram,
  removeFolder,
  runProgram,
  serverBinary,
  startProgram,
  type TestDatabase,
} from './database-process.ts';
import { freePort } from './run-usher.ts';

const account = 'postgres';
const user = 'usher';
const password = 'a secret: @/?';

export async function startPostgres(
  settings: Readonly<Record<string, string>> = {},
): Promise<TestDatabase> {
  const folder = await makeServerFolder('usher-pg-', account);
  const data = join(folder, 'data');
  const passwordFile = join(folder, 'password');
  writeFileSync(passwordFile, password);
  // The server's account must be able to read it, whatever the umask. Only that account can enter
  // the folder.
  chmodSync(passwordFile, 0o644);
  const initial = ['-D', data, '-U', user, '--pwfile', passwordFile, '-E', 'UTF8', '--locale=C'];
  const access = ['--auth-local=trust', '--auth-host=scram-sha-256', '--no-sync'];
  await runProgram(
    asAccount(account, { command: serverBinary('initdb'), parameters: [...initial, ...access] }),
  );
  const port = await freePort();
  const all = {
    port: String(port),
    listen_addresses: '127.0.0.1',
    unix_socket_directories: folder,
    fsync: 'off',
    ...settings,
  };
  const options = Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const server = asAccount(account, {
    command: serverBinary('postgres'),
    parameters: ['-D', data, ...options],
  });
  const run = (sql: string, database = 'postgres') =>
    runProgram(psql(['-h', folder, '-p', String(port), '-U', user, '-d', database]), sql);
  let program: RunningProgram | undefined;
  const start = async () => {
    program = await startProgram(server, () => run('select 1'));
  };
  const stop = async () => program?.end('SIGINT');
  await start();
  return {
    port,
    user,
    password,
    url: (database = 'postgres') =>
      `postgres://${user}:${encodeURIComponent(password)}@127.0.0.1:${port}/${database}`,
    run,
    // Ends the sessions too, because they would outlive a killed server for a while.
    crash: async () => program?.end('SIGQUIT'),
    start,
    stop,
    close: async () => {
      await stop();
      removeFolder(folder);
    },
  };
}

function psql(where: readonly string[]): { command: string; parameters: string[] } {
  const quiet = ['-X', '-q', '-t', '-A', '-v', 'ON_ERROR_STOP=1'];
  return { command: 'psql', parameters: [...quiet, ...where, '-f', '-'] };
}
