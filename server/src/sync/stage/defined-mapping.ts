/** Makes the mapping that reads a source's rows from the definition alone; nothing is inferred. */
import type { CatalogView, DatasetRecord, OrganizationRecord } from '../../catalog/catalog.ts';
import type { Field } from '../../domain/contact/field.ts';
import type { IdentityType } from '../../domain/contact/identity-type.ts';
import { builtInIdentityTypes } from '../../domain/contact/identity-type.ts';
import type { DatasetDefinition } from '../../domain/dataset/dataset-definition.ts';
import type {
  RowField,
  RowIdentifier,
  RowMapping,
  RowRule,
} from '../../domain/dataset/source-row.ts';
import { UsherError } from '../../domain/errors.ts';
import { feedColumns, feedRules } from '../../domain/membership/membership-feed.ts';
import { storedOptions, withCurrency } from '../infer/declared-type.ts';

/** A dataset with its definition and everything else that a run needs from the catalog. */
export interface DefinedDataset {
  readonly record: DatasetRecord;
  readonly definition: DatasetDefinition;
  readonly organization: OrganizationRecord;
  readonly identityTypes: readonly IdentityType[];
  /** The fields that the dataset fills, ascending by id. */
  readonly fields: readonly Field[];
}

export interface DefinedMapping {
  readonly mapping: RowMapping;
  /** Ascending, one for each field; for a feed the positions of its columns, from 1. */
  readonly fieldIds: readonly number[];
}

/** @throws UsherError `resource_not_found`; `definition_invalid`: the dataset has no definition */
export async function readDefinedDataset(
  view: CatalogView,
  organizationId: number,
  name: string,
): Promise<DefinedDataset> {
  const organization = await view.findOrganization({ id: organizationId });
  const record = await view.findDataset(organizationId, name);
  if (organization === undefined || record === undefined) {
    throw new UsherError(
      'resource_not_found',
      `There is no dataset ${name}. To list the datasets: usher dataset list`,
    );
  }
  const { definition } = record;
  if (definition === null) throw undefinedDataset(name);
  const fields = await view.listFields(organizationId);
  return {
    record,
    definition,
    organization,
    identityTypes: [...builtInIdentityTypes, ...(await view.listIdentityTypes(organizationId))],
    fields: fields.filter(({ datasetId }) => datasetId === record.id).sort((a, b) => a.id - b.id),
  };
}

/** @throws UsherError `definition_invalid` if the source lacks a column of the definition */
export function mapDefinedColumns(
  dataset: DefinedDataset,
  columns: readonly string[],
): DefinedMapping {
  const cells = new Map(columns.map((column, cell) => [column, cell]));
  const needed = neededColumns(dataset.definition);
  const missing = needed.filter((column) => !cells.has(column));
  if (missing.length > 0) throw missingColumns(dataset.record.name, missing, columns);
  const identifiers = dataset.definition.identifiers.map((identifier): RowIdentifier => {
    const { column } = identifier;
    return { column, cell: cells.get(column) ?? 0, identityType: typeOf(dataset, identifier) };
  });
  const filled = dataset.definition.kind === 'membership' ? feedFields : contactFields;
  const fields = filled(dataset, cells);
  const fieldIds = fields.map(({ id }) => id);
  const rules = rulesOf(dataset, fieldIds);
  const mapping = { identifiers, fields: fields.map(({ field }) => field), rules };
  return { mapping, fieldIds };
}

interface PlacedField {
  readonly id: number;
  readonly field: RowField;
}

function contactFields(dataset: DefinedDataset, cells: ReadonlyMap<string, number>): PlacedField[] {
  const columnOf = new Map(dataset.definition.columns.map(({ column, field }) => [field, column]));
  return dataset.fields.flatMap((own) => {
    const { id, name, type } = own;
    const column = columnOf.get(name);
    if (column === undefined) return [];
    const options = withCurrency(optionsOf(dataset, column), own, dataset.organization);
    return [{ id, field: { column, cell: cells.get(column) ?? 0, type, options } }];
  });
}

function feedFields(dataset: DefinedDataset, cells: ReadonlyMap<string, number>): PlacedField[] {
  const { feed, columns } = dataset.definition;
  const columnOf = new Map(columns.map(({ column, field }) => [field, column]));
  return feedColumns(feed ?? 'flow').flatMap(({ name, type }, place) => {
    const column = columnOf.get(name);
    if (column === undefined) return [];
    const options = optionsOf(dataset, column);
    return [{ id: place + 1, field: { column, cell: cells.get(column) ?? 0, type, options } }];
  });
}

function rulesOf({ definition }: DefinedDataset, fieldIds: readonly number[]): readonly RowRule[] {
  const { kind, feed } = definition;
  if (kind !== 'membership' || feed === null) return [];
  const names = feedColumns(feed).map(({ name }) => name);
  return feedRules(feed, (column) => {
    const place = fieldIds.indexOf(names.indexOf(column) + 1);
    return place < 0 ? undefined : place;
  });
}

function optionsOf(dataset: DefinedDataset, column: string) {
  const { timeZone } = dataset.organization;
  const pairs = dataset.definition.format['columns'];
  const pair = Array.isArray(pairs)
    ? (pairs as unknown[]).find((one) => Array.isArray(one) && one[0] === column)
    : undefined;
  return storedOptions(Array.isArray(pair) ? pair[1] : undefined, timeZone) ?? { timeZone };
}

function neededColumns(definition: DatasetDefinition): string[] {
  const mapped = definition.columns.filter(({ field }) => field !== null);
  const columns = [...definition.identifiers, ...mapped].map(({ column }) => column);
  if (definition.key !== null) columns.push(definition.key);
  return [...new Set(columns)];
}

function typeOf(
  dataset: DefinedDataset,
  { identityType }: { readonly identityType: string },
): IdentityType {
  const found = dataset.identityTypes.find(({ name }) => name === identityType);
  if (found !== undefined) return found;
  throw new UsherError(
    'definition_invalid',
    `The dataset ${dataset.record.name} uses the identity type ${identityType}, which no longer exists.`,
  );
}

function missingColumns(
  name: string,
  missing: readonly string[],
  columns: readonly string[],
): UsherError {
  const shown = columns.slice(0, 30).join(', ');
  return new UsherError(
    'definition_invalid',
    `The source of ${name} has no column ${missing.slice(0, 10).join(', ')}. It has: ${shown}${columns.length > 30 ? ', ...' : ''}. ` +
      'Bring the column back, or map the field to another one.',
    { members: { columns: missing } },
  );
}

function undefinedDataset(name: string): UsherError {
  return new UsherError(
    'definition_invalid',
    `The dataset ${name} has no definition yet: usher apply, or usher import --dataset ${name}`,
  );
}
