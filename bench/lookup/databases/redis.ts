/**
 * Redis with one JSON string for each contact under `contact:<e-mail>`. Both webdis and Fastify
 * read it.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { contactJson, generatorVersion, makeContact } from '../contacts-data.ts';
import { setCommand } from '../data-files.ts';
import { workFolder } from '../folders.ts';
import { type Program, runProgram, serverCore, startProgram } from '../run-program.ts';
import { findFreePort, waitUntil } from '../wait-until.ts';
import type { Database } from './database.ts';

export async function startRedis(contacts: number): Promise<Database> {
  const folder = join(workFolder, 'redis');
  mkdirSync(folder, { recursive: true });
  const port = await findFreePort();
  const program = startProgram({
    name: 'redis',
    command: 'redis-server',
    core: serverCore,
    parameters: [
      ...['--bind', '127.0.0.1', '--port', String(port), '--dir', folder],
      ...['--dbfilename', `contacts-${contacts}-v${generatorVersion}.rdb`],
      // Nothing is written during the measurement. The file is saved once, below.
      ...['--save', '', '--appendonly', 'no', '--shutdown-on-sigterm', 'nosave'],
    ],
  });
  await waitUntil(async () => (await ask(port, 'PING').catch(() => '')).trim() === 'PONG', {
    what: 'redis loads its file',
    within: 120_000,
    of: program,
  });
  if (Number(await ask(port, 'DBSIZE')) !== contacts) await fill(port, contacts);
  return { port, pid: program.pid, stop: () => program.stop() };
}

async function fill(port: number, contacts: number): Promise<void> {
  await ask(port, 'FLUSHALL');
  await runProgram(client(port, ['--pipe']), setCommands(contacts));
  const found = Number(await ask(port, 'DBSIZE'));
  if (found !== contacts) throw new Error(`redis holds ${found} contacts of ${contacts}`);
  await ask(port, 'SAVE');
}

async function* setCommands(contacts: number): AsyncGenerator<string> {
  let text = '';
  for (let index = 0; index < contacts; index += 1) {
    const contact = makeContact(index);
    text += setCommand(`contact:${contact.email}`, contactJson(contact));
    if (text.length > 1 << 20) {
      yield text;
      text = '';
    }
  }
  yield text;
}

function ask(port: number, command: string): Promise<string> {
  return runProgram(client(port, [command]));
}

function client(port: number, parameters: readonly string[]): Program {
  return {
    name: 'redis-cli',
    command: 'redis-cli',
    parameters: ['-h', '127.0.0.1', '-p', String(port), ...parameters],
  };
}
