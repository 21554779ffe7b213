/** What the definition of a dataset may be, against what the organization has already. */
import type { CatalogView, DatasetRecord } from '../catalog/catalog.ts';
import type { DatasetDefinition } from '../domain/dataset-definition.ts';
import { type FieldType, isBuiltInFieldName, isFieldName } from '../domain/field.ts';
import { builtInIdentityTypes, isIdentityTypeName } from '../domain/identity-type.ts';
import { maxDatasetsPerOrganization, maxFieldsPerOrganization } from '../domain/limits.ts';
import type { DefinitionProblems } from './definition-problems.ts';
import { datasetNames } from './fields.ts';

export interface DatasetRequest {
  readonly name: string;
  readonly definition: DatasetDefinition;
  /** The type of each field that the definition's columns name. A field not yet known is made, as content. */
  readonly types: ReadonlyMap<string, FieldType>;
  /** Identity types to make where the organization has none of the name, as `exact`. */
  readonly newIdentityTypes?: readonly string[];
}

export interface CheckedDatasetRequest {
  /** `undefined`: it is to be made. */
  readonly dataset: DatasetRecord | undefined;
  /** Those of the request that the organization has not. */
  readonly newIdentityTypes: readonly string[];
}

interface Subject {
  readonly organizationId: number;
  readonly request: DatasetRequest;
  readonly problems: DefinitionProblems;
}

/** Everything wrong with the request goes to `problems`. */
export async function checkDatasetRequest(
  view: CatalogView,
  subject: Subject,
): Promise<CheckedDatasetRequest> {
  const { organizationId, request, problems } = subject;
  const dataset = await view.findDataset(organizationId, request.name);
  if (dataset === undefined) await checkNewDataset(view, subject);
  const known = await view.listIdentityTypes(organizationId);
  const names = new Set([...builtInIdentityTypes, ...known].map((type) => type.name));
  const added = new Set((request.newIdentityTypes ?? []).filter((name) => !names.has(name)));
  for (const name of added) {
    problems.check(
      isIdentityTypeName(name),
      '/identifiers',
      'The name of an identity type has 1 to 64 of a-z, 0-9, - and _, the first a letter.',
    );
  }
  checkIdentifiers(subject, new Set([...names, ...added]));
  await checkFields(view, subject, dataset);
  return { dataset, newIdentityTypes: [...added] };
}

async function checkNewDataset(view: CatalogView, subject: Subject): Promise<void> {
  const { organizationId, request, problems } = subject;
  problems.check(
    isFieldName(request.name),
    '/name',
    'The name of a dataset has 1 to 64 of a-z, 0-9 and _, the first a letter.',
  );
  const count = (await view.listDatasets(organizationId)).length;
  problems.check(
    count < maxDatasetsPerOrganization,
    '/name',
    `An organization has ${maxDatasetsPerOrganization} datasets at most.`,
  );
}

function checkIdentifiers(subject: Subject, identityTypes: ReadonlySet<string>): void {
  const { identifiers } = subject.request.definition;
  const { problems } = subject;
  problems.check(identifiers.length > 0, '/identifiers', 'Name one identifying column at least.');
  for (const [index, { identityType }] of identifiers.entries()) {
    problems.check(
      identityTypes.has(identityType),
      `/identifiers/${index}`,
      `There is no such identity type; there are ${[...identityTypes].join(', ')}.`,
    );
    problems.check(
      identityType !== 'id' && identityType !== 'simonid',
      `/identifiers/${index}`,
      'Contact ids are given by Usher and identify no rows.',
    );
  }
}

async function checkFields(
  view: CatalogView,
  subject: Subject,
  dataset: DatasetRecord | undefined,
): Promise<void> {
  const { organizationId, request, problems } = subject;
  const fields = await view.listFields(organizationId);
  const known = new Map(fields.map((field) => [field.name, field]));
  const owners = await datasetNames(view, organizationId);
  const seen = new Set<string>();
  for (const { field: name } of request.definition.columns) {
    if (name === null) continue;
    const path = `/fields/${name}`;
    problems.check(!seen.has(name), path, 'Two columns fill this field.');
    seen.add(name);
    problems.check(
      isFieldName(name) && !isBuiltInFieldName(name),
      path,
      'The name of a field has 1 to 64 of a-z, 0-9 and _, the first a letter, and is not built in.',
    );
    problems.check(request.types.has(name), path, 'It has no type.');
    const owner = known.get(name)?.datasetId;
    if (owner !== undefined && owner !== dataset?.id) {
      problems.add(path, `The dataset ${owners.get(owner)} fills a field of this name.`);
    }
  }
  const count = fields.length + [...seen].filter((name) => !known.has(name)).length;
  problems.check(
    count <= maxFieldsPerOrganization,
    '/fields',
    `An organization has ${maxFieldsPerOrganization} fields at most; this would make ${count}.`,
  );
}
