/** An API with a real provider of OpenID Connect, and browsers that sign in there. */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import type { RoleName } from '@usher/contract/roles';
import { OidcProvider } from '../../src/users/oidc/oidc-provider.ts';
import { startApi } from '../http/start-api.ts';
import { freePort } from '../launch/run-usher.ts';
import { ConsoleClient } from './console-client.ts';
import { clientId, type ProviderUser, startProvider, visitProvider } from './start-provider.ts';

const callback = '/console/api/session/oidc/callback';
const roles: readonly (readonly [string, RoleName])[] = [
  ['admins', 'admin'],
  ['ops', 'engineer'],
  ['desk', 'support'],
];

export const ana: ProviderUser = {
  ...{ sub: 'ana', email: 'Ana@Example.com', email_verified: true },
  ...{ name: 'Ana', groups: ['desk', 'ops'] },
};

export function providerAt(issuer: string, clientSecret = 'secret'): OidcProvider {
  return new OidcProvider(
    {
      ...{ issuer: new URL(issuer), clientId, clientSecret, name: 'Example Login' },
      ...{ organization: 'default', scope: 'openid email profile', groupsClaim: 'groups' },
      trustEmails: false,
      roles: new Map(roles),
    },
    () => performance.now(),
  );
}

/** An API with a real provider, which knows the API's address: a proxy's. */
export async function startBoth(t: TestContext, clock: () => number = Date.now) {
  const host = `127.0.0.1:${await freePort()}`;
  const back = `http://${host}${callback}`;
  const provider = await startProvider(t, back);
  provider.user = ana;
  const oidc = providerAt(provider.issuer, provider.clientSecret);
  const api = await startApi(t, { oidc, clock });
  const browser = () => new ConsoleClient(api, { host, origin: `http://${host}` });
  const visit = async (client: ConsoleClient, cookies?: Map<string, string>) => {
    const start = await client.call({ path: '/session/oidc' });
    assert.equal(start.status, 302, start.body);
    return visitProvider(start.headers.get('location') ?? '', back, cookies);
  };
  return { api, provider, browser, visit };
}

export function finish(client: ConsoleClient, parameters: string) {
  return client.call({ method: 'POST', path: '/session/oidc', body: { parameters } });
}
