/** A token, as the API answers it: everything but the digest, with times in RFC 3339. */
import type { TokenRecord } from '../../catalog/catalog.ts';
import type { Organization } from '../../domain/organization.ts';
import { isLive, type Scope } from '../../domain/token/token.ts';
import { rfc3339 } from '../administration.ts';

export interface TokenView {
  readonly id: string;
  readonly name: string | null;
  readonly created_by: string;
  readonly last_characters: string;
  readonly state: 'live' | 'expired' | 'revoked';
  readonly scopes: readonly Scope[];
  /** Allow-lists; `null` allows everything. */
  readonly fields: readonly string[] | null;
  readonly identity_types: readonly string[] | null;
  readonly addresses: readonly string[] | null;
  readonly max_share: number | null;
  /** The only dataset that it may push to; `null` allows every dataset. */
  readonly dataset: string | null;
  readonly created_at: string;
  readonly expires_at: string | null;
  /** To the minute. */
  readonly last_used_at: string | null;
  readonly revoked_at: string | null;
  /** The id of the token that replaced it. */
  readonly replaced_by: string | null;
  /** Its age in whole days. */
  readonly age_days: number;
  /** Advice for its owner, in sentences. */
  readonly warnings: readonly string[];
}

const dayMs = 86_400_000;

export function viewToken(
  token: TokenRecord,
  organization: Organization,
  nowMs: number,
): TokenView {
  return {
    id: token.id,
    name: token.name,
    created_by: token.createdBy,
    last_characters: token.lastCharacters,
    state: stateOf(token, nowMs),
    scopes: token.scopes,
    fields: token.fields,
    identity_types: token.identityTypes,
    addresses: token.addresses,
    max_share: token.maxShare,
    dataset: token.dataset,
    created_at: rfc3339(token.createdAtMs),
    expires_at: timeOrNull(token.expiresAtMs),
    last_used_at: timeOrNull(token.lastUsedAtMs),
    revoked_at: timeOrNull(token.revokedAtMs),
    replaced_by: token.replacedBy,
    age_days: ageDays(token, nowMs),
    warnings: warningsOf(token, organization, nowMs),
  };
}

function stateOf(token: TokenRecord, nowMs: number): TokenView['state'] {
  if (token.revokedAtMs !== null) return 'revoked';
  return isLive(token, nowMs) ? 'live' : 'expired';
}

function warningsOf(
  token: TokenRecord,
  organization: Organization,
  nowMs: number,
): readonly string[] {
  // A token that was rotated will end by itself.
  if (!isLive(token, nowMs) || token.replacedBy !== null) return [];
  const days = ageDays(token, nowMs);
  if (days <= organization.tokenMaxAgeDays) return [];
  return [
    `It is ${days} days old, more than ${organization.tokenMaxAgeDays}. ` +
      `Replace it with \`usher token rotate ${token.id}\`.`,
  ];
}

function ageDays(token: TokenRecord, nowMs: number): number {
  return Math.max(0, Math.floor((nowMs - token.createdAtMs) / dayMs));
}

function timeOrNull(timeMs: number | null): string | null {
  return timeMs === null ? null : rfc3339(timeMs);
}
