/**
 * Datasets and the fields they fill: one change makes the dataset, its identity types, its fields and its definition, or
 * nothing of it. Bringing rows in is `sync/`'s business.
 */
import type { AuditRecord, CatalogChange, DatasetRecord, NewField } from '../catalog/catalog.ts';
import { UsherError } from '../domain/errors.ts';
import type { Field, FieldType } from '../domain/field.ts';
import { type Administration, authorOf, openOrganization } from './administration.ts';
import { checkDatasetRequest, type DatasetRequest } from './dataset-request.ts';
import { DefinitionProblems } from './definition-problems.ts';
import { viewField } from './field-view.ts';
import { datasetNames } from './fields.ts';
import { requireRoomForType, viewIdentityType } from './identity-types.ts';

export interface DefinedDataset {
  readonly dataset: DatasetRecord;
  /** The fields that the definition's columns name, by name. */
  readonly fields: ReadonlyMap<string, Field>;
}

/**
 * Makes the dataset or gives it a new definition; the same request again changes nothing. A field of the dataset with another type than
 * before gets the new one, so the caller must bring all of the dataset in anew.
 * @throws UsherError `definition_invalid` (among others a problem at `/fields/<name>` for a field that another dataset fills),
 *   `scope_missing`, `resource_not_found`
 */
export async function defineDataset(
  administration: Administration,
  organizationId: number,
  request: DatasetRequest,
): Promise<DefinedDataset> {
  const { catalog, actor } = administration;
  const author = authorOf(administration);
  return catalog.change(author, async (change) => {
    await openOrganization(change, actor, organizationId, 'admin:write');
    const problems = new DefinitionProblems();
    const wanted = await checkDatasetRequest(change, { organizationId, request, problems });
    problems.throwIfAny();
    const audit: AuditRecord[] = [];
    for (const name of wanted.newIdentityTypes) {
      audit.push(await addIdentityType(change, organizationId, name));
    }
    let dataset = wanted.dataset;
    if (dataset === undefined) {
      dataset = await change.insertDataset(organizationId, request.name, author.atMs);
      audit.push({
        organizationId,
        action: 'dataset.create',
        target: request.name,
        before: null,
        after: { name: request.name },
      });
    }
    audit.push(...(await writeFields(change, { organizationId, request, dataset })));
    audit.push(...(await writeDefinition(change, { organizationId, request, dataset })));
    return { result: await readDefined(change, { organizationId, request }), audit };
  });
}

/** In order of creation. */
export async function listDatasets(
  administration: Administration,
  organizationId: number,
): Promise<readonly DatasetRecord[]> {
  const { catalog, actor } = administration;
  return catalog.read(async (view) => {
    await openOrganization(view, actor, organizationId, 'admin:read');
    return view.listDatasets(organizationId);
  });
}

interface DatasetTarget {
  readonly organizationId: number;
  readonly request: DatasetRequest;
  readonly dataset: DatasetRecord;
}

async function writeFields(
  change: CatalogChange,
  target: DatasetTarget,
): Promise<readonly AuditRecord[]> {
  const { organizationId, request, dataset } = target;
  const fields = await change.listFields(organizationId);
  const known = new Map(fields.map((field) => [field.name, field]));
  const names = await datasetNames(change, organizationId);
  const audit: AuditRecord[] = [];
  const added: NewField[] = [];
  for (const [name, type] of fieldsOf(request)) {
    const field = known.get(name);
    if (field === undefined) added.push(newField(name, type, dataset.id));
    if (field === undefined || field.type === type) continue;
    const retyped = { ...field, type, impliedValue: null };
    await change.updateField(organizationId, retyped);
    audit.push({
      organizationId,
      action: 'field.update',
      target: name,
      before: viewField(field, names),
      after: viewField(retyped, names),
    });
  }
  for (const field of await change.insertFields(organizationId, added)) {
    const after = viewField(field, names);
    audit.push({ organizationId, action: 'field.create', target: field.name, before: null, after });
  }
  return audit;
}

async function writeDefinition(
  change: CatalogChange,
  target: DatasetTarget,
): Promise<readonly AuditRecord[]> {
  const { organizationId, dataset } = target;
  const { name, definition } = target.request;
  if (JSON.stringify(dataset.definition) === JSON.stringify(definition)) return [];
  await change.defineDataset(organizationId, dataset.id, { definition, readsAnew: true });
  const action = 'dataset.define';
  return [{ organizationId, action, target: name, before: dataset.definition, after: definition }];
}

async function readDefined(
  change: CatalogChange,
  target: Pick<DatasetTarget, 'organizationId' | 'request'>,
): Promise<DefinedDataset> {
  const { organizationId, request } = target;
  const dataset = await change.findDataset(organizationId, request.name);
  if (dataset === undefined) throw new UsherError('internal', 'The dataset is gone.');
  const wanted = new Set(fieldsOf(request).map(([name]) => name));
  const fields = (await change.listFields(organizationId)).filter(({ name }) => wanted.has(name));
  return { dataset, fields: new Map(fields.map((field) => [field.name, field])) };
}

async function addIdentityType(
  change: CatalogChange,
  organizationId: number,
  name: string,
): Promise<AuditRecord> {
  requireRoomForType((await change.listIdentityTypes(organizationId)).length);
  const type = await change.insertIdentityType(organizationId, { name, normalisation: 'exact' });
  const after = viewIdentityType(type);
  return { organizationId, action: 'identity_type.create', target: name, before: null, after };
}

/** Names and types of the fields that the columns fill, in the columns' order. */
function fieldsOf(request: DatasetRequest): readonly (readonly [string, FieldType])[] {
  return request.definition.columns.flatMap(({ field }) => {
    const type = field === null ? undefined : request.types.get(field);
    return field === null || type === undefined ? [] : [[field, type] as const];
  });
}

function newField(name: string, type: FieldType, datasetId: number): NewField {
  return {
    name,
    type,
    datasetId,
    displayName: null,
    description: null,
    content: true,
    condition: false,
    impliedValue: null,
    sensitivity: null,
  };
}
