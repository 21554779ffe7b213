/** A token, as the API returns it: everything but the digest, with times in RFC 3339. */
import type { TokenRecord } from '../../catalog/catalog.ts';
import type { Organization } from '../../domain/organization.ts';
import { isLive } from '../../domain/token/token.ts';
import { rfc3339 } from '../administration.ts';

export type TokenView = ReturnType<typeof viewToken>;

const dayMs = 86_400_000;

export function viewToken(token: TokenRecord, organization: Organization, nowMs: number) {
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
    /** To the minute. */
    last_used_at: timeOrNull(token.lastUsedAtMs),
    revoked_at: timeOrNull(token.revokedAtMs),
    replaced_by: token.replacedBy,
    age_days: ageDays(token, nowMs),
    /** Advice for its owner, in sentences. */
    warnings: warningsOf(token, organization, nowMs),
  };
}

function stateOf(token: TokenRecord, nowMs: number): 'live' | 'expired' | 'revoked' {
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
  return [...ageWarnings(token, organization, nowMs), ...idleScopeWarnings(token)];
}

/** Scopes that the token has and cannot use. */
function idleScopeWarnings(token: TokenRecord): string[] {
  return [...privacyWarnings(token), ...approvalWarnings(token)];
}

function approvalWarnings({ scopes }: TokenRecord): string[] {
  if (!scopes.includes('admin:approve') || scopes.includes('admin:write')) return [];
  return [
    'The scope admin:approve has no effect without admin:write: who approves a plan sends the change again, and that needs admin:write. Create a token with both.',
  ];
}

function privacyWarnings({ scopes, fields, identityTypes, dataset }: TokenRecord): string[] {
  const isLimited = fields !== null || identityTypes !== null || dataset !== null;
  if (!scopes.includes('privacy:write') || !isLimited) return [];
  return [
    'The scope privacy:write has no effect: it needs a token without lists of fields and identity types, and without a dataset. Create a token of its own for it.',
  ];
}

function ageWarnings(
  token: TokenRecord,
  { tokenMaxAgeDays }: Organization,
  nowMs: number,
): string[] {
  const days = ageDays(token, nowMs);
  if (days <= tokenMaxAgeDays) return [];
  return [
    `The token is ${days} days old, more than the ${tokenMaxAgeDays} days that the organization allows. ` +
      `Replace it with \`usher token rotate ${token.id}\`.`,
  ];
}

function ageDays(token: TokenRecord, nowMs: number): number {
  return Math.max(0, Math.floor((nowMs - token.createdAtMs) / dayMs));
}

function timeOrNull(timeMs: number | null): string | null {
  return timeMs === null ? null : rfc3339(timeMs);
}
