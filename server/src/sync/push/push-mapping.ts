/**
 * How pushed rows are read, compiled once from a dataset's definition: columns by their names,
 * which are other people's words. A row says only what changed, so each row is read by the columns
 * that it has.
 */
import type { Dataset, OrganizationState } from '../../domain/catalog-state.ts';
import type { FieldType } from '../../domain/contact/field.ts';
import type { IdentityType } from '../../domain/contact/identity-type.ts';
import type { Token } from '../../domain/token/token.ts';
import type { ValueOptions } from '../../domain/value/field-value.ts';
import { storedOptions, withCurrency } from '../infer/declared-type.ts';

export interface PushField {
  readonly id: number;
  readonly type: FieldType;
  readonly options: ValueOptions;
}

export interface PushMapping {
  readonly datasetId: number;
  /** In order of strength; those that the token may use. */
  readonly identifiers: readonly { readonly column: string; readonly identityType: IdentityType }[];
  /** Every column that is known, with the field it fills, if any. */
  readonly columns: ReadonlyMap<string, PushField | null>;
}

/** What lies outside the token's allow-lists is unknown to it, as it is in look-ups. */
export function compilePushMapping(
  organization: OrganizationState,
  dataset: Dataset,
  token: Pick<Token, 'fields' | 'identityTypes'>,
): PushMapping {
  const { definition } = dataset;
  const { timeZone } = organization.organization;
  const formats = columnFormats(definition?.format['columns']);
  const columns = new Map<string, PushField | null>();
  const identifiers = (definition?.identifiers ?? []).flatMap(({ column, identityType: name }) => {
    const identityType = organization.identityTypes.get(name);
    const isAllowed = token.identityTypes?.includes(name) ?? true;
    if (identityType === undefined || !isAllowed) return [];
    columns.set(column, null);
    return [{ column, identityType }];
  });
  for (const { column, field: name } of definition?.columns ?? []) {
    const field = name === null ? undefined : organization.fields.get(name);
    const isAllowed = name === null || (token.fields?.includes(name) ?? true);
    if (!isAllowed) continue;
    if (field === undefined || field.datasetId !== dataset.id) {
      if (!columns.has(column)) columns.set(column, null);
      continue;
    }
    const stored = storedOptions(formats.get(column), timeZone) ?? { timeZone };
    const options = withCurrency(stored, field, organization.organization);
    columns.set(column, { id: field.id, type: field.type, options });
  }
  return { datasetId: dataset.id, identifiers, columns };
}

/** How columns are written, as the definition keeps it: pairs of name and options. */
function columnFormats(stored: unknown): ReadonlyMap<string, unknown> {
  const pairs = Array.isArray(stored) ? (stored as unknown[]) : [];
  return new Map(
    pairs.flatMap((pair) => (Array.isArray(pair) ? [[String(pair[0]), pair[1] as unknown]] : [])),
  );
}
