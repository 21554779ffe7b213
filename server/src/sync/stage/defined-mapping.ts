/** Makes the mapping that reads a source's rows from the definition alone; nothing is inferred. */
import type { CatalogView, DatasetRecord, OrganizationRecord } from '../../catalog/catalog.ts';
import type { Field } from '../../domain/contact/field.ts';
import type { IdentityType } from '../../domain/contact/identity-type.ts';
import type { DatasetDefinition } from '../../domain/dataset/dataset-definition.ts';
import {
  inKeyOrder,
  type RowField,
  type RowIdentifier,
  type RowMapping,
  type RowRule,
} from '../../domain/dataset/source-row.ts';
import { UsherError } from '../../domain/errors.ts';
import { feedColumns, feedRules } from '../../domain/membership/membership-feed.ts';
import { columnWords } from '../../sources/column-words.ts';
import { fieldOptions, storedFormats } from '../infer/declared-type.ts';

/** A dataset with its definition and everything else that a run needs from the catalog. */
export interface DefinedDataset {
  readonly record: DatasetRecord;
  readonly definition: DatasetDefinition;
  readonly organization: OrganizationRecord;
  readonly identityTypes: readonly IdentityType[];
  /** The fields that the dataset fills, ascending by id. */
  readonly fields: readonly Field[];
  /** The ids of the flows whose members Usher computes. Nobody else may report them. */
  readonly computedFlows: readonly number[];
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
  if (definition === null) {
    throw new UsherError(
      'definition_invalid',
      `The dataset ${name} has no definition yet: usher apply, or usher import --dataset ${name}`,
    );
  }
  const fields = await view.listFields(organizationId);
  const flows = definition.kind === 'membership' ? await view.listFlows(organizationId) : [];
  return {
    record,
    definition,
    organization,
    identityTypes: await view.listIdentityTypes(organizationId),
    fields: fields.filter(({ datasetId }) => datasetId === record.id).sort((a, b) => a.id - b.id),
    computedFlows: flows.filter(({ kind }) => kind === 'stream').map(({ id }) => id),
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
  if (missing.length > 0) {
    throw missingColumns(dataset, missing, columns);
  }
  const identifiers = dataset.definition.identifiers.map((identifier): RowIdentifier => {
    const { column } = identifier;
    return { column, cell: cells.get(column) ?? 0, identityType: typeOf(dataset, identifier) };
  });
  const placed = placeFields(dataset, cells);
  const fields = placed.map(({ field }) => field);
  const fieldIds = placed.map(({ id }) => id);
  const rules = rulesOf(dataset, fieldIds);
  return { mapping: { identifiers: inKeyOrder(identifiers), fields, rules }, fieldIds };
}

interface PlacedField {
  readonly id: number;
  readonly field: RowField;
}

/** The mapped fields of the dataset, or the mapped columns of its feed. */
function placeFields(dataset: DefinedDataset, cells: ReadonlyMap<string, number>): PlacedField[] {
  const { definition, organization } = dataset;
  const { kind, feed, columns } = definition;
  const columnOf = new Map(columns.map(({ column, field }) => [field, column]));
  const formats = storedFormats(definition);
  const known =
    kind === 'membership'
      ? feedColumns(feed ?? 'flow').map((one, at) => ({ ...one, id: at + 1, currency: null }))
      : dataset.fields;
  return known.flatMap((own) => {
    const { id, name, type } = own;
    const column = columnOf.get(name);
    if (column === undefined) return [];
    const options = fieldOptions(formats.get(column), own, organization);
    return [{ id, field: { column, cell: cells.get(column) ?? 0, type, options } }];
  });
}

function rulesOf(
  { definition, computedFlows }: DefinedDataset,
  fieldIds: readonly number[],
): readonly RowRule[] {
  const { kind, feed } = definition;
  if (kind !== 'membership' || feed === null) return [];
  const names = feedColumns(feed).map(({ name }) => name);
  return feedRules(feed, computedFlows, (column) => {
    const place = fieldIds.indexOf(names.indexOf(column) + 1);
    return place < 0 ? undefined : place;
  });
}

/** The columns that a run reads. A source without one of them fails. */
export function neededColumns(definition: DatasetDefinition): string[] {
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
  dataset: DefinedDataset,
  missing: readonly string[],
  columns: readonly string[],
): UsherError {
  const { record, definition } = dataset;
  const lacks = `The source of ${record.name} has no column ${missing.slice(0, 10).join(', ')}.`;
  const has = `Its header has ${columnWords(columns, neededColumns(definition))}.`;
  const next =
    missing.length < neededColumns(definition).length
      ? 'Bring the column back, or map the field to another one.'
      : 'If its first row is a contact, add a row with the names of the columns above it.';
  return new UsherError('definition_invalid', `${lacks} ${has} ${next}`, {
    members: { columns: missing },
  });
}
