/** A provider that answers what a test wants: forged, expired and mixed-up ID tokens. */
import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';

export interface ForgedProvider {
  readonly issuer: string;
  /** Changes the ID token of the next answers. */
  forge: (claims: Record<string, unknown>) => Record<string, unknown>;
  /** The key that signs; the published one is another after `signWithAnother`. */
  signWithAnother(): void;
  /** Whether the token says `alg: none`, without a signature. */
  isUnsigned: boolean;
  /** The nonce of the sign-in under way. */
  nonce: string;
}

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
const newKeys = () => generateKeyPairSync('rsa', { modulusLength: 2_048 });

export async function startForgedProvider(
  t: TestContext,
  clientId: string,
): Promise<ForgedProvider> {
  const published = newKeys();
  let signing: KeyObject = published.privateKey;
  const server = createServer((request, response) => {
    const path = (request.url ?? '').split('?')[0];
    const body =
      path === '/token'
        ? { access_token: 'a', token_type: 'bearer', expires_in: 60, id_token: idToken() }
        : path === '/jwks'
          ? {
              keys: [
                {
                  ...published.publicKey.export({ format: 'jwk' }),
                  kid: '1',
                  use: 'sig',
                  alg: 'RS256',
                },
              ],
            }
          : metadata();
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const metadata = () => ({
    ...{ issuer, authorization_endpoint: `${issuer}/auth`, token_endpoint: `${issuer}/token` },
    ...{ jwks_uri: `${issuer}/jwks`, response_types_supported: ['code'] },
    ...{
      subject_types_supported: ['public'],
      authorization_response_iss_parameter_supported: true,
    },
    id_token_signing_alg_values_supported: ['RS256'],
  });
  const idToken = () => {
    const now = Math.floor(Date.now() / 1_000);
    const honest = {
      ...{ iss: issuer, sub: 'ana', aud: clientId, iat: now, exp: now + 60 },
      ...{ nonce: forged.nonce, email: 'ana@example.com', email_verified: true, groups: ['ops'] },
    };
    const header = forged.isUnsigned ? { alg: 'none' } : { alg: 'RS256', kid: '1' };
    const text = `${encode(header)}.${encode(forged.forge(honest))}`;
    if (forged.isUnsigned) return `${text}.`;
    return `${text}.${sign('sha256', Buffer.from(text), signing).toString('base64url')}`;
  };
  const forged: ForgedProvider = {
    issuer,
    forge: (claims) => claims,
    signWithAnother: () => {
      signing = newKeys().privateKey;
    },
    isUnsigned: false,
    nonce: '',
  };
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return forged;
}
