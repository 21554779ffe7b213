/** Everything that is measured on one running node. */
import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryFolder } from '../lookup/folders.ts';
import { runLoad } from '../lookup/load.ts';
import { usherServer } from '../lookup/peers/usher.ts';
import { runProgram } from '../lookup/run-program.ts';
import { prepareUsherData, type UsherData } from '../lookup/usher-data.ts';
import type { ConsoleOptions } from './console-options.ts';
import { signInUser } from './console-users.ts';
import { type BesideRound, measureBeside, openConsoles } from './measure-beside.ts';
import { measureScroll, type Scrolls } from './measure-scroll.ts';
import { measureStart, type StartTimes } from './measure-start.ts';

export interface InConsole {
  readonly start?: StartTimes;
  readonly scroll?: Scrolls;
  readonly beside?: readonly BesideRound[];
}

export async function measureInConsole(options: ConsoleOptions): Promise<InConsole> {
  const { contacts, parts, rounds } = options;
  await buildConsole();
  const data = await prepareConsoleData(contacts);
  const server = usherServer(data, { workers: 1, name: 'console' });
  const started = await server.start();
  const { port } = started;
  const origin = `http://127.0.0.1:${port}`;
  try {
    const users = [await signInUser(data, port)];
    const [user] = users as [(typeof users)[number]];
    // Entries for the page of the access log, and figures for the overview.
    await runLoad({
      ...{ port, request: server.request, contacts },
      ...{ connections: 16, seconds: 3, seed: 1 },
    });
    const start = parts.includes('start') && (await measureStart(origin, user, rounds));
    const scroll = parts.includes('scroll') && (await measureScroll(origin, user, rounds));
    if (!parts.includes('beside')) return { ...(start && { start }), ...(scroll && { scroll }) };
    while (users.length < openConsoles) users.push(await signInUser(data, port));
    const beside = await measureBeside(server, started, users, options);
    return { ...(start && { start }), ...(scroll && { scroll }), beside };
  } finally {
    await server.stop();
  }
}

async function buildConsole(): Promise<void> {
  const script = join(repositoryFolder, 'console/scripts/build-console.ts');
  const parameters = [script, '--if-older'];
  await runProgram({ name: 'build-console', command: process.execPath, parameters });
}

/** A copy, because users and the access log stay in it. */
async function prepareConsoleData(contacts: number): Promise<UsherData> {
  const data = await prepareUsherData(contacts);
  const folder = `${data.folder}.console`;
  rmSync(folder, { recursive: true, force: true });
  cpSync(data.folder, folder, { recursive: true });
  return { ...data, folder };
}
