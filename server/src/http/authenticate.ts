/**
 * Finds the caller of a request by its bearer token (RFC 6750). Denies by default, compares digests
 * in constant time, and counts failures against the client's address.
 */
import type { CatalogState, OrganizationState } from '../domain/catalog-state.ts';
import type { Problem } from '../domain/problem.ts';
import { compileAddressList } from '../domain/token/address-list.ts';
import type { FailedAuthenticationLimiter } from '../domain/token/failed-authentication.ts';
import { isLive, matchesDigest, type Token, tokenIdPart } from '../domain/token/token.ts';
import type { User } from '../domain/user/user.ts';
import type { LookupPlan, ValueFormat } from '../lookup/lookup-plan.ts';
import type { NotedClient } from '../observe/usage-clients.ts';

export interface AuthenticationContext {
  readonly catalog: { current(): CatalogState };
  readonly failedAuthentication: FailedAuthenticationLimiter;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
  /** Notes that a token was used. The catalog gets the time later, to the minute. */
  readonly tokenUsed: (token: Token, nowMs: number) => void;
}

/** The owner of a valid token, and what was compiled for it. */
export interface Caller {
  /** Of a user of the console: the rights of the operation that is called. */
  readonly token: Token;
  /** The user who is signed in, if the call came from the console. */
  readonly user?: User;
  /** Whether the user has confirmed who they are within the last 5 minutes. */
  readonly isConfirmed?: boolean;
  readonly organization: OrganizationState;
  /** Plans of this token's look-ups, dropped when the catalog's revision changes. */
  readonly plans: Readonly<Record<ValueFormat, KeptPlans>>;
  readonly allowsAddress: (address: string) => boolean;
  /** How the access log names the caller: `token:ID`. */
  readonly looker: string;
}

/** Compiled plans by the text of the requested fields. The last one is kept separately. */
export interface KeptPlans {
  lastKey: string | undefined;
  lastPlan: LookupPlan | undefined;
  readonly byFields: Map<string, LookupPlan>;
}

export interface Credentials {
  /** The `Authorization` header's value. */
  readonly authorization: string | undefined;
  /** The client's address (`client-address.ts`). */
  readonly address: string;
  readonly proof?: TokenProof | undefined;
}

/**
 * Remembers which token an `Authorization` header belongs to, so that a repeated header needs no
 * digest. Use a proof only for a header with exactly the same bytes, as `request-head.ts` does. A
 * change of the organization creates new `Token` objects, so a revoked or rotated token is never
 * reused from here.
 */
export class TokenProof {
  token: Token | undefined;
  /** What the last call with the token took of its limit. */
  units = 0;
  /** Counts the calls of this client with the token (`usageClient` of the API's context). */
  client: NotedClient | undefined;
}

const bearerPattern = /^bearer +([A-Za-z0-9._~+/-]+=*) *$/i;

/** The caller, or the problem with its credentials. */
export function authenticate(
  context: AuthenticationContext,
  credentials: Credentials,
): Caller | Problem {
  const nowMs = context.clock();
  const caller = findCaller(context.catalog.current(), credentials, nowMs);
  if (caller === undefined) return refuse(context, credentials);
  if (!caller.allowsAddress(credentials.address)) {
    return {
      code: 'address_not_allowed',
      detail: 'The token may not be used from this address. Ask for a token that allows it.',
    };
  }
  context.tokenUsed(caller.token, nowMs);
  return caller;
}

export function isProblem(result: object): result is Problem {
  return 'code' in result;
}

/** The owner of a valid token; `undefined`: there is none. Counts nothing. */
export function findCaller(
  state: CatalogState,
  { authorization, proof }: Credentials,
  nowMs: number,
): Caller | undefined {
  if (authorization === undefined) return undefined;
  const text = bearerToken(authorization);
  if (text === undefined) return undefined;
  // The catalog state is in memory, so checking the token's checksum first would save nothing.
  const token = state.tokens.get(tokenIdPart(text));
  if (token === undefined || !isLive(token, nowMs)) return undefined;
  if (proof?.token !== token && !matchesDigest(text, token)) return undefined;
  if (proof !== undefined) {
    proof.token = token;
    proof.units = 0;
  }
  const organization = state.organizations.get(token.organizationId);
  return organization === undefined ? undefined : callerOf(token, organization);
}

function bearerToken(authorization: string): string | undefined {
  // The usual form. The grammar (RFC 6750, section 2.1) allows others.
  if (authorization.startsWith('Bearer ush_')) return authorization.slice('Bearer '.length);
  return bearerPattern.exec(authorization)?.[1];
}

function refuse(context: AuthenticationContext, credentials: Credentials): Problem {
  const waitMs = context.failedAuthentication.countFailure(credentials.address);
  if (waitMs > 0) {
    return {
      code: 'rate_limited',
      detail: 'Too many failed authentications from this address. Wait, then send a valid token.',
      members: { retry_after_ms: waitMs },
      retryAfterSeconds: Math.max(1, Math.ceil(waitMs / 1_000)),
    };
  }
  if (credentials.authorization === undefined) {
    return {
      code: 'token_missing',
      detail: 'Send a token in the header: Authorization: Bearer ush_... (usher token create).',
    };
  }
  if (bearerToken(credentials.authorization) === undefined) {
    return {
      code: 'token_invalid',
      detail: 'The Authorization header is not of the form: Authorization: Bearer ush_...',
    };
  }
  // Malformed, unknown, expired and revoked tokens get the same answer, so that a caller cannot
  // tell them apart.
  return {
    code: 'token_invalid',
    detail: 'The token is malformed, unknown, expired or revoked. Use another one.',
  };
}

/**
 * Keyed by the catalog state's objects, so that entries of an old revision are garbage-collected.
 */
const callers = new WeakMap<OrganizationState, Map<string, Caller>>();

function callerOf(token: Token, organization: OrganizationState): Caller {
  let ofOrganization = callers.get(organization);
  if (ofOrganization === undefined) {
    ofOrganization = new Map();
    callers.set(organization, ofOrganization);
  }
  const known = ofOrganization.get(token.id);
  if (known !== undefined && known.token === token) return known;
  const caller: Caller = {
    token,
    organization,
    plans: { display: noPlans(), raw: noPlans() },
    allowsAddress: compileAddressList(token.addresses),
    looker: `token:${token.id}`,
  };
  ofOrganization.set(token.id, caller);
  return caller;
}

export function noPlans(): KeptPlans {
  return { lastKey: undefined, lastPlan: undefined, byFields: new Map() };
}
