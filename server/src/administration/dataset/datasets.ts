/** Datasets and their commits, as the API answers them. `define-dataset.ts` makes datasets. */
import type { CatalogView, DatasetRecord, DatasetVersion } from '../../catalog/catalog.ts';
import type { Field } from '../../domain/contact/field.ts';
import { seesDataset } from '../../domain/token/token-sight.ts';
import { type Administration, readIn, rfc3339 } from '../administration.ts';
import { type DocumentDifference, diffDocuments } from '../document/document-diff.ts';
import { fieldNames, fieldsOf, findSeenDataset, sightOf } from '../token/actor-sight.ts';
import { type Document, viewDatasetDocument } from './dataset-view.ts';

export interface DatasetView {
  readonly name: string;
  /** The version of its newest commit; 0 until it is first defined. */
  readonly version: number;
  /** Moves when the same rows come to mean something else. */
  readonly definition_version: number;
  readonly created_at: string;
  /** `null` until it is first defined. */
  readonly definition: Document | null;
}

export interface DatasetVersionView {
  readonly version: number;
  readonly definition_version: number;
  readonly author: string;
  readonly committed_at: string;
  /** Compared with the version before. */
  readonly differences: readonly DocumentDifference[];
  readonly definition: Document;
}

/** The datasets that the actor may see, in order of creation. */
export async function listDatasets(
  administration: Administration,
  organizationId: number,
): Promise<readonly DatasetView[]> {
  const sight = sightOf(administration.actor);
  return readIn(administration, organizationId, async (view) => {
    const fields = await view.listFields(organizationId);
    const datasets = await view.listDatasets(organizationId);
    return datasets
      .filter(({ id, name }) => seesDataset(sight, name, fieldNames(fieldsOf(id, fields))))
      .map((dataset) => viewDataset(dataset, fields));
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

/** Newest first. @throws UsherError `resource_not_found`, `scope_missing` */
export async function listDatasetVersions(
  administration: Administration,
  organizationId: number,
  name: string,
): Promise<readonly DatasetVersionView[]> {
  return readIn(administration, organizationId, async (view) => {
    const dataset = await findSeenDataset(view, administration.actor, organizationId, name);
    const versions = await view.listDatasetVersions(organizationId, dataset.id);
    return versions.map((version, place) => viewVersion(version, versions[place + 1]));
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
function viewDataset(dataset: DatasetRecord, fields: readonly Field[]): DatasetView {
  const { definition } = dataset;
  const own = fieldsOf(dataset.id, fields);
  return {
    name: dataset.name,
    version: dataset.version,
    definition_version: dataset.definitionVersion,
    created_at: rfc3339(dataset.createdAtMs),
    definition: definition === null ? null : viewDatasetDocument(definition, own),
  };
}

function viewVersion(
  version: DatasetVersion,
  before: DatasetVersion | undefined,
): DatasetVersionView {
  const documentOf = (one: DatasetVersion) => viewDatasetDocument(one.definition, one.fields);
  const definition = documentOf(version);
  return {
    version: version.version,
    definition_version: version.definitionVersion,
    author: version.author,
    committed_at: rfc3339(version.atMs),
    differences: before === undefined ? [] : diffDocuments(documentOf(before), definition),
    definition,
  };
}
