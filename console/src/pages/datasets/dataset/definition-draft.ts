/** The definition of a dataset while somebody edits it. */
import type { DatasetDefinition } from '../../../api/page-entries.ts';
import { type IdentityKey, typeNameOf } from '../../../parts/identity-keys.tsx';

export interface DraftField {
  /** `undefined`: the field is new. */
  readonly before: FieldDefinition | undefined;
  readonly name: string;
  readonly column: string;
  readonly type: string;
  readonly displayName: string;
  readonly isDropped: boolean;
}

export interface DefinitionDraft {
  readonly mode: string;
  readonly keys: readonly IdentityKey[];
  /** Such as 36h; empty: values are never too old. */
  readonly maxAge: string;
  readonly policy: string;
  /** Percent. */
  readonly changeShare: number;
  readonly rejectedShare: number;
  readonly fields: readonly DraftField[];
}

export interface FieldDefinition {
  readonly column?: string;
  readonly type?: string;
  readonly currency?: string | null;
  readonly display_name?: string | null;
}

export function draftOfDefinition(definition: DatasetDefinition): DefinitionDraft {
  const { mode = 'append', identifiers = {}, max_age: maxAge } = definition;
  const { max_change_share: change = 0.3, max_rejected_share: rejected = 0.05 } = definition;
  return {
    mode,
    keys: Object.entries(identifiers).flatMap(([identityType, columns]) =>
      [columns].flat().map((column) => ({ column: String(column), identityType })),
    ),
    maxAge: maxAge?.after ?? '',
    policy: maxAge?.policy ?? 'flag',
    changeShare: percent(change),
    rejectedShare: percent(rejected),
    fields: Object.entries(fieldsOf(definition)).map(([name, before]) => ({
      ...{ before, name, column: before.column ?? name, type: before.type ?? 'string' },
      ...{ displayName: before.display_name ?? '', isDropped: false },
    })),
  };
}

/** What the draft does not show stays as it is. */
export function definitionOfDraft(
  definition: DatasetDefinition,
  draft: DefinitionDraft,
): DatasetDefinition {
  const { max_age: _age, ...others } = definition;
  const identifiers = new Map<string, string[]>();
  for (const { column, identityType } of draft.keys) {
    identifiers.set(identityType, [...(identifiers.get(identityType) ?? []), column]);
  }
  const columnsOf = (columns: readonly string[]) => (columns.length === 1 ? columns[0] : columns);
  const kept = draft.fields.filter(({ isDropped }) => !isDropped);
  const maxAge = draft.maxAge.trim();
  return {
    ...others,
    mode: draft.mode as NonNullable<DatasetDefinition['mode']>,
    identifiers: Object.fromEntries(
      [...identifiers].map(([type, columns]) => [type, columnsOf(columns)]),
    ),
    ...(maxAge !== '' && {
      max_age: { after: maxAge, policy: draft.policy as 'serve' | 'flag' | 'withhold' },
    }),
    max_change_share: draft.changeShare / 100,
    max_rejected_share: draft.rejectedShare / 100,
    fields: Object.fromEntries(kept.map((field) => [field.name, fieldOf(field)])),
  };
}

/** The type that a column's name speaks for: no value of it is at hand. */
export function newTypeFor(column: string): string {
  if (/phone|mobile|telefon/i.test(column)) return 'phone';
  return /e-?mail/i.test(column) ? 'email' : typeNameOf(column);
}

/** The identity types to create with the definition. */
export function newTypesOf({ keys }: DefinitionDraft, known: readonly string[]) {
  const names = new Set(keys.map(({ identityType }) => identityType));
  return [...names]
    .filter((name) => name !== '' && !known.includes(name))
    .map((name) => ({ name, normalisation: name === 'phone' ? 'phone' : 'exact' }) as const);
}

/** What belongs to the former type, such as the order of a date, does not fit another one. */
function fieldOf({ before, name, column, type, displayName }: DraftField): object {
  const { currency, format, implied_value, ...plain } = { ...before } as Record<string, unknown>;
  const isRetyped = before !== undefined && before.type !== type;
  const ofType = isRetyped ? {} : given({ currency, format, implied_value });
  const { column: _column, display_name: _name, ...kept } = plain;
  return {
    ...kept,
    ...ofType,
    type,
    ...((column !== name || before?.column !== undefined) && { column }),
    ...((displayName !== '' || before?.display_name != null) && {
      display_name: displayName === '' ? null : displayName,
    }),
  };
}

function given(members: Readonly<Record<string, unknown>>): object {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));
}

/**
 * The definition as it was: a PUT keeps settings of a field that it does not name. A sensitivity
 * stays, because only an administrator lowers it.
 */
export function asBefore(definition: DatasetDefinition): DatasetDefinition {
  const fields = Object.entries(fieldsOf(definition));
  const usual = { display_name: null, description: null, content: true, condition: true };
  return {
    ...definition,
    ...(fields.length > 0 && {
      fields: Object.fromEntries(fields.map(([name, field]) => [name, { ...usual, ...field }])),
    }),
  };
}

/** Fields that go with the change. Their values go at once, for everybody and for good. */
export function droppedFields(
  before: DatasetDefinition,
  after: DatasetDefinition,
): readonly string[] {
  const kept = fieldsOf(after);
  return Object.keys(fieldsOf(before)).filter((name) => !Object.hasOwn(kept, name));
}

export function fieldsOf(definition: DatasetDefinition): Readonly<Record<string, FieldDefinition>> {
  return (definition.fields ?? {}) as Record<string, FieldDefinition>;
}

function percent(share: number): number {
  return Math.round(share * 10_000) / 100;
}
