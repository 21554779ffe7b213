/** Compiles a dataset's definition for pushed rows, which contain only the columns that changed. */
import type { Dataset, OrganizationState } from '../../domain/catalog-state.ts';
import type { FieldType } from '../../domain/contact/field.ts';
import type { IdentityType } from '../../domain/contact/identity-type.ts';
import { inKeyOrder } from '../../domain/dataset/source-row.ts';
import type { Token } from '../../domain/token/token.ts';
import type { ValueOptions } from '../../domain/value/field-value.ts';
import { fieldOptions, storedFormats } from '../infer/declared-type.ts';

export interface PushField {
  readonly id: number;
  readonly type: FieldType;
  readonly options: ValueOptions;
}

export interface PushMapping {
  readonly datasetId: number;
  /** `identity`: rows fill no fields. What they say of one key adds up. */
  readonly rowKind: 'contact' | 'identity';
  /** The identifiers that the token may use, in the order of keys. */
  readonly identifiers: readonly { readonly column: string; readonly identityType: IdentityType }[];
  /** The types of the dataset's identifiers, in the order of keys. */
  readonly keyOrder: readonly number[];
  /** All known columns, each with the field that it fills; `null`: it fills no field. */
  readonly columns: ReadonlyMap<string, PushField | null>;
}

/** Columns outside the token's allow-lists are left out, as if they did not exist. */
export function compilePushMapping(
  organization: OrganizationState,
  dataset: Dataset,
  token: Pick<Token, 'fields' | 'identityTypes'>,
): PushMapping {
  const { definition } = dataset;
  const formats = storedFormats(definition);
  const columns = new Map<string, PushField | null>();
  const defined = (definition?.identifiers ?? []).flatMap(({ column, identityType: name }) => {
    const identityType = organization.identityTypes.get(name);
    return identityType === undefined ? [] : [{ column, identityType }];
  });
  const ordered = inKeyOrder(defined);
  const identifiers = ordered.filter(
    ({ identityType: { name } }) => token.identityTypes?.includes(name) ?? true,
  );
  for (const { column } of identifiers) columns.set(column, null);
  for (const { column, field: name } of definition?.columns ?? []) {
    const field = name === null ? undefined : organization.fields.get(name);
    const isAllowed = name === null || (token.fields?.includes(name) ?? true);
    if (!isAllowed) continue;
    if (field === undefined || field.datasetId !== dataset.id) {
      if (!columns.has(column)) columns.set(column, null);
      continue;
    }
    const options = fieldOptions(formats.get(column), field, organization.organization);
    columns.set(column, { id: field.id, type: field.type, options });
  }
  const keyOrder = ordered.map(({ identityType }) => identityType.id);
  const rowKind = definition?.kind === 'identity' ? 'identity' : 'contact';
  return { datasetId: dataset.id, rowKind, identifiers, keyOrder, columns };
}
