/**
 * Writes a dataset as a document that `dataset-document.ts` reads back to the same definition. It
 * leaves defaults out, and its members always have the same order.
 */
import { defaultImpliedValue, type Field, type FieldType } from '../../domain/contact/field.ts';
import {
  type DatasetDefinition,
  type DatasetIdentifier,
  usualDefinition,
} from '../../domain/dataset/dataset-definition.ts';
import { viewSource } from '../document/source-document.ts';
import { formatDuration } from '../duration.ts';

export type Document = Readonly<Record<string, unknown>>;

/** @param fields the dataset's fields */
export function viewDatasetDocument(
  definition: DatasetDefinition,
  fields: readonly Field[],
): Document {
  const { kind, source, key, feed, mode, updatedAt, schedule, maxAge } = definition;
  const { maxChangeShare, maxRejectedShare, maxJoinedShare } = definition;
  const identifiers = viewIdentifiers(definition.identifiers);
  const skip = definition.columns
    .filter(({ field }) => field === null)
    .map(({ column }) => column)
    .toSorted();
  return {
    kind,
    ...(source !== null && { source: viewSource(source) }),
    ...(definition.identifiers.length > 0 && { identifiers }),
    ...(key !== null && { key }),
    ...(feed !== null && { feed }),
    mode,
    ...(updatedAt !== null && { updated_at: updatedAt }),
    ...(schedule !== null && {
      schedule: { cron: schedule.cron, time_zone: schedule.timeZone },
    }),
    ...(maxChangeShare !== usualDefinition.maxChangeShare && {
      max_change_share: maxChangeShare,
    }),
    ...(maxRejectedShare !== usualDefinition.maxRejectedShare && {
      max_rejected_share: maxRejectedShare,
    }),
    ...(maxJoinedShare !== usualDefinition.maxJoinedShare && { max_joined_share: maxJoinedShare }),
    ...(maxAge !== null && {
      max_age: { after: formatDuration(maxAge.ms), policy: maxAge.policy },
    }),
    ...(kind === 'membership' && { columns: viewFeedColumns(definition) }),
    ...(skip.length > 0 && { skip }),
    ...(fields.length > 0 && { fields: viewFields(definition, fields) }),
  };
}

/** In order of strength. A type with several columns lists them. */
function viewIdentifiers(identifiers: readonly DatasetIdentifier[]): Document {
  const columns = new Map<string, string[]>();
  for (const { identityType, column } of identifiers) {
    columns.set(identityType, [...(columns.get(identityType) ?? []), column]);
  }
  return Object.fromEntries(
    [...columns].map(([type, named]) => [type, named.length === 1 ? named[0] : named]),
  );
}

function viewFeedColumns({ columns }: DatasetDefinition): Document {
  return Object.fromEntries(
    columns.flatMap(({ column, field }) => (field === null ? [] : [[field, column]])),
  );
}

function viewFields(definition: DatasetDefinition, fields: readonly Field[]): Document {
  const columnOf = new Map(definition.columns.map(({ column, field }) => [field, column]));
  const stored = definition.format['columns'];
  const formats = new Map(Array.isArray(stored) ? (stored as [string, unknown][]) : []);
  return Object.fromEntries(
    fields.map((field) => {
      const column = columnOf.get(field.name);
      const format = column === undefined ? undefined : viewFormat(formats.get(column));
      return [field.name, viewFieldDocument(field, { column, format })];
    }),
  );
}

function viewFieldDocument(
  field: Field,
  {
    column,
    format,
  }: { readonly column: string | undefined; readonly format: Document | undefined },
): Document {
  const { type, currency, ...settings } = viewFieldSettings(field);
  return {
    ...(column !== undefined && column !== field.name && { column }),
    type,
    ...(currency !== undefined && { currency }),
    ...(format !== undefined && { format }),
    ...settings,
  };
}

interface FieldSettingsDocument extends Document {
  readonly type: FieldType;
  readonly currency?: string;
}

/** The settings of a field that are not the usual ones, and its type. */
export function viewFieldSettings(field: Field): FieldSettingsDocument {
  const { impliedValue, type } = field;
  const isUsualValue = impliedValue === null || impliedValue === defaultImpliedValue(type);
  return {
    type,
    ...(field.currency !== null && { currency: field.currency }),
    ...(field.displayName !== null && { display_name: field.displayName }),
    ...(field.description !== null &&
      field.description !== '' && { description: field.description }),
    ...(!field.content && { content: false }),
    ...(!field.condition && { condition: false }),
    ...(!isUsualValue && { implied_value: JSON.parse(impliedValue) as unknown }),
    ...(field.sensitivity !== null && { sensitivity: field.sensitivity }),
  };
}

/** An empty format is left out. */
export function viewFormat(stored: unknown): Document | undefined {
  if (stored === null || typeof stored !== 'object') return undefined;
  const { dateOrder, decimalComma, separator, exact } = stored as Document;
  const format = {
    ...(typeof dateOrder === 'string' && { date_order: dateOrder }),
    ...(decimalComma === true && { decimal_comma: true }),
    ...(typeof separator === 'string' && { separator }),
    ...(exact === true && { exact }),
  };
  return Object.keys(format).length === 0 ? undefined : format;
}
