/**
 * An OpenID provider: the authorization code flow with PKCE, state and nonce. `openid-client`
 * checks the answers; the signature of the ID token is checked, too, also over TLS.
 */
import * as client from 'openid-client';
import { oidcCacheMs, oidcMemorySeconds, oidcTimeoutSeconds } from '../limits.ts';
import { signInFailed } from '../user-error.ts';
import type { OidcOptions } from './oidc-file.ts';

/** What the browser keeps, encrypted, between leaving for the provider and coming back. */
export interface OidcFlow {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
  readonly redirectUri: string;
  readonly endMs: number;
  /** Whether the provider must ask the user again, even if it still knows the browser. */
  readonly isConfirmation: boolean;
}

type FlowStart = Pick<OidcFlow, 'redirectUri' | 'endMs' | 'isConfirmation'>;

/** Who the provider says that this is. */
export interface OidcIdentity {
  /** The issuer and the subject. */
  readonly subject: string;
  readonly email: string | undefined;
  readonly isEmailVerified: boolean;
  readonly name: string | undefined;
  readonly groups: readonly string[];
  /** When the provider last asked the user; `undefined` if it does not say. */
  readonly provenAtMs: number | undefined;
}

/** OpenID Connect Core, section 2: ASCII, at most 255 characters. */
const subjectPattern = /^[ -~]{1,255}$/;

export class OidcProvider {
  readonly options: OidcOptions;
  readonly #clock: () => number;
  #found: { readonly config: Promise<client.Configuration>; readonly atMs: number } | undefined;

  /** @param clock milliseconds */
  constructor(options: OidcOptions, clock: () => number) {
    this.options = options;
    this.#clock = clock;
  }

  /** @returns where to send the browser, and what it keeps meanwhile */
  async begin(start: FlowStart): Promise<{ url: URL; flow: OidcFlow }> {
    const config = await this.#configuration();
    const flow = {
      state: client.randomState(),
      nonce: client.randomNonce(),
      verifier: client.randomPKCECodeVerifier(),
      ...start,
    };
    const url = client.buildAuthorizationUrl(config, {
      redirect_uri: flow.redirectUri,
      scope: this.options.scope,
      code_challenge: await client.calculatePKCECodeChallenge(flow.verifier),
      code_challenge_method: 'S256',
      ...{ state: flow.state, nonce: flow.nonce },
      // With `max_age`, providers must say when they asked (`auth_time`).
      max_age: flow.isConfirmation ? '0' : String(oidcMemorySeconds),
      ...(flow.isConfirmation && { prompt: 'login' }),
    });
    return { url, flow };
  }

  /**
   * Exchanges the answer that the browser brought back.
   * @param parameters the query of the callback's address
   * @throws UsherError `sign_in_failed`, with the library's error as its cause
   */
  async finish(flow: OidcFlow, parameters: string): Promise<OidcIdentity> {
    const config = await this.#configuration();
    try {
      const address = new URL(flow.redirectUri);
      address.search = parameters;
      const tokens = await client.authorizationCodeGrant(config, address, {
        pkceCodeVerifier: flow.verifier,
        expectedState: flow.state,
        expectedNonce: flow.nonce,
        idTokenExpected: true,
      });
      const claims = tokens.claims();
      if (claims === undefined) throw new Error('there is no ID token');
      if (!subjectPattern.test(claims.sub)) throw new Error('the subject is not valid');
      const all =
        this.#isComplete(claims) || config.serverMetadata().userinfo_endpoint === undefined
          ? claims
          : { ...(await client.fetchUserInfo(config, tokens.access_token, claims.sub)), ...claims };
      return this.#identityOf(claims, all);
    } catch (error) {
      throw signInFailed(refusal, {}, withoutValues(error));
    }
  }

  #isComplete(claims: Readonly<Record<string, unknown>>): boolean {
    const wanted = ['email', 'email_verified', this.options.groupsClaim];
    return wanted.every((name) => claims[name] !== undefined);
  }

  #identityOf(
    { iss, sub, auth_time }: client.IDToken,
    claims: Readonly<Record<string, unknown>>,
  ): OidcIdentity {
    const { email, name } = claims;
    const groups = claims[this.options.groupsClaim];
    return {
      subject: `${iss}\n${sub}`,
      email: typeof email === 'string' ? email : undefined,
      isEmailVerified: (claims['email_verified'] ?? this.options.trustEmails) === true,
      name: typeof name === 'string' ? name : undefined,
      groups: [groups].flat().filter((group) => typeof group === 'string'),
      provenAtMs: typeof auth_time === 'number' ? auth_time * 1_000 : undefined,
    };
  }

  /** Read again after an hour, and after a failure. */
  #configuration(): Promise<client.Configuration> {
    const nowMs = this.#clock();
    if (this.#found !== undefined && nowMs - this.#found.atMs < oidcCacheMs) {
      return this.#found.config;
    }
    const { issuer, clientId, clientSecret } = this.options;
    const execute = [client.enableNonRepudiationChecks];
    if (issuer.protocol === 'http:') execute.push(client.allowInsecureRequests);
    const config = client
      .discovery(issuer, clientId, clientSecret, undefined, {
        timeout: oidcTimeoutSeconds,
        execute,
      })
      .catch((cause: unknown) => {
        this.#found = undefined;
        const detail = 'The OpenID provider does not answer. Try again later.';
        throw signInFailed(detail, {}, withoutValues(cause));
      });
    this.#found = { config, atMs: nowMs };
    return config;
  }
}

/** For the log: the library's errors hold answers, and so tokens and claims about a person. */
function withoutValues(error: unknown): Error {
  const { message, code } = error as { readonly message?: unknown; readonly code?: unknown };
  return new Error(`openid-client: ${String(code ?? 'failed')}: ${String(message)}`);
}

const refusal =
  'The answer of the OpenID provider was refused. It may have expired, or have been used. Sign in again.';
