/** Which definitions an actor may see: an operator all of them, a token what its lists allow. */
import type { CatalogView, DatasetRecord } from '../../catalog/catalog.ts';
import { UsherError } from '../../domain/errors.ts';
import { seesDataset, type TokenLists } from '../../domain/token/token-sight.ts';
import type { Actor } from '../administration.ts';

const everything: TokenLists = { fields: null, identityTypes: null, dataset: null };

export function sightOf(actor: Actor): TokenLists {
  return actor.kind === 'token' ? actor.token : everything;
}

/** @throws UsherError `resource_not_found`, also for a dataset that the actor may not see */
export async function findSeenDataset(
  view: CatalogView,
  actor: Actor,
  organizationId: number,
  name: string,
): Promise<DatasetRecord> {
  const dataset = await view.findDataset(organizationId, name);
  if (dataset === undefined) return noDataset(name);
  await requireSeenDataset(view, actor, { organizationId, name, dataset });
  return dataset;
}

export interface NamedDataset {
  readonly organizationId: number;
  readonly name: string;
  /** `undefined` if it does not exist yet. */
  readonly dataset: DatasetRecord | undefined;
}

/** @throws UsherError `resource_not_found` for a dataset that the actor may not see */
export async function requireSeenDataset(
  view: CatalogView,
  actor: Actor,
  { organizationId, name, dataset }: NamedDataset,
): Promise<void> {
  const sight = sightOf(actor);
  if (sight === everything) return;
  const fields = await view.listFields(organizationId);
  const own = fields.filter(({ datasetId }) => datasetId === dataset?.id);
  const names = own.map((field) => field.name);
  if (!seesDataset(sight, name, names)) noDataset(name);
}

function noDataset(name: string): never {
  throw new UsherError(
    'resource_not_found',
    `There is no dataset ${name}. List the datasets: usher dataset list`,
  );
}
