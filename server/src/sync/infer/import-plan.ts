/**
 * Plans an import: which column fills which field with which type, and which columns identify the
 * contact. It uses the sample, the catalog and the flags, and neither reads nor writes anything.
 */
import type { CatalogView, DatasetRecord, OrganizationRecord } from '../../catalog/catalog.ts';
import { type Field, isBuiltInFieldName, isFieldName } from '../../domain/contact/field.ts';
import type { IdentityType } from '../../domain/contact/identity-type.ts';
import {
  inKeyOrder,
  type RowIdentifier,
  type RowMapping,
} from '../../domain/dataset/source-row.ts';
import { UsherError } from '../../domain/errors.ts';
import { maxDatasetsPerOrganization, maxFieldsPerOrganization } from '../../domain/limits.ts';
import type { ImportRequest } from '../import-request.ts';
import { type ColumnFormat, type InferOptions, plainTolerance } from './column-format.ts';
import {
  type DeclaredType,
  declaredFormat,
  parseDeclaredType,
  storedFormats,
  storedOptions,
  withCurrency,
} from './declared-type.ts';
import { fieldNameOf, formerNameOf, freeFieldName } from './field-names.ts';
import { findColumn, unknownColumn } from './find-column.ts';
import { findIdentityColumn, inferKeyColumn, type SampledColumn } from './infer-identity.ts';
import { inferColumnFormat } from './infer-type.ts';
import { isNewType, newIdentityType } from './new-identity-type.ts';

/** The definitions that a plan depends on. */
export interface KnownDefinitions {
  readonly organization: OrganizationRecord;
  readonly identityTypes: readonly IdentityType[];
  readonly fields: readonly Field[];
  readonly datasets: readonly DatasetRecord[];
}

export interface PlannedColumn {
  readonly column: string;
  readonly cell: number;
  /** The field that the column fills; `null`: none. */
  readonly field: string | null;
  readonly format: ColumnFormat;
  /** The field, if it exists already. */
  readonly known: Field | undefined;
  readonly declared: DeclaredType | undefined;
}

export interface ImportPlan {
  readonly datasetName: string;
  readonly dataset: DatasetRecord | undefined;
  readonly identifiers: readonly RowIdentifier[];
  /** Set if the first identifier was inferred as the key of rows. */
  readonly inferredKey: InferredKey | undefined;
  /** In the order of the source. */
  readonly columns: readonly PlannedColumn[];
}

export interface InferredKey {
  readonly column: string;
  /** Whether its identity type does not exist yet. */
  readonly isNewType: boolean;
}

export async function readKnownDefinitions(
  view: CatalogView,
  organizationId: number,
): Promise<KnownDefinitions> {
  const organization = await view.findOrganization({ id: organizationId });
  if (organization === undefined) {
    throw new UsherError('resource_not_found', 'This organization does not exist.');
  }
  return {
    organization,
    identityTypes: await view.listIdentityTypes(organizationId),
    fields: await view.listFields(organizationId),
    datasets: await view.listDatasets(organizationId),
  };
}

export interface PlanInput {
  readonly request: ImportRequest;
  /** The default name of the dataset. */
  readonly sourceName: string;
  readonly sample: readonly SampledColumn[];
  readonly known: KnownDefinitions;
}

/**
 * @throws UsherError `parameter_invalid` for an invalid flag, `definition_invalid` for other
 *   problems, with a command that would work, if there is one
 */
export function planImport(input: PlanInput): ImportPlan {
  const { request, known, sample } = input;
  const datasetName = request.dataset ?? datasetNameOf(input);
  if (!isFieldName(datasetName)) {
    throw invalidFlag(
      `The dataset's name must be lower-case letters, digits and _. It is ${datasetName}.`,
    );
  }
  const dataset = known.datasets.find(({ name }) => name === datasetName);
  if (dataset === undefined && known.datasets.length >= maxDatasetsPerOrganization) {
    throw invalid(
      `There are ${known.datasets.length} datasets already, and no more are allowed. Remove one, or import into an existing one with --dataset.`,
    );
  }
  requireContacts(dataset);
  checkColumnFlags(request, sample);
  const names = nameFields(input, dataset);
  const types = declaredTypes(request, sample, names);
  const formats = storedFormats(dataset?.definition);
  const columns = sample.map(({ column, texts, isDouble }, cell) => {
    const field = names.get(column) ?? null;
    const knownField = known.fields.find(({ name }) => name === field);
    const planned = { column, cell, field, known: knownField, declared: types.get(column) };
    const seen = { texts, isDouble, stored: formats.get(column) };
    const inferred = formatOf(input, planned, seen);
    const amounts = knownField ?? { type: inferred.type, currency: inferred.currency ?? null };
    const options = withCurrency(inferred.options, amounts, known.organization);
    return { ...planned, format: { ...inferred, options } };
  });
  const added = columns.filter(({ field, known: knownField }) => field !== null && !knownField);
  if (known.fields.length + added.length > maxFieldsPerOrganization) {
    throw invalid(
      `The organization would have ${known.fields.length + added.length} fields; at most ${maxFieldsPerOrganization} can be. Leave columns out with --skip.`,
    );
  }
  const { identifiers, inferredKey } = identifiersOf(input, dataset);
  return { datasetName, dataset, identifiers, inferredKey, columns };
}

/** Rows of the other kinds fill no fields, and an import would define fields. */
function requireContacts(dataset: DatasetRecord | undefined): void {
  const kind = dataset?.definition?.kind ?? 'contact';
  if (dataset === undefined || kind === 'contact') return;
  throw invalid(
    `The dataset ${dataset.name} is of the kind ${kind}, and usher import fills contacts. Name its file as the source in the catalog file, then run: usher sync run ${dataset.name}`,
  );
}

/**
 * The dataset is named after the source. A dataset that an earlier release named keeps its name.
 */
function datasetNameOf({ sourceName, known }: PlanInput): string {
  const former = formerNameOf(sourceName, 1);
  const isKept = known.datasets.some(({ name }) => name === former);
  return isKept ? former : fieldNameOf(sourceName, 1);
}

/** Columns that fill a field, in the order of the fields' ids; columns of new fields come last. */
export function filledColumns({ columns }: ImportPlan): readonly PlannedColumn[] {
  const last = Number.MAX_SAFE_INTEGER;
  return columns
    .filter(({ field }) => field !== null)
    .sort((a, b) => (a.known?.id ?? last) - (b.known?.id ?? last));
}

/** The mapping that reads the rows. Its fields are the filled columns. */
export function mappingOf(plan: ImportPlan): RowMapping {
  const fields = filledColumns(plan).map(({ column, cell, format }) => {
    const { type, options } = format;
    return { column, cell, type, options };
  });
  return { identifiers: inKeyOrder(plan.identifiers), fields };
}

/** Field names by column, without skipped columns. */
function nameFields(input: PlanInput, dataset: DatasetRecord | undefined): Map<string, string> {
  const { request, sample } = input;
  const defined = new Map(
    (dataset?.definition?.columns ?? []).map(({ column, field }) => [column, field]),
  );
  const names = new Map<string, string>();
  const taken = new Set<string>();
  const skipped = new Set(
    request.skips.map((name) => sample[findColumn(sample, name, request.isByPlace) ?? -1]?.column),
  );
  const isSkipped = (column: string) => skipped.has(column);
  const renames = new Map(
    [...request.renames].map(([from, to]) => [sample[findColumn(sample, from) ?? -1]?.column, to]),
  );
  for (const { column } of sample) {
    const renamed = renames.get(column);
    const field = renamed ?? defined.get(column);
    if (isSkipped(column) || typeof field !== 'string') continue;
    if (renamed !== undefined) checkRename(renamed, taken);
    names.set(column, field);
    taken.add(field);
  }
  for (const [place, { column }] of sample.entries()) {
    if (isSkipped(column) || names.has(column) || defined.get(column) === null) continue;
    const wanted = fieldNameOf(`${request.prefix}${fieldNameOf(column, place + 1)}`, place + 1);
    const field = freeFieldName(wanted, (name) => taken.has(name));
    names.set(column, field);
    taken.add(field);
  }
  refuseForeignFields(input, dataset, [...names.values()]);
  return names;
}

function checkRename(field: string, taken: ReadonlySet<string>): void {
  if (!isFieldName(field)) {
    throw invalidFlag(
      `--rename: a field's name must be lower-case letters, digits and _, and begin with a letter.`,
    );
  }
  if (isBuiltInFieldName(field)) throw invalidFlag(`--rename: ${field} is a built-in field.`);
  if (taken.has(field)) throw invalidFlag(`--rename: two columns would fill ${field}.`);
}

function refuseForeignFields(
  { request, sourceName, known }: PlanInput,
  dataset: DatasetRecord | undefined,
  names: readonly string[],
): void {
  const others = known.fields.filter(({ datasetId }) => datasetId !== dataset?.id);
  const foreign = names.flatMap((name) => others.filter((field) => field.name === name));
  const [first] = foreign;
  if (first === undefined) return;
  const fields = foreign.map(({ name }) => name);
  const more = fields.length > 10 ? ` and ${fields.length - 10} more` : '';
  const { commandWith } = request;
  const prefix = request.dataset ?? fieldNameOf(sourceName, 1);
  const filler = first.rule === null ? 'Another dataset fills' : 'A rule computes';
  const lines = [
    `${filler} ${fields.slice(0, 10).join(', ')}${more}. A field belongs to one dataset. Give these fields names of their own:`,
    `  ${commandWith('--prefix', `${prefix}_`)}`,
  ];
  const isOneOwner =
    first.rule === null && foreign.every(({ datasetId }) => datasetId === first.datasetId);
  if (isOneOwner && fields.length === names.length) {
    const owner = known.datasets.find(({ id }) => id === first.datasetId)?.name ?? '';
    lines.push(
      `or bring the file into the dataset ${owner}:`,
      `  ${commandWith('--dataset', owner)}`,
    );
  }
  throw new UsherError('definition_invalid', lines.join('\n'), { members: { fields } });
}

/** The options that decide what the values of a column leave open. */
export function inferOptionsOf(
  organization: OrganizationRecord,
  field: string | null,
): InferOptions {
  const { timeZone, locale, currency } = organization;
  return { timeZone, locale, currency, flag: (type) => `--type ${field}=${type}` };
}

function formatOf(
  { known: { organization }, request }: PlanInput,
  { column, field, known, declared }: Omit<PlannedColumn, 'format'>,
  seen: Omit<SampledColumn, 'column'> & { readonly stored: unknown },
): ColumnFormat {
  const { texts } = seen;
  const options = inferOptionsOf(organization, field);
  const { timeZone } = options;
  if (known === undefined) {
    if (declared !== undefined) return declaredFormat(declared, texts, options);
    // The source stores doubles, so nothing is lost.
    return seen.isDouble === true
      ? { type: 'float', options: { timeZone }, tolerance: plainTolerance }
      : inferColumnFormat(column, texts, options);
  }
  const { name, type } = known;
  if (declared !== undefined && declared.type !== type) {
    throw invalid(
      `The field ${name} is of type ${type}, and a type does not change by an import. ` +
        `Give the column a field of its own: ${request.commandWith('--rename', `${column}=${name}_2`)}`,
    );
  }
  const stored = storedOptions(seen.stored, timeZone);
  return stored === undefined || declared !== undefined
    ? declaredFormat(declared ?? { type, options: {} }, texts, options)
    : { type, options: stored, tolerance: 1 };
}

type PlannedIdentifiers = Pick<ImportPlan, 'identifiers' | 'inferredKey'>;

function identifiersOf(input: PlanInput, dataset: DatasetRecord | undefined): PlannedIdentifiers {
  const { request, sample } = input;
  const stored = (dataset?.definition?.identifiers ?? [])
    .filter(({ column }) => sample.some((one) => one.column === column))
    .map(({ identityType, column }) => ({ type: identityType, column }));
  const chosen = request.identifiers.length > 0 ? request.identifiers : stored;
  if (chosen.length > 0) {
    return { identifiers: namedIdentifiers(input, chosen), inferredKey: undefined };
  }
  const address = findIdentityColumn(sample, request);
  if (address === undefined) return { identifiers: [], inferredKey: undefined };
  const identifiers = namedIdentifiers(input, [{ type: 'email', column: address }]);
  const key = dataset === undefined ? inferKey(input) : undefined;
  if (key === undefined) return { identifiers, inferredKey: undefined };
  const { column, identityType } = key;
  const inferredKey = { column, isNewType: isNewType(identityType) };
  return { identifiers: [key, ...identifiers], inferredKey };
}

/**
 * The key of the rows of a new dataset. Its identity type has the name of the column's field;
 * `undefined` if no column has such a key, or there can be no such type.
 */
function inferKey({ sample, known: { identityTypes } }: PlanInput): RowIdentifier | undefined {
  const column = inferKeyColumn(sample);
  if (column === undefined) return undefined;
  const cell = sample.findIndex((one) => one.column === column);
  const name = fieldNameOf(column, cell + 1);
  const known = identityTypes.find((type) => type.name === name);
  if (known !== undefined) {
    return known.normalisation === 'exact' ? { column, cell, identityType: known } : undefined;
  }
  const identityType = newIdentityType(name, identityTypes);
  return identityType && { column, cell, identityType };
}

function namedIdentifiers(
  { request, sample, known }: PlanInput,
  chosen: readonly { readonly type: string; readonly column: string }[],
): RowIdentifier[] {
  const types = [...known.identityTypes];
  const isPlace = request.isByPlace === true && request.identifiers.length > 0;
  return chosen.map(({ type, column }) => {
    const wanted = request.isDraft === true ? type.split(':', 1)[0] : type;
    let identityType = types.find(({ name }) => name === wanted);
    if (identityType === undefined && request.isDraft === true) {
      identityType = newIdentityType(type, types);
      if (identityType !== undefined) types.push(identityType);
    }
    if (identityType === undefined) {
      const names = known.identityTypes.map(({ name }) => name).join(', ');
      throw invalidFlag(
        `There is no identity type ${type}. The organization has ${names}. To create it: usher identity-type create ${type}`,
      );
    }
    const cell = findColumn(sample, column, isPlace);
    if (cell === undefined) throw invalidFlag(unknownColumn('--identifier', column, sample));
    return { column: sample[cell]?.column ?? column, cell, identityType };
  });
}

function checkColumnFlags(
  { skips, renames, isByPlace }: ImportRequest,
  sample: readonly SampledColumn[],
): void {
  const unknown =
    skips.find((column) => findColumn(sample, column, isByPlace) === undefined) ??
    [...renames.keys()].find((column) => findColumn(sample, column) === undefined);
  if (unknown === undefined) return;
  throw invalidFlag(unknownColumn('--skip or --rename', unknown, sample));
}

/** Declared types by column. A flag may name the field or the column of the file. */
function declaredTypes(
  request: ImportRequest,
  sample: readonly SampledColumn[],
  names: ReadonlyMap<string, string>,
): Map<string, DeclaredType> {
  const columnOf = new Map([...names].map(([column, field]) => [field, column]));
  return new Map(
    [...request.types].map(([name, type]) => {
      const ofField = request.isByPlace === true ? undefined : columnOf.get(name);
      const place = findColumn(sample, name, request.isByPlace) ?? -1;
      const column = ofField ?? sample[place]?.column;
      if (column === undefined) throw invalidFlag(unknownColumn('--type', name, sample));
      return [column, parseDeclaredType(type)];
    }),
  );
}

function invalidFlag(detail: string): UsherError {
  return new UsherError('parameter_invalid', detail);
}

function invalid(detail: string): UsherError {
  return new UsherError('definition_invalid', detail);
}
