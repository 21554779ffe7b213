/** The draft of a dataset, made from what is in a file, and what the user changed in it. */
import type { AnswerOf } from '../../api/operation-types.ts';
import type { DatasetDefinition } from '../../api/page-entries.ts';
import { type IdentityKey, typeNameOf } from '../../parts/identity-keys.tsx';

export interface Sample extends Omit<AnswerOf<'GET /admin/v1/uploads/{id}/sample'>, 'definition'> {
  readonly definition: DatasetDefinition;
}

export type SampledColumn = Sample['columns'][number];

export interface Draft {
  readonly name: string;
  readonly mode: 'append' | 'snapshot';
  readonly keys: readonly IdentityKey[];
  /** The chosen type by the name of a new field. */
  readonly types: Readonly<Record<string, string>>;
  /** Columns that fill no field. */
  readonly skipped: readonly string[];
  /** Whether the names of the fields begin with the name of the dataset. */
  readonly isPrefixed: boolean;
}

export function draftOf(sample: Sample): Draft {
  const { dataset, identifiers, definition } = sample;
  return {
    name: dataset,
    mode: definition.mode === 'snapshot' ? 'snapshot' : 'append',
    keys: identifiers.map(({ column, identity_type: identityType }) => ({ column, identityType })),
    types: {},
    skipped: [],
    isPrefixed: isPrefixed(sample),
  };
}

/** If other datasets have fields of these names, all that are drafted begin with a prefix. */
function isPrefixed({ dataset, columns }: Sample): boolean {
  const prefix = `${dataset}_`;
  const isOwnName = ({ column }: SampledColumn) =>
    column
      .toLowerCase()
      .replaceAll(/[^a-z0-9]+/g, '_')
      .startsWith(prefix);
  const filled = columns.filter(({ field }) => field !== null);
  return (
    filled.every(({ field }) => field?.startsWith(prefix) === true) && !filled.every(isOwnName)
  );
}

interface FieldDefinition {
  readonly column?: string;
}

/** The definition to send, and the identity types to create with it. */
export function definitionOf(
  sample: Sample,
  draft: Draft,
  knownTypes: readonly string[],
): { readonly definition: DatasetDefinition; readonly new_identity_types: NewIdentityType[] } {
  const skipped = new Set(draft.skipped);
  const drafted = Object.entries(
    (sample.definition.fields ?? {}) as Record<string, FieldDefinition>,
  );
  const fields = drafted.flatMap(([name, field]) => {
    if (skipped.has(field.column ?? name)) return [];
    return [[fieldFor(sample, draft, name), field] as const];
  });
  const identifiers = new Map<string, string[]>();
  for (const { column, identityType } of draft.keys) {
    identifiers.set(identityType, [...(identifiers.get(identityType) ?? []), column]);
  }
  return {
    definition: {
      ...sample.definition,
      mode: draft.mode,
      identifiers: Object.fromEntries(identifiers),
      fields: Object.fromEntries(fields),
      ...(draft.skipped.length > 0 && { skip: [...draft.skipped] }),
    },
    new_identity_types: [...identifiers]
      .filter(([type]) => !knownTypes.includes(type))
      .map(([name, columns]) => ({ name, normalisation: normalisationOf(sample, columns) })),
  };
}

interface NewIdentityType {
  readonly name: string;
  readonly normalisation: 'exact' | 'email' | 'phone';
}

/** By the first rows, so that people find what they type in another form. */
export function normalisationOf(
  { columns }: Sample,
  own: readonly string[],
): NewIdentityType['normalisation'] {
  const values = columns
    .filter(({ column }) => own.includes(column))
    .flatMap((column) => column.values)
    .filter((value) => value !== null && value.trim() !== '');
  const all = (pattern: RegExp) =>
    values.length > 0 && values.every((value) => pattern.test(value ?? ''));
  if (all(/^\s*(?:\+|00)[0-9\s().-]{7,30}$/)) return 'phone';
  return all(/^[^@\s]+@[^@\s]+$/) ? 'email' : 'exact';
}

/** The name of a drafted field, which may follow the name that the user gives the dataset. */
export function fieldFor(sample: Sample, draft: Draft, field: string): string {
  const bare = isPrefixed(sample) ? field.slice(sample.dataset.length + 1) : field;
  return draft.isPrefixed ? `${draft.name}_${bare}` : bare;
}

/**
 * The current definition with fields for more columns of the file.
 * @param columns those that the user takes in
 */
export function withAdded(
  current: DatasetDefinition,
  { definition }: Sample,
  columns: readonly string[],
): DatasetDefinition {
  const drafted = Object.entries((definition.fields ?? {}) as Record<string, FieldDefinition>);
  const fields = drafted.filter(([name, { column = name }]) => columns.includes(column));
  return { ...current, fields: { ...current.fields, ...Object.fromEntries(fields) } };
}

/**
 * The type that fits the values of a column. All datasets share types, so that the same phone
 * number in two files is the same person.
 */
export function identityTypeFor(sample: Sample, column: string): string {
  const normalisation = normalisationOf(sample, [column]);
  return normalisation === 'exact' ? typeNameOf(column) : normalisation;
}

const namePattern = /^[a-z][a-z0-9_]{0,63}$/;

/** @param taken the names of all datasets */
export function nameFault(name: string, taken: readonly string[]): string | undefined {
  if (!namePattern.test(name)) return 'Lower-case letters, digits and _, beginning with a letter.';
  return taken.includes(name) ? 'A dataset of this name exists. Choose another name.' : undefined;
}

/** The name with a number behind it that no dataset has. */
export function freeName(name: string, taken: readonly string[]): string {
  for (let number = 2; ; number += 1) {
    const free = `${name.slice(0, 60)}_${number}`;
    if (!taken.includes(free)) return free;
  }
}
