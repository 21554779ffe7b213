/**
 * A PostgreSQL cluster in the work folder, for the look-ups (a table of contacts as JSON) and for
 * the import. Its settings for memory and log space are large enough not to slow it down. All
 * safety settings stay on.
 */
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { generatorVersion, makeContact } from '../contacts-data.ts';
import { copyLine } from '../data-files.ts';
import { workFolder } from '../folders.ts';
import { type Program, runProgram, type serverCore, startProgram } from '../run-program.ts';
import { findFreePort, waitUntil } from '../wait-until.ts';
import type { Database } from './database.ts';

export const postgresAccount = 'bench';

/** @param core the only core that it may use. By default it may use all */
export async function startPostgres(core?: typeof serverCore): Promise<Database> {
  const folder = join(workFolder, 'postgres');
  const data = join(folder, 'data');
  if (!existsSync(join(data, 'PG_VERSION'))) await makeCluster(folder, data);
  const port = await findFreePort();
  const settings = {
    port: String(port),
    listen_addresses: '127.0.0.1',
    unix_socket_directories: folder,
    shared_buffers: '2GB',
    max_wal_size: '8GB',
  };
  const parameters = Object.entries(settings).flatMap(([name, value]) => [
    '-c',
    `${name}=${value}`,
  ]);
  const program = startProgram({
    ...asSystemAccount('postgres', postgresBinary('postgres'), ['-D', data, ...parameters]),
    ...(core === undefined ? {} : { core }),
    // "Fast" ends the sessions and shuts down cleanly.
    stopSignal: 'SIGINT',
  });
  await waitUntil(
    () =>
      query(port, 'select 1').then(
        () => true,
        () => false,
      ),
    {
      what: 'postgres starts',
      within: 120_000,
      of: program,
    },
  );
  return { port, pid: program.pid, stop: () => program.stop() };
}

/**
 * Creates a table `email text, data jsonb` with a unique index and the contacts, if it does not
 * exist.
 * @returns its name
 */
export async function fillContactTable(port: number, contacts: number): Promise<string> {
  const table = `contacts_${contacts}_v${generatorVersion}`;
  const known = await query(port, `select count(*) from pg_tables where tablename = '${table}'`);
  if (known.trim() === '1') return table;
  const loading = `${table}_loading`;
  await query(port, `drop table if exists ${loading}`);
  await query(port, `create table ${loading} (email text primary key, data jsonb not null)`);
  await runProgram(psql(port, `copy ${loading} from stdin`), copyRows(contacts));
  await query(port, `vacuum (analyze, freeze) ${loading}`);
  await query(port, `alter table ${loading} rename to ${table}`);
  return table;
}

async function* copyRows(contacts: number): AsyncGenerator<string> {
  let text = '';
  for (let index = 0; index < contacts; index += 1) {
    text += copyLine(makeContact(index));
    if (text.length > 1 << 20) {
      yield text;
      text = '';
    }
  }
  yield text;
}

export function query(port: number, statement: string): Promise<string> {
  return runProgram(psql(port, statement));
}

export function psql(port: number, statement: string): Program {
  const parameters = ['-X', '-q', '-t', '-A', '-h', '127.0.0.1', '-p', String(port)];
  const session = ['-U', postgresAccount, '-d', 'postgres', '-v', 'ON_ERROR_STOP=1'];
  return {
    name: 'psql',
    command: 'psql',
    parameters: [...parameters, ...session, '-c', statement],
  };
}

async function makeCluster(folder: string, data: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  if (process.getuid?.() === 0) {
    await runProgram({ name: 'chown', command: 'chown', parameters: ['postgres:', folder] });
  }
  const parameters = ['-D', data, '-U', postgresAccount, '-A', 'trust', '-E', 'UTF8'];
  await runProgram(
    asSystemAccount('initdb', postgresBinary('initdb'), [...parameters, '--locale=C']),
  );
}

/** PostgreSQL refuses to run as root, so the account of Debian's package runs it there. */
function asSystemAccount(name: string, command: string, parameters: readonly string[]): Program {
  if (process.getuid?.() !== 0) return { name, command, parameters };
  const account = ['--reuid=postgres', '--regid=postgres', '--init-groups'];
  return { name, command: 'setpriv', parameters: [...account, command, ...parameters] };
}

/** Debian keeps the servers' programs outside of PATH, in one folder for each version. */
function postgresBinary(name: string): string {
  const versions = '/usr/lib/postgresql';
  const newest = existsSync(versions)
    ? readdirSync(versions)
        .sort((a, b) => Number(a) - Number(b))
        .at(-1)
    : undefined;
  return newest === undefined ? name : join(versions, newest, 'bin', name);
}
