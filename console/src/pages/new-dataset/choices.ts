/** What the user chose instead of what was found in a file, and what the file holds with it. */
import { type Draft, normalisationOf, type Sample, type SampledColumn } from './draft.ts';

/** As the query of a sample has them: columns by their places, from 1. */
export interface Choices {
  readonly types?: string;
  readonly identifiers?: string;
  readonly skip?: string;
}

export type Chosen = Pick<Draft, 'keys' | 'types' | 'skipped'>;

/** @returns `undefined` if the file needs no second reading */
export function choicesOf(
  sample: Sample,
  { types, skipped, ...chosen }: Chosen,
  knownTypes: readonly string[],
): Choices | undefined {
  const placeOf = (name: string) => sample.columns.findIndex(({ column }) => column === name) + 1;
  const keys = chosen.keys.filter(
    ({ column, identityType }) => column !== '' && identityType !== '',
  );
  const ownTypes = sample.columns.flatMap(({ field, type, is_new: isNew, column }) => {
    const wanted = types[field ?? ''];
    const isChosen = isNew && wanted !== undefined && wanted !== type;
    return isChosen && !skipped.includes(column) ? [`${placeOf(column)}:${wanted}`] : [];
  });
  const found = sample.identifiers.map(({ column, identity_type: type }) => `${column} ${type}`);
  const wanted = keys.map(({ column, identityType: type }) => `${column} ${type}`);
  const areOwn = keys.length > 0 && found.join('\n') !== wanted.join('\n');
  // If no row was rejected, none is for a column less.
  const mayCount = ownTypes.length > 0 || areOwn || Object.keys(sample.rejections).length > 0;
  const own = {
    ...(ownTypes.length > 0 && { types: ownTypes.join(',') }),
    ...(areOwn && { identifiers: keyTexts(sample, keys, knownTypes).join(',') }),
    ...(mayCount && skipped.length > 0 && { skip: skipped.map(placeOf).join(',') }),
  };
  return Object.keys(own).length === 0 ? undefined : own;
}

function keyTexts(sample: Sample, keys: Draft['keys'], knownTypes: readonly string[]): string[] {
  return keys.map(({ column: name, identityType: type }) => {
    const place = sample.columns.findIndex(({ column }) => column === name) + 1;
    const own = keys.filter(({ identityType }) => identityType === type);
    const columns = own.map(({ column }) => column);
    const isKnown = knownTypes.includes(type);
    return `${place}:${type}${isKnown ? '' : `:${normalisationOf(sample, columns)}`}`;
  });
}

interface FieldDefinition {
  readonly column?: string;
}

/**
 * The first sample with the types, formats and counts of a second reading. Names stay, because the
 * draft goes by them.
 */
export function withReading(sample: Sample, again: Sample): Sample {
  const read = new Map(
    again.columns.flatMap(({ column, field }) => {
      const own = fieldsOf(again)[field ?? ''];
      return own === undefined ? [] : [[column, own] as const];
    }),
  );
  const fields = { ...fieldsOf(sample) };
  for (const { column, field, is_new: isNew } of sample.columns) {
    const own = read.get(column);
    if (field === null || !isNew || own === undefined) continue;
    const { column: _, ...others } = own;
    fields[field] = column === field ? others : { column, ...others };
  }
  const { rows_read, rejections, notes } = again;
  return {
    ...{ ...sample, rows_read, rejections, notes },
    columns: sample.columns.map((column, place) => withType(column, again.columns[place])),
    definition: { ...sample.definition, fields },
  };
}

function fieldsOf({ definition }: Sample): Record<string, FieldDefinition> {
  return (definition.fields ?? {}) as Record<string, FieldDefinition>;
}

function withType(column: SampledColumn, again: SampledColumn | undefined): SampledColumn {
  if (again === undefined || again.field === null || !column.is_new) return column;
  const { type, currency, note } = again;
  return { ...column, type, currency, note };
}
