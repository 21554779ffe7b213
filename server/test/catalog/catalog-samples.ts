/** Sample records for a catalog, and short helpers that insert them. */
import assert from 'node:assert/strict';
import type { Catalog, NewField, NewToken } from '../../src/catalog/catalog.ts';
import type { Definitions } from '../../src/domain/membership/definitions.ts';

/** Opens a new catalog for one test. */
export interface OpenedCatalog {
  readonly catalog: Catalog;
  /** Opens another connection to the same catalog. */
  readonly again: () => Promise<Catalog>;
  readonly remove: () => Promise<void>;
}

export type AddPromise = (title: string, check: (opened: OpenedCatalog) => Promise<void>) => void;

export const noDefinitions: Definitions = {
  revision: 1,
  segments: new Map(),
  flows: new Map(),
  groups: new Map(),
  globalHoldout: null,
};

export const author = { actor: 'operator:test', atMs: 1_000 };

export function entry(organizationId: number, target: string, after: unknown) {
  return { organizationId, action: 'test.change', target, before: null, after };
}

export function addDataset(catalog: Catalog, name: string, organizationId = 1) {
  return catalog.change(author, async (change) => ({
    result: await change.insertDataset(organizationId, name, 0),
    audit: [entry(organizationId, name, { name })],
  }));
}

export async function addOrganization(catalog: Catalog, name: string): Promise<number> {
  return catalog.change(author, async (change) => {
    const first = await change.findOrganization({ id: 1 });
    assert.ok(first !== undefined);
    const made = await change.insertOrganization({ ...first, name }, 0);
    return { result: made.id, audit: [entry(made.id, name, null)] };
  });
}

export function addToken(catalog: Catalog, wanted: NewToken) {
  return catalog.change(author, async (change) => ({
    result: await change.insertToken(wanted),
    audit: [entry(wanted.organizationId, wanted.id, null)],
  }));
}

export function field(name: string): NewField {
  return {
    name,
    type: 'text',
    datasetId: 1,
    displayName: null,
    description: 'what it means',
    content: true,
    condition: false,
    impliedValue: '"none"',
    sensitivity: 'personal',
    currency: null,
    rule: null,
  };
}

export function token(id: string): NewToken {
  return {
    id,
    organizationId: 1,
    name: null,
    createdBy: 'ana@example.com',
    lastCharacters: 'abc',
    digest: Buffer.alloc(32, 7),
    scopes: ['contacts:read'],
    fields: ['first_name'],
    identityTypes: null,
    addresses: null,
    maxShare: 0.5,
    dataset: 'crm',
    createdAtMs: 1,
    expiresAtMs: null,
  };
}
