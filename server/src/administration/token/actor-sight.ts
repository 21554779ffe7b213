/** Which definitions an actor may see: an operator all of them, a token what its lists allow. */
import type { CatalogView, DatasetRecord } from '../../catalog/catalog.ts';
import type { Field } from '../../domain/contact/field.ts';
import { UsherError } from '../../domain/errors.ts';
import { seesDataset, seesRules, type TokenLists } from '../../domain/token/token-sight.ts';
import { allows } from '../../domain/user/role-scopes.ts';
import type { Actor } from '../administration.ts';

export const everything: TokenLists = { fields: null, identityTypes: null, dataset: null };

/** Users see all types of identities, but their values only if the role sees personal values. */
export function sightOf(actor: Actor): TokenLists {
  if (actor.kind === 'token') return actor.token;
  const isMasked = actor.kind === 'user' && !allows(actor.user.role, 'contacts:personal');
  return isMasked ? { ...everything, masksIdentities: true } : everything;
}

/** @throws UsherError `resource_not_found`, also for a dataset that the actor may not see */
export async function findSeenDataset(
  view: CatalogView,
  actor: Actor,
  organizationId: number,
  name: string,
): Promise<DatasetRecord> {
  return (await requireSeenDataset(view, actor, organizationId, name)) ?? noDataset(name);
}

/**
 * Looks up a dataset by its name. The result is `undefined` if the dataset does not exist yet.
 * @throws UsherError `resource_not_found` for a dataset that the actor may not see
 */
export async function requireSeenDataset(
  view: CatalogView,
  actor: Actor,
  organizationId: number,
  name: string,
): Promise<DatasetRecord | undefined> {
  const dataset = await view.findDataset(organizationId, name);
  const fields = await view.listFields(organizationId);
  const names = fieldNames(fieldsOf(dataset?.id, fields));
  if (!seesDataset(sightOf(actor), name, names)) noDataset(name);
  return dataset;
}

/** The datasets that the actor may see, in order of creation. */
export async function listSeenDatasets(
  view: CatalogView,
  actor: Actor,
  organizationId: number,
): Promise<readonly DatasetRecord[]> {
  const sight = sightOf(actor);
  const fields = await view.listFields(organizationId);
  return (await view.listDatasets(organizationId)).filter(({ id, name }) =>
    seesDataset(sight, name, fieldNames(fieldsOf(id, fields))),
  );
}

/** Whether the actor may see every dataset and every field. */
export function hasWholeSight(actor: Actor): boolean {
  return seesRules(sightOf(actor));
}

/** Whether messages may name other tokens to the actor. */
export function seesTokens(actor: Actor): boolean {
  if (actor.kind === 'operator') return true;
  return actor.token.scopes.includes('admin:read') && hasWholeSight(actor);
}

/** @throws UsherError `scope_missing` for a token that may not see every dataset */
export function requireWholeSight(actor: Actor): void {
  if (hasWholeSight(actor)) return;
  throw new UsherError(
    'scope_missing',
    'This needs a token without a list of fields and without a dataset of its own.',
  );
}

/** The fields of the list that the dataset fills. */
export function fieldsOf(
  datasetId: number | undefined,
  fields: readonly Field[],
): readonly Field[] {
  return fields.filter((field) => field.datasetId === datasetId);
}

function fieldNames(fields: readonly Field[]): readonly string[] {
  return fields.map(({ name }) => name);
}

function noDataset(name: string): never {
  throw new UsherError(
    'resource_not_found',
    `There is no dataset ${name}. List the datasets: usher dataset list`,
  );
}
