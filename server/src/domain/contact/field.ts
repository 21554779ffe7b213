/**
 * What a field is: a configured, typed piece of a contact, filled by exactly one dataset. The
 * values' own rules (parsing, raw form, display form) are in `field-value.ts`.
 */

export const fieldTypes = [
  'boolean',
  'currency',
  'float',
  'integer',
  'positive integer',
  'big integer',
  'rate',
  'string',
  'text',
  'date',
  'set',
] as const;

export type FieldType = (typeof fieldTypes)[number];

/**
 * Who may be harmed when a value gets out: nobody, the organization, the contact, the contact
 * badly.
 */
export const sensitivities = ['public', 'internal', 'personal', 'sensitive'] as const;
export type Sensitivity = (typeof sensitivities)[number];

export interface Field {
  /**
   * 1 to 65,535, unique in the organization, never used again. What records hold instead of the
   * name.
   */
  readonly id: number;
  readonly name: string;
  readonly type: FieldType;
  /** The dataset that fills it. */
  readonly datasetId: number;
  readonly displayName: string | null;
  readonly description: string | null;
  /** Whether lookups may answer it. */
  readonly content: boolean;
  /** Whether rules may use it. */
  readonly condition: boolean;
  /**
   * What null means, as raw JSON text (`"0"`, `"false"`, `"null"`); `null` = the type's default.
   */
  readonly impliedValue: string | null;
  /** `null`: nobody said. */
  readonly sensitivity: Sensitivity | null;
  /** Of the type currency: what its amounts are in, ISO 4217; `null`: the organization's. */
  readonly currency: string | null;
}

/** What a field's amounts are in; `undefined` for other types. */
export function currencyOf(
  field: Pick<Field, 'type' | 'currency'>,
  organization: { readonly currency: string },
): string | undefined {
  return field.type === 'currency' ? (field.currency ?? organization.currency) : undefined;
}

const fieldNamePattern = /^[a-z][a-z0-9_]{0,63}$/;

export function isFieldName(text: string): boolean {
  return fieldNamePattern.test(text);
}

/** The implied value of a type as raw JSON text (contract, section 1). */
export function defaultImpliedValue(type: FieldType): string {
  switch (type) {
    case 'boolean':
      return 'false';
    case 'currency':
    case 'float':
    case 'integer':
    case 'positive integer':
    case 'rate':
      return '0';
    case 'big integer':
      return '"0"';
    default:
      return 'null';
  }
}

/**
 * The built-in fields: reserved names, with whether they are content unless the organization says
 * otherwise.
 */
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
 * Below 0, so that it is no other field's id; where reads of fields are noted. Another place in
 * `builtInFields` would be another id.
 */
export function builtInFieldId(name: BuiltInFieldName): number {
  return -1 - builtInFields.findIndex((field) => field.name === name);
}
