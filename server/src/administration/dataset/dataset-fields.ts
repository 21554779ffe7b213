/**
 * The fields of a dataset request: which dataset owns them, their settings, and what becomes of
 * fields that the request does not name.
 */
import type { CatalogView, DatasetRecord } from '../../catalog/catalog.ts';
import { type Field, isBuiltInFieldName, isFieldName } from '../../domain/contact/field.ts';
import type { DatasetColumn, DatasetDefinition } from '../../domain/dataset/dataset-definition.ts';
import { pointerStep } from '../../domain/json-pointer.ts';
import { maxFieldsPerOrganization } from '../../domain/limits.ts';
import { checkFieldSettings } from '../field-settings.ts';
import { datasetNames } from '../fields.ts';
import type { DatasetRequest, DatasetSubject } from './dataset-request.ts';

export interface CheckedFields {
  readonly definition: DatasetDefinition;
  readonly fields: readonly Field[];
  readonly dropped: readonly Field[];
}

/**
 * The checked fields of a request, and the fields that it drops. Each fault is added to
 * `subject.problems`.
 */
export async function checkDatasetFields(
  view: CatalogView,
  subject: DatasetSubject,
  dataset: DatasetRecord | undefined,
): Promise<CheckedFields> {
  const { organization, request, problems } = subject;
  const all = await view.listFields(organization.id);
  const known = new Map(all.map((field) => [field.name, field]));
  const owners = await datasetNames(view, organization.id);
  const names = fieldNamesOf(request);
  const fields = [...new Set(names)].map((name) => {
    const path = `/fields/${pointerStep(name)}`;
    const field = known.get(name);
    const isForeign = field !== undefined && field.datasetId !== dataset?.id;
    const owner = field === undefined ? undefined : owners.get(field.datasetId);
    if (isForeign) {
      const filler = field.rule === null ? `The dataset ${owner} fills` : 'A rule computes';
      const detail = `${filler} a field of this name. Give the field another name.`;
      problems.add(path, detail);
    }
    if (!isFieldName(name) || isBuiltInFieldName(name)) {
      const detail =
        'The name of a field has 1 to 64 characters of a-z, 0-9 and _, starts with a letter, and is not a built-in name.';
      problems.add(path, detail);
    }
    const settings = request.fields.get(name) ?? {};
    const isTyped = field !== undefined || settings.type !== undefined;
    problems.check(isTyped, `${path}/type`, 'The field is new, so it needs a type.');
    return checkFieldSettings(field ?? newField(name), settings, problems.below(path));
  });
  const { kind } = request.definition;
  const isFilling = kind === 'contact' || names.length === 0;
  problems.check(isFilling, '/fields', `Rows of the kind ${kind} do not fill fields.`);
  const distinct = new Set<string>();
  const repeated = new Set(names.filter((name) => distinct.size === distinct.add(name).size));
  for (const name of repeated) {
    problems.add(`/fields/${pointerStep(name)}`, 'Two columns fill this field. Keep one of them.');
  }
  const others = all.filter(
    ({ datasetId, name }) => datasetId === dataset?.id && !distinct.has(name),
  );
  const [kept, dropped] = request.keepsOthers === true ? [others, []] : [[], others];
  const count = all.length + fields.filter(({ id }) => id === 0).length - dropped.length;
  if (count > maxFieldsPerOrganization) {
    const most = `at most ${maxFieldsPerOrganization} fields`;
    problems.add('/fields', `An organization has ${most}; this would make ${count}.`);
  }
  const definition = withKept(request.definition, { dataset, kept });
  return { definition, fields: [...fields, ...kept], dropped };
}

function newField(name: string): Field {
  return {
    ...{ id: 0, name, type: 'string', datasetId: 0, displayName: null, description: null },
    ...{ content: true, condition: true, impliedValue: null, sensitivity: null, currency: null },
    rule: null,
  };
}

/** Columns of a membership feed have fixed names; they are not fields. */
function fieldNamesOf({ definition, fields }: DatasetRequest): readonly string[] {
  if (definition.kind !== 'contact') return [...fields.keys()];
  const named = definition.columns.flatMap(({ field }) => (field === null ? [] : [field]));
  return [...named, ...[...fields.keys()].filter((name) => !named.includes(name))];
}

/** Fields that stay keep their columns and formats. */
function withKept(
  definition: DatasetDefinition,
  before: { readonly dataset: DatasetRecord | undefined; readonly kept: readonly Field[] },
): DatasetDefinition {
  const names = new Set(before.kept.map(({ name }) => name));
  const old = before.dataset?.definition;
  const isNamed = new Set(definition.columns.map(({ column }) => column));
  const columns = (old?.columns ?? []).filter(
    ({ column, field }: DatasetColumn) =>
      field !== null && names.has(field) && !isNamed.has(column),
  );
  if (columns.length === 0) return definition;
  const stays = new Set(columns.map(({ column }) => column));
  const formats = pairsOf(old?.format).filter(([column]) => stays.has(column));
  const all = [...pairsOf(definition.format), ...formats];
  return {
    ...definition,
    columns: [...definition.columns, ...columns],
    format: all.length === 0 ? definition.format : { ...definition.format, columns: all },
  };
}

function pairsOf(format: DatasetDefinition['format'] | undefined): readonly [string, unknown][] {
  const pairs = format?.['columns'];
  return Array.isArray(pairs) ? (pairs as [string, unknown][]) : [];
}
