/**
 * Builds the immutable catalog state. Organizations that did not change are taken from an older
 * state.
 */
import { isDeepStrictEqual } from 'node:util';
import type { Kysely } from 'kysely';
import type { CatalogState, Dataset, OrganizationState } from '../../domain/catalog-state.ts';
import { makeIdentityRules } from '../../domain/contact/identity-rules.ts';
import type { Definitions } from '../../domain/membership/definitions.ts';
import type { Token } from '../../domain/token/token.ts';
import type { DatasetRecord, OrganizationRecord } from '../catalog.ts';
import { SqlCatalogView } from './catalog-view.ts';
import { tokenOf } from './rows.ts';
import type { CatalogTables } from './schema.ts';

/** @param database a connection in a read transaction */
export async function loadState(
  database: Kysely<CatalogTables>,
  previous: CatalogState | undefined,
): Promise<CatalogState> {
  const { revision } = await database
    .selectFrom('catalog_state')
    .select('revision')
    .executeTakeFirstOrThrow();
  if (previous?.revision === revision) return previous;
  const view = new SqlCatalogView(database);
  const organizations = new Map<number, OrganizationState>();
  const changed: number[] = [];
  for (const record of await view.listOrganizations()) {
    const known = previous?.organizations.get(record.id);
    if (known?.revision === record.revision) {
      organizations.set(record.id, known);
    } else {
      organizations.set(record.id, await loadOrganization(view, record, known));
      changed.push(record.id);
    }
  }
  const tokens = await loadTokens(database, changed, previous);
  return { revision, organizations, tokens };
}

async function loadOrganization(
  view: SqlCatalogView,
  record: OrganizationRecord,
  known: OrganizationState | undefined,
): Promise<OrganizationState> {
  const { revision, definitionsRevision, createdAtMs: _, ...organization } = record;
  const identityTypes = await view.listIdentityTypes(record.id);
  const fields = await view.listFields(record.id);
  const datasets = await view.listDatasets(record.id);
  return {
    organization,
    revision,
    identityRules: makeIdentityRules(identityTypes, organization.trust, datasets),
    identityTypes: new Map(identityTypes.map((type) => [type.name, type])),
    fields: keptBy(known?.fields, fields, ({ name }) => name),
    builtInContent: await view.readBuiltInContent(record.id),
    datasets: new Map(datasets.map((dataset) => [dataset.name, datasetIn(dataset)])),
    definitions:
      known?.definitions.revision === definitionsRevision
        ? known.definitions
        : await loadDefinitions(view, record, known?.definitions),
  };
}

async function loadDefinitions(
  view: SqlCatalogView,
  { id, definitionsRevision }: OrganizationRecord,
  known: Definitions | undefined,
): Promise<Definitions> {
  const segments = await view.listSegments(id);
  const flows = await view.listFlows(id);
  const groups = await view.listExclusionGroups(id);
  return {
    revision: definitionsRevision,
    segments: keptBy(known?.segments, segments, ({ id }) => id),
    flows: keptBy(known?.flows, flows, ({ id }) => id),
    groups: keptBy(known?.groups, groups, ({ name }) => name),
    globalHoldout: await view.readGlobalHoldout(id),
  };
}

/** By key. What did not change stays the same object, so that work on its rule can be kept. */
function keptBy<Key, Definition>(
  known: ReadonlyMap<Key, Definition> | undefined,
  now: readonly Definition[],
  keyOf: (definition: Definition) => Key,
): ReadonlyMap<Key, Definition> {
  return new Map(
    now.map((definition) => {
      const key = keyOf(definition);
      const before = known?.get(key);
      const isSame = before !== undefined && isDeepStrictEqual(before, definition);
      return [key, isSame ? before : definition];
    }),
  );
}

function datasetIn({ id, name, definition, definitionVersion }: DatasetRecord): Dataset {
  return { id, name, definition, definitionVersion };
}

async function loadTokens(
  database: Kysely<CatalogTables>,
  changed: readonly number[],
  previous: CatalogState | undefined,
): Promise<ReadonlyMap<string, Token>> {
  const tokens = new Map<string, Token>();
  for (const [id, token] of previous?.tokens ?? []) {
    if (!changed.includes(token.organizationId)) tokens.set(id, token);
  }
  for (const organizationId of changed) {
    const rows = await database
      .selectFrom('tokens')
      .selectAll()
      .where('organization_id', '=', organizationId)
      .where('revoked_at', 'is', null)
      .orderBy('row_id')
      .execute();
    for (const row of rows) tokens.set(row.id, tokenOf(row));
  }
  return tokens;
}
