/** A browser's view of the console: keeps cookies, sends the headers that browsers send. */
import type { RoleName } from '@usher/contract/roles';
import { inviteUser, type UserManager } from '../../src/users/manage-users.ts';
import { userKeysOf } from '../../src/users/user-keys.ts';
import { callApi } from '../http/call-api.ts';
import type { RawAnswer } from '../http/raw-connection.ts';
import type { RunningApi } from '../http/start-api.ts';

export const goodPassword = 'correct horse battery';

interface ConsoleCall {
  readonly method?: string;
  readonly path: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export class ConsoleClient {
  readonly #api: Pick<RunningApi, 'port'>;
  readonly #headers: Readonly<Record<string, string>>;
  readonly cookies = new Map<string, string>();

  /** @param headers sent with every request */
  constructor(api: Pick<RunningApi, 'port'>, headers: Readonly<Record<string, string>> = {}) {
    this.#api = api;
    this.#headers = headers;
  }

  /** A call below `/console/api`, as the console's own page sends it. */
  async call({ method = 'GET', path, body, headers = {} }: ConsoleCall): Promise<RawAnswer> {
    const host = `127.0.0.1:${this.#api.port}`;
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const answer = await callApi(this.#api, {
      method,
      path: `/console/api${path}`,
      body,
      headers: {
        ...(method === 'GET' ? {} : { origin: `http://${host}`, 'sec-fetch-site': 'same-origin' }),
        ...(cookie === '' ? {} : { cookie }),
        ...this.#headers,
        ...headers,
      },
    });
    for (const line of (answer.headers.get('set-cookie') ?? '').split(/,(?=\s*[\w-]+=)/)) {
      const [, name, value = ''] = /^\s*([\w-]+)=([^;]*)/.exec(line) ?? [];
      if (name === undefined) continue;
      if (/Max-Age=0/.test(line)) this.cookies.delete(name);
      else this.cookies.set(name, value);
    }
    return answer;
  }

  signIn(email: string, password = goodPassword, code?: string): Promise<RawAnswer> {
    const body = { email, password, ...(code !== undefined && { code }) };
    return this.call({ method: 'POST', path: '/session', body });
  }

  takeLink(link: string, more: object = { password: goodPassword }): Promise<RawAnswer> {
    const body = { link: link.split('#')[1], ...more };
    return this.call({ method: 'POST', path: '/session/link', body });
  }
}

/** The operator, who manages the users of an organization. */
export function operatorOf(api: RunningApi, organizationId = 1): UserManager {
  const { administration, dataFolder } = api;
  return { administration, organizationId, keys: userKeysOf(dataFolder) };
}

export interface TrialUser {
  readonly id: string;
  readonly email: string;
  /** Signed in. */
  readonly client: ConsoleClient;
}

/** Invites a user of this role, who takes the link and so is signed in. */
export async function makeUser(
  api: RunningApi,
  role: RoleName,
  { organizationId = 1, email = `${role}@example.com` } = {},
): Promise<TrialUser> {
  const { user, link } = await inviteUser(operatorOf(api, organizationId), { email, role });
  const client = new ConsoleClient(api);
  const answer = await client.takeLink(link);
  if (answer.status !== 200) throw new Error(answer.body);
  return { id: user.id, email, client };
}

export function jsonOf(answer: RawAnswer): Record<string, unknown> {
  return JSON.parse(answer.body) as Record<string, unknown>;
}
