/** Drafts the definition of a dataset from what was found in a file that was uploaded for it. */
import { type Field, isWhole } from '../../domain/contact/field.ts';
import { isIdName } from '../../sync/infer/column-name.ts';
import type { ImportPlan, PlannedColumn } from '../../sync/infer/import-plan.ts';
import { isNewType } from '../../sync/infer/new-identity-type.ts';
import { type Document, viewDatasetDocument, viewFormat } from './dataset-view.ts';

/** As calls that define a dataset take it. */
export type NewTypeView = string | { readonly name: string; readonly normalisation: string };

export interface DraftedDefinition {
  readonly definition: Document;
  /** Identity types that do not exist yet. */
  readonly newIdentityTypes: readonly NewTypeView[];
}

/**
 * A new dataset is a draft of its own. For one that exists, columns are added to its definition.
 * @param fields those of the dataset
 * @param encoding the one that somebody chose, in which runs then read all files of a new dataset
 */
export function draftDefinition(
  plan: ImportPlan,
  fields: readonly Field[],
  encoding?: string,
): DraftedDefinition {
  const { dataset, columns, identifiers } = plan;
  const known = dataset?.definition ? viewDatasetDocument(dataset.definition, fields) : {};
  const filled = columns.filter(({ field, known: old }) => field !== null && old === undefined);
  const keys = new Map<string, string | string[]>();
  for (const { identityType, column } of identifiers) {
    const others = keys.get(identityType.name);
    keys.set(identityType.name, others === undefined ? column : [others, column].flat());
  }
  const added = new Set(identifiers.map(({ identityType }) => identityType).filter(isNewType));
  const newIdentityTypes = [...added].map(({ name, normalisation }) =>
    normalisation === 'exact' ? name : { name, normalisation },
  );
  const drafted = Object.fromEntries(filled.map((one) => [one.field ?? '', viewPlanned(one)]));
  const definition = {
    kind: 'contact',
    source: { kind: 'upload', ...(encoding !== undefined && { encoding }) },
    identifiers: Object.fromEntries(keys),
    mode: 'append',
    ...known,
    fields: { ...(known['fields'] as Document | undefined), ...drafted },
  };
  return { definition, newIdentityTypes };
}

function viewPlanned({ column, field, format }: PlannedColumn): Document {
  const written = viewFormat(format.options);
  // For ids and years, a missing value is not 0.
  const isImplied = !(isWhole(format.type) && isIdName(field ?? ''));
  return {
    ...(column !== field && { column }),
    type: format.type,
    ...(format.currency !== undefined && { currency: format.currency }),
    ...(written !== undefined && { format: written }),
    ...(!isImplied && { implied_value: null }),
  };
}
