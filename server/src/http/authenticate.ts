/**
 * Finds the caller of a request by its bearer token (RFC 6750) in the catalog's state. Denies by
 * default. Each request proves its token by its digest, in constant time; a failure counts against
 * the client's address.
 */

import type { CatalogState, OrganizationState } from '../domain/catalog-state.ts';
import type { Problem } from '../domain/problem.ts';
import { compileAddressList } from '../domain/token/address-list.ts';
import type { FailedAuthenticationLimiter } from '../domain/token/failed-authentication.ts';
import { isLive, matchesDigest, type Token, tokenIdPart } from '../domain/token/token.ts';
import type { LookupPlan, ValueFormat } from '../lookup/lookup-plan.ts';

export interface AuthenticationContext {
  readonly catalog: { current(): CatalogState };
  readonly failedAuthentication: FailedAuthenticationLimiter;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
  /** Told of each use of a token; collects them and writes them later, to the minute. */
  readonly tokenUsed: (token: Token, nowMs: number) => void;
}

/** A caller whose token is good, with what was compiled for it. */
export interface Caller {
  readonly token: Token;
  readonly organization: OrganizationState;
  /** Plans of this token's look-ups; made anew with each revision of the catalog. */
  readonly plans: Readonly<Record<ValueFormat, KeptPlans>>;
  readonly allowsAddress: (address: string) => boolean;
}

/** Compiled plans by the text of the fields asked for, the last one apart. */
export interface KeptPlans {
  lastKey: string | undefined;
  lastPlan: LookupPlan | undefined;
  readonly byFields: Map<string, LookupPlan>;
}

export interface Credentials {
  /** The `Authorization` header's value. */
  readonly authorization: string | undefined;
  /** Of the client, as believed (`client-address.ts`). */
  readonly address: string;
  readonly proof?: TokenProof | undefined;
}

/**
 * What the bytes of one `Authorization` header were proved to be. Whoever keeps it vouches that it
 * stands beside the very same bytes (`request-head.ts` does, within one connection). The next
 * request with them needs no digest, for as long as the catalog's state holds that very token:
 * revoking, rotating or any other change of the organization makes new ones.
 */
export class TokenProof {
  token: Token | undefined;
}

const bearerPattern = /^bearer +([A-Za-z0-9._~+/-]+=*) *$/i;

/** The caller, or the problem that its credentials have. */
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

function findCaller(
  state: CatalogState,
  { authorization, proof }: Credentials,
  nowMs: number,
): Caller | undefined {
  if (authorization === undefined) return undefined;
  const text = bearerToken(authorization);
  if (text === undefined) return undefined;
  // The state is in memory, so the token's own check saves nothing here: its digest decides.
  const token = state.tokens.get(tokenIdPart(text));
  if (token === undefined || !isLive(token, nowMs)) return undefined;
  if (proof?.token !== token && !matchesDigest(text, token)) return undefined;
  if (proof !== undefined) proof.token = token;
  const organization = state.organizations.get(token.organizationId);
  return organization === undefined ? undefined : callerOf(token, organization);
}

function bearerToken(authorization: string): string | undefined {
  // As nearly everybody writes it; the grammar (RFC 6750, section 2.1) allows more.
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
  // One answer for malformed, unknown, expired and revoked, so that none of these can be told
  // apart.
  return {
    code: 'token_invalid',
    detail: 'The token is malformed, unknown, expired or revoked. Use another one.',
  };
}

/**
 * Keyed by the state's own objects, so that a new revision forgets what was compiled for the old
 * one.
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
  };
  ofOrganization.set(token.id, caller);
  return caller;
}

function noPlans(): KeptPlans {
  return { lastKey: undefined, lastPlan: undefined, byFields: new Map() };
}
