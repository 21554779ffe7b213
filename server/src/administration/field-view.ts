/** A field, as the API returns it. */
import {
  type BuiltInFieldName,
  defaultImpliedValue,
  type Field,
  type FieldType,
  type Sensitivity,
} from '../domain/contact/field.ts';

export interface FieldView {
  readonly name: string;
  /** `null` for built-in fields, which have forms of their own. */
  readonly type: FieldType | null;
  /** The name of the dataset that fills it; `null` for built-in and computed fields. */
  readonly dataset: string | null;
  readonly display_name: string | null;
  readonly description: string | null;
  readonly content: boolean;
  readonly condition: boolean;
  /** The value that look-ups return instead of null, as JSON. */
  readonly implied_value: unknown;
  readonly sensitivity: Sensitivity | null;
  /** The currency of its amounts; `null` means the organization's, or that it holds no amounts. */
  readonly currency: string | null;
  readonly built_in: boolean;
  /** The rule of a computed field; `null` for another field, or if the caller may not see it. */
  readonly rule: string | null;
  /** What it shows of hidden fields, or which computed fields show its values. */
  readonly warnings: readonly string[];
}

export interface FieldSurroundings {
  /** Names by id. */
  readonly datasets?: ReadonlyMap<number, string>;
  /** The rule of a computed field, as people write it. */
  readonly rule?: string | null;
  readonly warnings?: readonly string[] | undefined;
}

export function viewField(field: Field, surroundings: FieldSurroundings): FieldView {
  const { datasets, rule = null, warnings = [] } = surroundings;
  return {
    name: field.name,
    type: field.type,
    dataset: datasets?.get(field.datasetId) ?? null,
    display_name: field.displayName,
    description: field.description,
    content: field.content,
    condition: field.condition,
    implied_value: JSON.parse(field.impliedValue ?? defaultImpliedValue(field.type)),
    sensitivity: field.sensitivity,
    currency: field.currency,
    built_in: false,
    rule,
    warnings,
  };
}

export function viewBuiltInField(name: BuiltInFieldName, content: boolean): FieldView {
  return {
    name,
    type: null,
    dataset: null,
    display_name: null,
    description: null,
    content,
    condition: false,
    implied_value: [],
    sensitivity: null,
    currency: null,
    built_in: true,
    rule: null,
    warnings: [],
  };
}
