/**
 * A catalog in memory with one organization and its tokens, for tests of authentication and access.
 */
import type { CatalogState, OrganizationState } from '../../src/domain/catalog-state.ts';
import { usualRules } from '../../src/domain/contact/identity-rules.ts';
import { defaultOrganization } from '../../src/domain/organization.ts';
import { generateToken, type Token, tokenDigest } from '../../src/domain/token/token.ts';
import { noDefinitions } from '../catalog/catalog-samples.ts';

export function sampleOrganization(id = 1, rateLimit = 50): OrganizationState {
  return {
    organization: { ...defaultOrganization('default'), id, rateLimit },
    revision: 1,
    identityTypes: new Map(),
    identityRules: usualRules,
    fields: new Map(),
    builtInContent: new Map(),
    datasets: new Map(),
    definitions: noDefinitions,
  };
}

/** @param seed each seed makes a different token */
export function sampleToken(
  seed: number,
  parts: Partial<Token> = {},
): { token: Token; text: string } {
  const { id, text } = generateToken((size) => new Uint8Array(size).fill(seed));
  const token: Token = {
    id,
    rowId: seed,
    organizationId: 1,
    name: null,
    createdBy: 'ana@example.com',
    lastCharacters: text.slice(-3),
    digest: tokenDigest(text),
    scopes: ['contacts:read'],
    fields: null,
    identityTypes: null,
    addresses: null,
    maxShare: null,
    dataset: null,
    createdAtMs: 0,
    expiresAtMs: null,
    lastUsedAtMs: null,
    revokedAtMs: null,
    ...parts,
  };
  return { token, text };
}

export function sampleState(
  organization: OrganizationState,
  tokens: readonly Token[],
): CatalogState {
  return {
    revision: 1,
    organizations: new Map([[organization.organization.id, organization]]),
    tokens: new Map(tokens.map((token) => [token.id, token])),
  };
}
