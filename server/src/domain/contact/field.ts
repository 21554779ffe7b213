/** A field: a named, typed value of contacts, filled by one dataset. `value/` reads its values. */

/** The field types, each with its implied value as raw JSON. */
const impliedValues = {
  ...{ boolean: 'false', currency: '0', float: '0', integer: '0', 'positive integer': '0' },
  ...{ 'big integer': '"0"', rate: '0', string: 'null', text: 'null', date: 'null', set: 'null' },
} as const;
export type FieldType = keyof typeof impliedValues;
export const fieldTypes = Object.keys(impliedValues) as readonly FieldType[];

/** Who is harmed if a value leaks: nobody, the organization, the contact, the contact severely. */
export const sensitivities = ['public', 'internal', 'personal', 'sensitive'] as const;
export type Sensitivity = (typeof sensitivities)[number];

export interface Field {
  /** 1 to 65,535. Records hold it instead of the name, so it is never given to another field. */
  readonly id: number;
  readonly name: string;
  readonly type: FieldType;
  /** The dataset that fills this field. */
  readonly datasetId: number;
  readonly displayName: string | null;
  readonly description: string | null;
  /** Whether look-ups may answer it. */
  readonly content: boolean;
  /** Whether rules may use it. */
  readonly condition: boolean;
  /** What null means, as raw JSON (`"0"`, `"false"`, `"null"`); `null`: the type's default. */
  readonly impliedValue: string | null;
  /** `null`: not said. */
  readonly sensitivity: Sensitivity | null;
  /** ISO 4217, for the type `currency`; `null`: the organization's currency. */
  readonly currency: string | null;
}

/** The currency of a field's amounts; `undefined` for other types. */
export function currencyOf(
  field: Pick<Field, 'type' | 'currency'>,
  organization: { readonly currency: string },
): string | undefined {
  return field.type === 'currency' ? (field.currency ?? organization.currency) : undefined;
}

export function isFieldName(text: string): boolean {
  return /^[a-z][a-z0-9_]{0,63}$/.test(text);
}

/** The implied value of a type, as raw JSON. */
export function defaultImpliedValue(type: FieldType): string {
  return impliedValues[type];
}

/** Reserved field names. `content` is the default of each flag. */
export const builtInFields = [
  { name: 'flow_variant_membership', content: true },
  { name: 'journey_membership', content: true },
  { name: 'campaigns_received', content: true },
  { name: 'flow_membership', content: false },
  { name: 'segment_membership', content: false },
  { name: 'recent_events', content: false },
] as const;

export type BuiltInFieldName = (typeof builtInFields)[number]['name'];

export function isBuiltInFieldName(name: string): name is BuiltInFieldName {
  return builtInFields.some((field) => field.name === name);
}

/**
 * The id of a built-in field in the log of field reads: below 0, unlike those of other fields. It
 * depends on the order of `builtInFields`, which must not change.
 */
export function builtInFieldId(name: BuiltInFieldName): number {
  return -1 - builtInFields.findIndex((field) => field.name === name);
}
