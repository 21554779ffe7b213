/**
 * Creates in one change the dataset, the fields and the identity type that an import plans, before
 * rows are applied.
 */
import type {
  AuditRecord,
  Catalog,
  CatalogChange,
  ChangeAuthor,
  DatasetRecord,
} from '../catalog/catalog.ts';
import { isWhole } from '../domain/contact/field.ts';
import type { IdentityType } from '../domain/contact/identity-type.ts';
import {
  type DatasetColumn,
  type DatasetDefinition,
  usualDefinition,
} from '../domain/dataset/dataset-definition.ts';
import { UsherError } from '../domain/errors.ts';
import { isIdName } from './infer/column-name.ts';
import { storedFormats } from './infer/declared-type.ts';
import type { ImportPlan, PlannedColumn } from './infer/import-plan.ts';

/** The dataset and fields that an import fills. */
export interface ImportTarget {
  readonly id: number;
  readonly definitionVersion: number;
  readonly identityTypes: readonly IdentityType[];
  /** By field name. */
  readonly fieldIds: ReadonlyMap<string, number>;
  /** Whether the source fills every field of the dataset. */
  readonly isWhole: boolean;
}

/** Changes nothing if all is defined as planned. */
export async function defineImport(
  catalog: Catalog,
  author: ChangeAuthor,
  place: { readonly organizationId: number; readonly kind: string; readonly plan: ImportPlan },
): Promise<ImportTarget> {
  const { organizationId, plan } = place;
  await catalog.change(author, async (change) => {
    const found = await change.findDataset(organizationId, plan.datasetName);
    const dataset =
      found ?? (await change.insertDataset(organizationId, plan.datasetName, author.atMs));
    const made = await addIdentityType(change, organizationId, plan);
    const added = await addFields(change, organizationId, { dataset, plan });
    const definition = definitionOf(dataset, place);
    const isNew = JSON.stringify(definition) !== JSON.stringify(dataset.definition);
    if (isNew) {
      await change.defineDataset(organizationId, dataset.id, { definition, readsAnew: true });
    }
    const audited = { organizationId, target: plan.datasetName, before: dataset.definition };
    const action = found === undefined ? 'dataset.create' : 'dataset.define';
    const defined = isNew ? [{ ...audited, action, after: { definition, fields: added } }] : [];
    return { result: undefined, audit: [...made, ...defined] };
  });
  return catalog.read(async (view) => {
    const dataset = await view.findDataset(organizationId, plan.datasetName);
    if (dataset === undefined) throw new UsherError('internal', 'The dataset no longer exists.');
    const fields = await view.listFields(organizationId);
    const own = fields.filter(({ datasetId }) => datasetId === dataset.id);
    const filled = new Set(plan.columns.map(({ field }) => field));
    return {
      id: dataset.id,
      definitionVersion: dataset.definitionVersion,
      identityTypes: await view.listIdentityTypes(organizationId),
      fieldIds: new Map(own.map(({ name, id }) => [name, id])),
      isWhole: own.every(({ name }) => filled.has(name)),
    };
  });
}

/** @returns the entries for the audit log */
async function addIdentityType(
  change: CatalogChange,
  organizationId: number,
  { identifiers, inferredKey }: ImportPlan,
): Promise<readonly AuditRecord[]> {
  const key = identifiers[0]?.identityType;
  if (inferredKey?.isNewType !== true || key === undefined) return [];
  const known = await change.listIdentityTypes(organizationId);
  if (known.some(({ name }) => name === key.name)) return [];
  const { name, normalisation } = await change.insertIdentityType(organizationId, key);
  const after = { name, normalisation };
  return [{ organizationId, action: 'identity_type.create', target: name, before: null, after }];
}

/** New fields are content: look-ups should return imported values. One flag reverses this. */
async function addFields(
  change: CatalogChange,
  organizationId: number,
  { dataset, plan }: { dataset: DatasetRecord; plan: ImportPlan },
): Promise<readonly string[]> {
  const present = new Set((await change.listFields(organizationId)).map(({ name }) => name));
  const added = plan.columns.filter(
    (column): column is PlannedColumn & { field: string } =>
      column.field !== null && !present.has(column.field),
  );
  await change.insertFields(
    organizationId,
    added.map(({ field, format, column }) => ({
      name: field,
      type: format.type,
      datasetId: dataset.id,
      displayName: null,
      description: `Column ${column} of the import.`.slice(0, 200),
      content: true,
      condition: true,
      // For ids and years, a missing value is not 0.
      impliedValue: isWhole(format.type) && isIdName(field) ? 'null' : null,
      sensitivity: null,
      currency: format.currency ?? null,
      rule: null,
    })),
  );
  return added.map(({ field }) => field);
}

/**
 * Columns of earlier files stay defined. Columns of this file replace those of the same name, or
 * come last.
 */
function definitionOf(
  dataset: DatasetRecord,
  { plan, kind }: { plan: ImportPlan; kind: string },
): DatasetDefinition {
  const known = dataset.definition;
  const columns = new Map<string, DatasetColumn>(known?.columns.map((one) => [one.column, one]));
  const formats = storedFormats(known);
  for (const { column, field, format } of plan.columns) {
    columns.set(column, { column, field });
    // The field holds the currency, and the organization the time zone.
    const { timeZone: _, currency: __, ...options } = format.options;
    formats.set(column, options);
  }
  const chosen = plan.identifiers.map(({ identityType, column }) => ({
    identityType: identityType.name,
    column,
  }));
  const isChosen = (column: string) => chosen.some((one) => one.column === column);
  const others = (known?.identifiers ?? []).filter(
    ({ column }) => !isChosen(column) && !plan.columns.some((one) => one.column === column),
  );
  return {
    ...usualDefinition,
    ...known,
    identifiers: [...chosen, ...others],
    columns: [...columns.values()],
    format: { kind: known?.format['kind'] ?? kind, columns: [...formats] },
  };
}
