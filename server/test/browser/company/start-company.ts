/** A server with the company of the pictures, and browsers of its users. */
import type { TestContext } from 'node:test';
import type { Browser } from 'playwright-core';
import { makeDataFolder, startUsher } from '../../launch/run-usher.ts';
import { ConsoleClient, goodPassword } from '../../users/console-client.ts';
import { type ConsolePage, type Look, openSignedIn } from '../open-console.ts';
import { emailOf } from './company-users.ts';
import { makeCompany, organizationName } from './make-company.ts';
import { customers } from './people.ts';

export interface RunningCompany {
  readonly url: string;
  /** Changes settings of the organization. */
  change(settings: object): Promise<void>;
  /** A page of the console of a user who is signed in. */
  open(browser: Browser, name: string, look: Look): Promise<ConsolePage>;
}

const userAgent = 'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Chrome/142.0 Safari/537.36';

/** Ended with the test. */
export async function startCompany(t: Pick<TestContext, 'after'>): Promise<RunningCompany> {
  const dataFolder = makeDataFolder(t);
  const { tokens } = await makeCompany(dataFolder);
  const server = await startUsher(dataFolder);
  t.after(() => server.stop());
  const signedIn = new Map<string, Promise<ConsoleClient>>();
  const userOf = (name: string) => {
    const entering = signedIn.get(name) ?? enter(server, name);
    signedIn.set(name, entering);
    return entering;
  };
  await lookUp(server.url, tokens);
  return {
    url: server.url,
    change: async (body) => {
      const client = await userOf('Dana Reyes');
      const answer = await client.call({ method: 'PATCH', path: '/v1/organization', body });
      if (answer.status !== 200) throw new Error(answer.body);
    },
    open: async (browser, name, look) => {
      return openSignedIn(browser, server.url, await userOf(name), look);
    },
  };
}

async function enter(server: { readonly port: number }, name: string): Promise<ConsoleClient> {
  const client = new ConsoleClient(server, { 'user-agent': userAgent });
  const body = { email: emailOf(name), password: goodPassword, organization: organizationName };
  const answer = await client.call({ method: 'POST', path: '/session', body });
  if (answer.status !== 200) throw new Error(answer.body);
  return client;
}

/** Traffic of this moment, for the figures that are live. */
async function lookUp(url: string, tokens: ReadonlyMap<string, string>): Promise<void> {
  const names = ['checkout-web', 'checkout-web', 'mail-renderer', 'call-centre', 'pricing'];
  for (let made = 0; made < 120; made += 1) {
    const name = names[(made * 7) % names.length] ?? '';
    const { email = '' } = made % 11 === 3 ? {} : (customers[(made * 3) % 40] ?? {});
    const headers = {
      authorization: `Bearer ${tokens.get(name)}`,
      'user-agent': `${name}/2.4`,
      ...(name === 'call-centre' && { 'usher-actor': made % 2 === 0 ? 'Mira Chen' : 'Leo Brandt' }),
    };
    const identity = `email:${email || 'nobody@hello.com'}`;
    await fetch(`${url}/audience/v2/contacts?identity=${identity}`, { headers });
  }
}
