/** The draft of a dataset, made from what is in a file, and what the user changed in it. */
import type { AnswerOf } from '../../api/operation-types.ts';
import type { DatasetDefinition } from '../../api/page-entries.ts';

export interface Sample extends Omit<AnswerOf<'GET /admin/v1/uploads/{id}/sample'>, 'definition'> {
  readonly definition: DatasetDefinition;
}

export type SampledColumn = Sample['columns'][number];

export interface DraftKey {
  readonly column: string;
  readonly identityType: string;
}

export interface Draft {
  readonly name: string;
  readonly mode: 'append' | 'snapshot';
  readonly keys: readonly DraftKey[];
  /** The chosen type by the name of a new field. */
  readonly types: Readonly<Record<string, string>>;
  /** Columns that fill no field. */
  readonly skipped: readonly string[];
}

export function draftOf({ dataset, identifiers, definition }: Sample): Draft {
  return {
    name: dataset,
    mode: definition.mode === 'snapshot' ? 'snapshot' : 'append',
    keys: identifiers.map(({ column, identity_type: identityType }) => ({ column, identityType })),
    types: {},
    skipped: [],
  };
}

interface FieldDefinition {
  readonly column?: string;
  readonly type?: string;
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
    const type = draft.types[name];
    // The format belongs to the type that was found.
    const { format: _, ...plain } = field as FieldDefinition & { format?: unknown };
    return [
      [
        fieldFor(sample, draft, name),
        type === undefined || type === field.type ? field : { ...plain, type },
      ] as const,
    ];
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
function normalisationOf(
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

/**
 * If other datasets have fields of these names, all that are drafted begin with the name of the
 * dataset. They follow the name that the user gives it.
 */
export function fieldFor(sample: Sample, draft: Draft, field: string): string {
  const prefix = `${sample.dataset}_`;
  const isPrefixed =
    sample.is_new && sample.columns.every(({ field: one }) => one?.startsWith(prefix) ?? true);
  return isPrefixed ? `${draft.name}_${field.slice(prefix.length)}` : field;
}

/** A name that an identity type may have. */
export function identityTypeFor(column: SampledColumn): string {
  return column.field ?? 'user_id';
}

const namePattern = /^[a-z][a-z0-9_]{0,63}$/;

export function nameFault(name: string): string | undefined {
  if (namePattern.test(name)) return undefined;
  return 'Lower-case letters, digits and _, beginning with a letter.';
}
