/**
 * Checks the definition of a dataset against the organization's other definitions. Definitions from
 * catalog files, HTTP and code all come here. Paths of problems are those of the dataset's
 * document.
 */
import type { CatalogView, DatasetRecord } from '../../catalog/catalog.ts';
import { isFieldName } from '../../domain/contact/field.ts';
import { isIdentityTypeName } from '../../domain/contact/identity-type.ts';
import type { DatasetDefinition } from '../../domain/dataset/dataset-definition.ts';
import { pointerStep } from '../../domain/json-pointer.ts';
import { maxDatasetsPerOrganization, maxReferenceDatasets } from '../../domain/limits.ts';
import { checkDatasetFields } from './dataset-fields.ts';
import { checkDatasetKind } from './dataset-kinds.ts';
import type { CheckedDatasetRequest, DatasetSubject } from './dataset-request.ts';
import type { DefinitionProblems } from './definition-problems.ts';

/** Checks a request. Each fault is added to `subject.problems`. */
export async function checkDatasetRequest(
  view: CatalogView,
  subject: DatasetSubject,
): Promise<CheckedDatasetRequest> {
  const { organization, request, problems } = subject;
  const dataset = await view.findDataset(organization.id, request.name);
  await checkPlace(view, subject, dataset);
  checkDatasetKind(request.definition, problems);
  const known = await view.listIdentityTypes(organization.id);
  const names = new Set(known.map((type) => type.name));
  const asked = request.newIdentityTypes ?? [];
  const added = new Map(asked.map((type) => [type.name, type]));
  for (const name of names) added.delete(name);
  for (const name of added.keys()) {
    if (isIdentityTypeName(name)) continue;
    const detail =
      'The name of an identity type has 1 to 64 characters of a-z, 0-9, - and _, and starts with a letter.';
    problems.add(`/identifiers/${pointerStep(name)}`, detail);
  }
  checkIdentifiers(subject, new Set([...names, ...added.keys()]));
  const fields = await checkDatasetFields(view, subject, dataset);
  return { dataset, newIdentityTypes: [...added.values()], ...fields };
}

async function checkPlace(
  view: CatalogView,
  { organization, request, problems }: DatasetSubject,
  dataset: DatasetRecord | undefined,
): Promise<void> {
  const { kind } = request.definition;
  const others = (await view.listDatasets(organization.id)).filter(({ id }) => id !== dataset?.id);
  if (dataset === undefined && !isFieldName(request.name)) {
    const detail =
      'The name of a dataset has 1 to 64 characters of a-z, 0-9 and _, and starts with a letter.';
    problems.add('/name', detail);
  }
  if (others.length >= maxDatasetsPerOrganization) {
    problems.add('/name', `An organization has at most ${maxDatasetsPerOrganization} datasets.`);
  }
  const before = dataset?.definition?.kind ?? kind;
  if (before !== kind) {
    const detail = `The kind of a dataset cannot change; this one is ${before}. Define another dataset.`;
    problems.add('/kind', detail);
  }
  const references = others.filter(({ definition }) => definition?.kind === 'reference');
  checkTables(tablesOf(request.definition), references, problems);
  if (kind !== 'reference') return;
  if (references.length >= maxReferenceDatasets) {
    const detail = `An organization has at most ${maxReferenceDatasets} datasets of the kind reference.`;
    problems.add('/kind', detail);
  }
  const asker = others.find((other) => tablesOf(other.definition).includes(request.name));
  if (asker !== undefined) {
    const detail = `The query of the dataset ${asker.name} has a table of this name. Rename one of them.`;
    problems.add('/name', detail);
  }
}

/** Tables of a query and reference datasets must not share a name. */
function checkTables(
  tables: readonly string[],
  references: readonly DatasetRecord[],
  problems: DefinitionProblems,
): void {
  for (const name of tables) {
    if (references.every((reference) => reference.name !== name)) continue;
    const detail = 'A reference dataset has this name. Give the table another name.';
    problems.add(`/source/files/${pointerStep(name)}`, detail);
  }
}

function tablesOf(definition: DatasetDefinition | null): readonly string[] {
  const source = definition?.source;
  return source?.kind === 'query' ? source.files.map(([name]) => name) : [];
}

function checkIdentifiers(
  { request, problems }: DatasetSubject,
  identityTypes: ReadonlySet<string>,
): void {
  const { identifiers, kind } = request.definition;
  if (kind === 'reference') return;
  // `dataset-kinds.ts` counts the identifiers of the kind identity.
  const isNamed = identifiers.length > 0 || kind === 'identity';
  problems.check(isNamed, '/identifiers', 'Name at least one identifying column.');
  const columns = identifiers.map(({ column }) => column);
  for (const [place, { identityType, column }] of identifiers.entries()) {
    const path = `/identifiers/${pointerStep(identityType)}`;
    const isRepeated = kind === 'identity' && columns.indexOf(column) < place;
    problems.check(!isRepeated, path, `The column ${column} is named twice.`);
    problems.check(
      identityTypes.has(identityType),
      path,
      `This identity type does not exist. The types are ${[...identityTypes].join(', ')}.`,
    );
    problems.check(
      identityType !== 'id' && identityType !== 'simonid',
      path,
      'Usher makes contact ids, so they cannot identify rows.',
    );
  }
}
