/**
 * Makes, lists and revokes tokens; `rotate-token.ts` rotates them. The text of a token is returned
 * once, when it is made. The catalog keeps only its digest.
 */
import type { CatalogChange, TokenRecord } from '../../catalog/catalog.ts';
import { UsherError } from '../../domain/errors.ts';
import type { Organization } from '../../domain/organization.ts';
import { generateToken, isLive, tokenDigest } from '../../domain/token/token.ts';
import { matchTokenReference } from '../../domain/token/token-reference.ts';
import { excessRights, rightsOf, type TokenRights } from '../../domain/token/token-rights.ts';
import {
  type Actor,
  type Administration,
  type ChangeRecord,
  changeIn,
  type Precondition,
  readIn,
  requirePrecondition,
} from '../administration.ts';
import { type CheckedTokenRequest, checkTokenRequest, type TokenRequest } from './token-request.ts';
import { type TokenView, viewToken } from './token-view.ts';

export interface NewTokenAnswer {
  readonly token: TokenView;
  /** The secret. It is shown once and not stored. */
  readonly text: string;
}

/**
 * Makes a token. A request without scopes asks for the scope `contacts:read`. Each limit that the
 * request leaves out is that of the calling token; if the operator makes the token, there is no
 * such limit.
 * @throws UsherError `definition_invalid` (also for a full pool), `scope_missing`,
 *   `resource_not_found`
 */
export async function createToken(
  administration: Administration,
  organizationId: number,
  request: TokenRequest,
): Promise<NewTokenAnswer> {
  const { actor } = administration;
  return changeIn(administration, organizationId, async (change, organization, nowMs) => {
    const namesOf = (named: readonly { readonly name: string }[]) =>
      new Set(named.map(({ name }) => name));
    const checked = checkTokenRequest(request, {
      nowMs,
      identityTypes: namesOf(await change.listIdentityTypes(organizationId)),
      datasets: namesOf(await change.listDatasets(organizationId)),
      defaults: defaultRights(actor),
    });
    requireRights(actor, checked.rights);
    requireRoom(organization, await change.listTokens(organizationId), nowMs);
    const wanted = { organization, nowMs, ...checked };
    const { answer } = await insertToken(administration, change, wanted);
    return { result: answer, audit: [creationOf(answer)] };
  });
}

/** In order of creation. Revoked tokens are left out, unless the filter includes them. */
export async function listTokens(
  administration: Administration,
  organizationId: number,
  filter: { readonly includeRevoked?: boolean } = {},
): Promise<readonly TokenView[]> {
  const nowMs = administration.clock();
  return readIn(administration, organizationId, async (view, organization) => {
    const tokens = await view.listTokens(organizationId);
    return tokens
      .filter((token) => filter.includeRevoked === true || token.revokedAtMs === null)
      .map((token) => viewToken(token, organization, nowMs));
  });
}

/** @throws UsherError `resource_not_found`, `token_ambiguous` */
export async function readToken(
  administration: Administration,
  organizationId: number,
  reference: string,
): Promise<TokenView> {
  const nowMs = administration.clock();
  return readIn(administration, organizationId, async (view, organization) => {
    const token = resolveToken(await view.listTokens(organizationId), reference, nowMs);
    return viewToken(token, organization, nowMs);
  });
}

/**
 * Revokes a token. Every thread refuses it within a second. Revoking it again changes nothing.
 * @throws UsherError `resource_not_found`, `token_ambiguous`, `precondition_failed`
 */
export async function revokeToken(
  administration: Administration,
  organizationId: number,
  target: { readonly reference: string; readonly precondition?: Precondition<TokenView> },
): Promise<TokenView> {
  return changeIn(administration, organizationId, async (change, organization, nowMs) => {
    const token = resolveToken(await change.listTokens(organizationId), target.reference, nowMs);
    const before = viewToken(token, organization, nowMs);
    requirePrecondition(target.precondition, before);
    if (token.revokedAtMs !== null) return { result: before, audit: [] };
    const revoked: TokenRecord = { ...token, revokedAtMs: nowMs };
    await change.updateToken(revoked);
    const after = viewToken(revoked, organization, nowMs);
    return { result: after, audit: [{ action: 'token.revoke', target: token.id, before, after }] };
  });
}

/** @throws UsherError `resource_not_found`, or `token_ambiguous` with the matches in `tokens` */
export function resolveToken(
  tokens: readonly TokenRecord[],
  reference: string,
  nowMs: number,
): TokenRecord {
  const matches = matchTokenReference(tokens, reference, nowMs);
  const [first, ...others] = matches;
  if (first === undefined) {
    throw new UsherError(
      'resource_not_found',
      'No token has this id, and no live token has these last 3 characters or this creator. ' +
        'List the tokens: usher token list',
    );
  }
  if (others.length === 0) return first;
  const listed = matches.map((token) => ({
    id: token.id,
    last_characters: token.lastCharacters,
    name: token.name,
    created_by: token.createdBy,
  }));
  const named = matches.map((token) => `${token.id} (...${token.lastCharacters})`);
  throw new UsherError(
    'token_ambiguous',
    `The reference matches ${matches.length} tokens: ${named.join(', ')}. ` +
      'Nothing was changed. Use the id of the one that you mean.',
    { members: { tokens: listed } },
  );
}

/** @throws UsherError `definition_invalid` when the organization's pool is full */
export function requireRoom(
  organization: Organization,
  tokens: readonly TokenRecord[],
  nowMs: number,
): void {
  const live = tokens.filter((token) => isLive(token, nowMs)).length;
  if (live < organization.tokenPoolMax) return;
  const detail =
    `The organization has ${live} live tokens and its pool holds ${organization.tokenPoolMax}. ` +
    'Revoke one (`usher token revoke REF`), replace one at once (`usher token rotate REF --overlap 0`), ' +
    `or make the pool larger (\`usher organization set ${organization.name} --token-pool-max N\`).`;
  throw new UsherError('definition_invalid', detail, {
    members: { problems: [{ path: '', detail }] },
  });
}

/** @throws UsherError `scope_missing`, `definition_invalid` for rights that the actor lacks */
export function requireRights(actor: Actor, wanted: TokenRights): void {
  if (actor.kind === 'operator') return;
  const held = actor.kind === 'user' ? { ...actor.token, scopes: actor.grants } : actor.token;
  const problems = excessRights(wanted, held);
  if (problems.length === 0) return;
  const detail =
    'A token cannot give rights that it does not have. ' +
    problems.map((problem) => `${problem.path}: ${problem.detail}`).join(' ');
  const lacksScope = problems.some((problem) => problem.path.startsWith('/scopes'));
  throw new UsherError(lacksScope ? 'scope_missing' : 'definition_invalid', detail, {
    members: { problems },
  });
}

export interface TokenToInsert extends CheckedTokenRequest {
  readonly organization: Organization;
  readonly nowMs: number;
}

export async function insertToken(
  administration: Administration,
  change: CatalogChange,
  wanted: TokenToInsert,
): Promise<{ readonly answer: NewTokenAnswer; readonly record: TokenRecord }> {
  const { organization, nowMs } = wanted;
  const { id, text } = generateToken(administration.randomBytes);
  const record = await change.insertToken({
    id,
    organizationId: organization.id,
    name: wanted.name,
    createdBy: wanted.createdBy,
    lastCharacters: text.slice(-3),
    digest: tokenDigest(text),
    ...wanted.rights,
    createdAtMs: nowMs,
  });
  return { record, answer: { token: viewToken(record, organization, nowMs), text } };
}

/** The entry for the audit log about a new token. */
export function creationOf({ token }: NewTokenAnswer): ChangeRecord {
  return { action: 'token.create', target: token.id, before: null, after: token };
}

function defaultRights(actor: Actor): TokenRights {
  const scopes: TokenRights['scopes'] = ['contacts:read'];
  if (actor.kind === 'token') return { ...rightsOf(actor.token), scopes };
  const unlimited = { fields: null, identityTypes: null, addresses: null, maxShare: null };
  return { scopes, ...unlimited, dataset: null, expiresAtMs: null };
}
