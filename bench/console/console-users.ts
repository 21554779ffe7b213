/** Users of the measured node who are signed in to its console. */
import { randomBytes } from 'node:crypto';
import { ConsoleClient } from '../../server/test/users/console-client.ts';
import { runProgram } from '../lookup/run-program.ts';
import { type UsherData, usherProgram } from '../lookup/usher-data.ts';

export interface SignedIn {
  readonly cookies: ReadonlyMap<string, string>;
  /** The header `Cookie`. */
  readonly header: string;
}

/** Invites a new administrator on the command line, and takes the link. */
export async function signInUser({ command, folder }: UsherData, port: number): Promise<SignedIn> {
  const email = `console-${randomBytes(6).toString('hex')}@example.com`;
  const create = ['user', 'create', '--email', email, '--role', 'admin', '-q'];
  const link = await runProgram(usherProgram(command, folder, create));
  const client = new ConsoleClient({ port });
  const { status, body } = await client.takeLink(link.trim());
  if (status !== 200) throw new Error(`the link was refused: ${body}`);
  const header = [...client.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  return { cookies: client.cookies, header };
}
