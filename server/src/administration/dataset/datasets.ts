/** Datasets and their commits, as the API returns them. `define-dataset.ts` makes datasets. */
import type { CatalogView, DatasetRecord, DatasetVersion } from '../../catalog/catalog.ts';
import type { Field } from '../../domain/contact/field.ts';
import { type Administration, readIn, rfc3339 } from '../administration.ts';
import { readAuthorNames } from '../author-names.ts';
import { diffDocuments } from '../document/document-diff.ts';
import { fieldsOf, findSeenDataset, listSeenDatasets } from '../token/actor-sight.ts';
import { viewDatasetDocument } from './dataset-view.ts';

export type DatasetView = ReturnType<typeof viewDataset>;

export type DatasetVersionView = ReturnType<typeof viewVersion>;

/** The datasets that the actor may see, in order of creation. */
export async function listDatasets(
  administration: Administration,
  organizationId: number,
): Promise<readonly DatasetView[]> {
  return readIn(administration, organizationId, async (view) => {
    const fields = await view.listFields(organizationId);
    const datasets = await listSeenDatasets(view, administration.actor, organizationId);
    return datasets.map((dataset) => viewDataset(dataset, fields));
  });
}

/** @throws UsherError `resource_not_found`, `scope_missing` */
export async function readDataset(
  administration: Administration,
  organizationId: number,
  name: string,
): Promise<DatasetView> {
  return readIn(administration, organizationId, async (view) => {
    const dataset = await findSeenDataset(view, administration.actor, organizationId, name);
    return viewDataset(dataset, await view.listFields(organizationId));
  });
}

/**
 * The commits of a dataset, newest first.
 * @throws UsherError `resource_not_found`, `scope_missing`
 */
export async function listDatasetVersions(
  administration: Administration,
  organizationId: number,
  name: string,
): Promise<readonly DatasetVersionView[]> {
  const names = await readAuthorNames(administration, organizationId);
  return readIn(administration, organizationId, async (view) => {
    const dataset = await findSeenDataset(view, administration.actor, organizationId, name);
    const versions = await view.listDatasetVersions(organizationId, dataset.id);
    return versions.map((version, place) => viewVersion(version, versions[place + 1], names));
  });
}

export async function findDatasetView(
  view: CatalogView,
  organizationId: number,
  name: string,
): Promise<DatasetView | undefined> {
  const dataset = await view.findDataset(organizationId, name);
  return dataset && viewDataset(dataset, await view.listFields(organizationId));
}

/** @param fields the organization's fields */
function viewDataset(dataset: DatasetRecord, fields: readonly Field[]) {
  const { definition } = dataset;
  const own = fieldsOf(dataset.id, fields);
  return {
    name: dataset.name,
    version: dataset.version,
    definition_version: dataset.definitionVersion,
    created_at: rfc3339(dataset.createdAtMs),
    /** `null` until it is first defined. */
    definition: definition === null ? null : viewDatasetDocument(definition, own),
  };
}

function viewVersion(
  version: DatasetVersion,
  before: DatasetVersion | undefined,
  names: ReadonlyMap<string, string>,
) {
  const documentOf = (one: DatasetVersion) => viewDatasetDocument(one.definition, one.fields);
  const definition = documentOf(version);
  return {
    version: version.version,
    definition_version: version.definitionVersion,
    author: version.author,
    author_name: names.get(version.author) ?? null,
    committed_at: rfc3339(version.atMs),
    /** Compared with the version before. */
    differences: before === undefined ? [] : diffDocuments(documentOf(before), definition),
    definition,
  };
}
