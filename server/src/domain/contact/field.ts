/**
 * A field: a named, typed value of contacts, which one dataset fills or a rule computes. `value/`
 * parses its values.
 */
import type { RuleText } from '../rule/rule-text.ts';

interface TypeProperties {
  /** The answer for a field without a value, as raw JSON. */
  readonly impliedValue: string;
  /**
   * `measure`: may have decimals. `count`: whole, and exact as a double. `digits`: whole, with more
   * digits than a double holds. `null`: the type is not numeric.
   */
  readonly number: 'measure' | 'count' | 'digits' | null;
  /** Whether the values of several rows can be added up. */
  readonly isSummable: boolean;
  /** What a value is in JSON. */
  readonly json: 'string' | 'number' | 'boolean' | 'array';
}

/** What the rest of the code knows about each field type. */
const typeProperties = {
  boolean: { impliedValue: 'false', number: null, isSummable: false, json: 'boolean' },
  currency: { impliedValue: '0', number: 'measure', isSummable: true, json: 'number' },
  float: { impliedValue: '0', number: 'measure', isSummable: true, json: 'number' },
  integer: { impliedValue: '0', number: 'count', isSummable: true, json: 'number' },
  'positive integer': { impliedValue: '0', number: 'count', isSummable: true, json: 'number' },
  'big integer': { impliedValue: '"0"', number: 'digits', isSummable: false, json: 'string' },
  rate: { impliedValue: '0', number: 'measure', isSummable: false, json: 'number' },
  string: { impliedValue: 'null', number: null, isSummable: false, json: 'string' },
  text: { impliedValue: 'null', number: null, isSummable: false, json: 'string' },
  date: { impliedValue: 'null', number: null, isSummable: false, json: 'string' },
  set: { impliedValue: 'null', number: null, isSummable: false, json: 'array' },
} as const satisfies Readonly<Record<string, TypeProperties>>;

export type FieldType = keyof typeof typeProperties;
/** What the values of a type are in JSON. */
export function jsonKindOf(type: FieldType): TypeProperties['json'] {
  return typeProperties[type].json;
}

export const fieldTypes = Object.keys(typeProperties) as readonly FieldType[];

/** Who is harmed if a value leaks: nobody, the organization, the contact, the contact severely. */
export const sensitivities = ['public', 'internal', 'personal', 'sensitive'] as const;
export type Sensitivity = (typeof sensitivities)[number];

export interface Field {
  /** 1 to 65,535. Records hold it instead of the name, so it is never given to another field. */
  readonly id: number;
  readonly name: string;
  readonly type: FieldType;
  /** The dataset that fills this field; `noDatasetId` for a computed field. */
  readonly datasetId: number;
  /** The rule that computes the values; `null` for a field that a dataset fills. */
  readonly rule: RuleText | null;
  readonly displayName: string | null;
  readonly description: string | null;
  /** Whether look-ups may return it. */
  readonly content: boolean;
  /** Whether rules may use it. */
  readonly condition: boolean;
  /** The implied value, as raw JSON (`"0"`, `"false"`, `"null"`); `null`: that of the type. */
  readonly impliedValue: string | null;
  /** `null` if not defined. */
  readonly sensitivity: Sensitivity | null;
  /**
   * Of a computed field whose sensitivity is lower than that of fields that its rule shows: the ids
   * of these fields, and how sensitive each was when somebody accepted that.
   */
  readonly lowered?: readonly (readonly [id: number, sensitivity: Sensitivity | null])[];
  /** ISO 4217, for the type `currency`; `null`: the organization's currency. */
  readonly currency: string | null;
}

/** `Field.datasetId` of a computed field. No dataset has this id. */
export const noDatasetId = 0;

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
  return typeProperties[type].impliedValue;
}

export function isNumeric(type: FieldType): boolean {
  return typeProperties[type].number !== null;
}

/** Whether the values are numbers that may have decimals. Such a number is never an id. */
export function isMeasure(type: FieldType): boolean {
  return typeProperties[type].number === 'measure';
}

/** Whether the values are whole numbers, which may be ids or years. */
export function isWhole(type: FieldType): boolean {
  return isNumeric(type) && !isMeasure(type);
}

/** Whether a text may have a decimal separator. Whole numbers may, too: `5.00`. */
export function hasDecimals(type: FieldType): boolean {
  return isMeasure(type) || isCount(type);
}

/** Whether the values are whole numbers that are exact as a double. */
export function isCount(type: FieldType): boolean {
  return typeProperties[type].number === 'count';
}

export function isSummable(type: FieldType): boolean {
  return typeProperties[type].isSummable;
}

/**
 * The built-in fields. Their names are reserved. `content` is the default of the flag `content`.
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
 * The id of a built-in field in the log of field reads: below 0, unlike those of other fields. It
 * depends on the order of `builtInFields`, which must not change.
 */
export function builtInFieldId(name: BuiltInFieldName): number {
  return -1 - builtInFields.findIndex((field) => field.name === name);
}
