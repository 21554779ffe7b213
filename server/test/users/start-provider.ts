/** A real OpenID provider (`oidc-provider`) on loopback, whose user signs in without questions. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import Provider from 'oidc-provider';

export interface ProviderUser {
  readonly sub: string;
  readonly email: string;
  readonly email_verified: boolean;
  readonly name?: string;
  readonly groups?: readonly string[];
}

export interface RunningProvider {
  readonly issuer: string;
  readonly clientSecret: string;
  /** Who signs in next. */
  user: ProviderUser;
  /** How often it has asked somebody to sign in. */
  asked: number;
}

export const clientId = 'usher';
const clientSecret = 'a secret of this test alone';

/** @param redirectUri the only one that the provider knows */
export async function startProvider(t: TestContext, redirectUri: string): Promise<RunningProvider> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const running: RunningProvider = {
    issuer,
    clientSecret,
    user: { sub: 'ana', email: 'ana@example.com', email_verified: true, groups: [] },
    asked: 0,
  };
  const provider = new Provider(issuer, {
    clients: [{ client_id: clientId, client_secret: clientSecret, redirect_uris: [redirectUri] }],
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name', 'groups'] },
    conformIdTokenClaims: false,
    cookies: { keys: ['a key of this test'] },
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_ctx, { uid }) => `/interaction/${uid}` },
    pkce: { required: () => true },
    findAccount: (_ctx, sub) => ({ accountId: sub, claims: async () => ({ ...running.user }) }),
    loadExistingGrant: async (ctx) => {
      const grant = new ctx.oidc.provider.Grant({
        clientId,
        accountId: ctx.oidc.session?.accountId ?? '',
      });
      grant.addOIDCScope('openid email profile');
      await grant.save();
      return grant;
    },
  });
  const answer = provider.callback();
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    if (!request.url?.startsWith('/interaction/')) return void answer(request, response);
    running.asked += 1;
    const login = { accountId: running.user.sub };
    provider
      .interactionFinished(request, response, { login }, { mergeWithLastSubmission: false })
      .catch(() => response.writeHead(500).end());
  });
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return running;
}

/**
 * Follows the provider's redirects as a browser does, with cookies.
 * @param cookies of the provider in this browser, which it may know from before
 * @returns the address that it sends the browser back to
 */
export async function visitProvider(
  start: string,
  back: string,
  cookies = new Map<string, string>(),
): Promise<URL> {
  let address = new URL(start);
  for (let step = 0; step < 10; step += 1) {
    if (address.href.startsWith(back)) return address;
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const answer = await fetch(address, { redirect: 'manual', headers: { cookie } });
    for (const line of answer.headers.getSetCookie()) {
      const [pair = ''] = line.split(';');
      cookies.set(pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1));
    }
    const next = answer.headers.get('location');
    if (next === null) throw new Error(`${answer.status} ${await answer.text()}`);
    address = new URL(next, address);
  }
  throw new Error('too many redirects');
}
