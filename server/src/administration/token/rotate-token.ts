/**
 * Rotates tokens: makes a new token with the rights of an old one. The old token stays valid for
 * the overlap, so that callers can change over.
 */
import type { CatalogChange, TokenRecord } from '../../catalog/catalog.ts';
import { UsherError } from '../../domain/errors.ts';
import type { Organization } from '../../domain/organization.ts';
import { isLive } from '../../domain/token/token.ts';
import { rightsOf } from '../../domain/token/token-rights.ts';
import {
  type Actor,
  type Administration,
  changeIn,
  type Precondition,
  requirePrecondition,
} from '../administration.ts';
import { DefinitionProblems } from '../dataset/definition-problems.ts';
import { parseDuration } from '../duration.ts';
import { tokenOverlapMs } from '../limits.ts';
import { type TokenView, viewToken } from './token-view.ts';
import {
  creationOf,
  insertToken,
  type NewTokenAnswer,
  requireRights,
  requireRoom,
  resolveToken,
} from './tokens.ts';

export interface RotationAnswer extends NewTokenAnswer {
  /** The old token with the time when it now ends. */
  readonly replaced: TokenView;
}

export interface RotationRequest {
  /** How long the old token stays valid: `0` to `7d`, 24 hours if missing. */
  readonly overlap?: string;
  readonly precondition?: Precondition<TokenView>;
}

/**
 * Replaces the token. The new one gets the same lifetime as the old one had, counted from now.
 * @throws UsherError `resource_not_found`, `token_ambiguous`, `definition_invalid` (a wrong
 *   overlap, a token that has ended or was already replaced, a full pool), `scope_missing`,
 *   `precondition_failed`
 */
export function rotateToken(
  administration: Administration,
  organizationId: number,
  request: RotationRequest & { readonly reference: string },
): Promise<RotationAnswer> {
  const choose = (tokens: readonly TokenRecord[], nowMs: number) =>
    resolveToken(tokens, request.reference, nowMs);
  return rotate(administration, organizationId, { ...request, choose });
}

/** Replaces the oldest live token that was not replaced yet. */
export function rollTokens(
  administration: Administration,
  organizationId: number,
  request: RotationRequest = {},
): Promise<RotationAnswer> {
  return rotate(administration, organizationId, { ...request, choose: oldestOfPool });
}

function oldestOfPool(tokens: readonly TokenRecord[], nowMs: number): TokenRecord {
  const pool = tokens.filter((token) => isLive(token, nowMs) && token.replacedBy === null);
  const oldest = pool.reduce<TokenRecord | undefined>(
    (found, token) => (found && found.createdAtMs <= token.createdAtMs ? found : token),
    undefined,
  );
  if (oldest !== undefined) return oldest;
  throw new UsherError(
    'resource_not_found',
    'There is no live token to replace. Make one with `usher token create`.',
  );
}

async function rotate(
  administration: Administration,
  organizationId: number,
  request: RotationRequest & {
    readonly choose: (tokens: readonly TokenRecord[], nowMs: number) => TokenRecord;
  },
): Promise<RotationAnswer> {
  const overlapMs = checkOverlap(request.overlap);
  return changeIn(administration, organizationId, async (change, organization, nowMs) => {
    const tokens = await change.listTokens(organizationId);
    const old = request.choose(tokens, nowMs);
    const before = viewToken(old, organization, nowMs);
    requirePrecondition(request.precondition, before);
    requireReplaceable(old, nowMs);
    if (overlapMs > 0) requireRoom(organization, tokens, nowMs);
    const replacement = { organization, old, overlapMs, nowMs };
    const answer = await replace(administration, change, replacement);
    const rotation = { action: 'token.rotate', target: old.id, before, after: answer.replaced };
    return { result: answer, audit: [rotation, creationOf(answer)] };
  });
}

interface Replacement {
  readonly organization: Organization;
  readonly old: TokenRecord;
  readonly overlapMs: number;
  readonly nowMs: number;
}

async function replace(
  administration: Administration,
  change: CatalogChange,
  replacement: Replacement,
): Promise<RotationAnswer> {
  const { organization, old, overlapMs, nowMs } = replacement;
  const expiresAtMs = newExpiry(old, administration.actor, nowMs);
  const rights = { ...rightsOf(old), expiresAtMs };
  requireRights(administration.actor, rights);
  const { name, createdBy } = old;
  const wanted = { organization, nowMs, name, createdBy, rights };
  const { record, answer } = await insertToken(administration, change, wanted);
  const endMs = Math.min(nowMs + overlapMs, old.expiresAtMs ?? Number.POSITIVE_INFINITY);
  const retired: TokenRecord =
    overlapMs === 0
      ? { ...old, revokedAtMs: nowMs, replacedBy: record.id }
      : { ...old, expiresAtMs: endMs, replacedBy: record.id };
  await change.updateToken(retired);
  return { ...answer, replaced: viewToken(retired, organization, nowMs) };
}

/** Now plus the old token's lifetime, but not after the calling token expires. */
function newExpiry(old: TokenRecord, actor: Actor, nowMs: number): number | null {
  const own = old.expiresAtMs === null ? null : nowMs + (old.expiresAtMs - old.createdAtMs);
  const bound = actor.kind === 'token' ? actor.token.expiresAtMs : null;
  if (bound === null) return own;
  return own === null ? bound : Math.min(own, bound);
}

function requireReplaceable(token: TokenRecord, nowMs: number): void {
  const problems = new DefinitionProblems();
  if (!isLive(token, nowMs)) {
    problems.add('', 'The token has ended. Make a new one with `usher token create`.');
  }
  if (token.replacedBy !== null) {
    const detail = `The token ${token.replacedBy} has already replaced this one. Rotate that one.`;
    problems.add('', detail);
  }
  problems.throwIfAny();
}

function checkOverlap(text: string | undefined): number {
  if (text === undefined) return tokenOverlapMs.default;
  const overlapMs = parseDuration(text);
  const problems = new DefinitionProblems();
  const isAllowed = overlapMs !== undefined && overlapMs <= tokenOverlapMs.max;
  problems.check(isAllowed, '/overlap', 'Give 0 to 7 days, such as 0, 24h or 7d.');
  problems.throwIfAny();
  return overlapMs ?? 0;
}
