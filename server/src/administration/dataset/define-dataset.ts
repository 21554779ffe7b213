/**
 * Defines a dataset: one change makes the dataset, its identity types, its fields and its
 * definition. `sync/` applies the rows.
 */
import type { CatalogChange, DatasetRecord, OrganizationRecord } from '../../catalog/catalog.ts';
import type { Field } from '../../domain/contact/field.ts';
import type { DatasetDefinition } from '../../domain/dataset/dataset-definition.ts';
import { UsherError } from '../../domain/errors.ts';
import {
  type Administration,
  type ChangeRecord,
  changeIn,
  type Precondition,
  requirePrecondition,
} from '../administration.ts';
import { type DocumentDifference, diffDocuments } from '../document/document-diff.ts';
import {
  auditEnded,
  type FieldLoss,
  type FieldUse,
  findUses,
  isRelabelled,
  lossesOf,
  mayFill,
  relabelling,
  requireUnused,
} from '../field-uses.ts';
import { addIdentityType } from '../identity-types.ts';
import { noteWarnings } from '../rule/new-warnings.ts';
import type { RuleLoss } from '../rule/rule-users.ts';
import { fieldsOf, requireSeenDataset, sightOf } from '../token/actor-sight.ts';
import { checkDatasetRequest } from './check-dataset.ts';
import type { CheckedDatasetRequest, DatasetRequest, DatasetSubject } from './dataset-request.ts';
import { viewDatasetDocument } from './dataset-view.ts';
import { type DatasetView, findDatasetView } from './datasets.ts';
import { DefinitionProblems } from './definition-problems.ts';

export interface DatasetWithFields {
  readonly dataset: DatasetRecord;
  /** The fields that the dataset fills, by name. */
  readonly fields: ReadonlyMap<string, Field>;
}

export interface DefinedDataset extends DatasetWithFields, Warned {}

interface Warned {
  /** What computed fields newly show of hidden fields, each with the name of the field. */
  readonly warnings: readonly string[];
}

export interface DatasetCommit {
  /** Whether to make the change even if it affects fields in use. */
  readonly force?: boolean;
  readonly precondition?: Precondition<DatasetView>;
  /** Whether to refuse a dataset that exists. */
  readonly mustBeNew?: boolean;
  /** JSON pointer to the definition in the request; '' if the request is the definition. */
  readonly path?: string;
}

/**
 * Makes the dataset or gives it a new definition. Repeating the same request changes nothing.
 * @throws UsherError `definition_invalid` with every problem, `approval_required` when fields in
 *   use would be lost, `scope_missing`, `resource_not_found`, `precondition_failed`
 */
export async function defineDataset(
  administration: Administration,
  organizationId: number,
  request: DatasetRequest & DatasetCommit,
): Promise<DefinedDataset> {
  return changeIn(administration, organizationId, async (change, organization, atMs) => {
    const by = { organization, administration, atMs };
    const { audit, uses, warnings } = await commit(change, request, by);
    requireUnused(uses, request.force === true);
    const defined = await readWithFields(change, organizationId, request.name);
    return { result: { ...defined, warnings }, audit };
  });
}

export interface ValidatedDataset extends Warned {
  readonly differences: readonly DocumentDifference[];
  /** Fields in use that the change would affect. */
  readonly uses: readonly FieldUse[];
}

/**
 * What `defineDataset` would change. Changes nothing.
 * @throws UsherError the same as `defineDataset`, without `approval_required`
 */
export async function validateDataset(
  administration: Administration,
  organizationId: number,
  request: DatasetRequest & Pick<DatasetCommit, 'path'>,
): Promise<ValidatedDataset> {
  return changeIn(administration, organizationId, async (change, organization, atMs) => {
    const known = await findDatasetView(change, organizationId, request.name);
    const by = { organization, administration, atMs };
    const { uses, warnings } = await commit(change, request, by);
    const wanted = await findDatasetView(change, organizationId, request.name);
    const differences = diffDocuments(known?.definition ?? {}, wanted?.definition ?? {});
    return { result: { differences, uses, warnings }, audit: [] };
  });
}

interface Committed extends Warned {
  readonly audit: readonly ChangeRecord[];
  readonly uses: readonly FieldUse[];
}

async function commit(
  change: CatalogChange,
  request: DatasetRequest & DatasetCommit,
  by: DefinitionAuthor & { readonly organization: OrganizationRecord },
): Promise<Committed> {
  const { organization, administration, atMs } = by;
  const organizationId = organization.id;
  await requireSeenDataset(change, administration.actor, organizationId, request.name);
  if (request.precondition !== undefined) {
    const now = await findDatasetView(change, organizationId, request.name);
    // No precondition holds for a dataset that does not exist.
    if (now === undefined) requirePrecondition(() => false, now);
    else requirePrecondition(request.precondition, now);
  }
  if (request.mustBeNew === true) await requireNew(change, organizationId, request.name);
  const problems = new DefinitionProblems();
  const subject = { organization, request, problems: problems.below(request.path ?? '') };
  const warned = await noteWarnings(change, organizationId, administration.actor);
  const { audit, losses } = await writeDataset(change, subject, by);
  problems.throwIfAny();
  const { actor, contacts } = administration;
  const lost = { organizationId, losses, nowMs: atMs, sight: sightOf(actor), contacts };
  const uses = await findUses(change, lost);
  const warnings = await warned.newWarnings();
  return { audit: [...audit, ...auditEnded(uses)], uses, warnings };
}

async function requireNew(change: CatalogChange, id: number, name: string): Promise<void> {
  if ((await change.findDataset(id, name)) === undefined) return;
  throw new UsherError(
    'precondition_failed',
    `A dataset of the name ${name} exists. Choose another name, or change that dataset.`,
  );
}

export interface DefinitionAuthor {
  readonly administration: Administration;
  readonly atMs: number;
}

/** What a change of definitions wrote. */
export interface WrittenDefinitions {
  readonly audit: readonly ChangeRecord[];
  readonly losses: readonly FieldLoss[];
  /** Things without fields that are gone. No rule may use them. */
  readonly gone: readonly RuleLoss[];
}

export const nothingWritten: WrittenDefinitions = { audit: [], losses: [], gone: [] };

/** Defines a dataset inside a change. Writes nothing if the subject has problems. */
export async function writeDataset(
  change: CatalogChange,
  subject: DatasetSubject,
  by: DefinitionAuthor,
): Promise<WrittenDefinitions> {
  const { organization, request, problems } = subject;
  const organizationId = organization.id;
  const countBefore = problems.count;
  const wanted = await checkDatasetRequest(change, subject);
  if (problems.count > countBefore) return nothingWritten;
  requireOwnSource(by.administration, wanted);
  const view = await findDatasetView(change, organizationId, request.name);
  const before = view?.definition ?? undefined;
  const audit: ChangeRecord[] = [];
  for (const type of wanted.newIdentityTypes) {
    audit.push((await addIdentityType(change, organizationId, type)).record);
  }
  const dataset =
    wanted.dataset ?? (await change.insertDataset(organizationId, request.name, by.atMs));
  const losses = await writeFields(change, organization, { wanted, dataset });
  const own = fieldsOf(dataset.id, await change.listFields(organizationId));
  const after = viewDatasetDocument(wanted.definition, own);
  const isSame = before !== undefined && diffDocuments(before, after).length === 0;
  if (isSame) return { audit, losses: [], gone: [] };
  const isRetyped = losses.some(({ change: loss }) => loss !== 'content_off');
  const readsAnew = isRetyped || isReadAnew(dataset.definition, wanted.definition);
  await change.defineDataset(organizationId, dataset.id, {
    definition: withFormatKind(wanted.definition, dataset.definition),
    readsAnew,
  });
  const action = wanted.dataset === undefined ? 'dataset.create' : 'dataset.define';
  audit.push({ action, target: request.name, before: before ?? null, after });
  return { audit, losses, gone: [] };
}

/** Kinds that name nothing on the server: callers bring the rows. */
const callerKinds: ReadonlySet<string> = new Set(['push', 'upload']);

/** Only the operator sets other sources. A token may keep the known one. */
function requireOwnSource(administration: Administration, wanted: CheckedDatasetRequest): void {
  const { source } = wanted.definition;
  if (administration.actor.kind === 'operator' || source === null) return;
  if (callerKinds.has(source.kind)) return;
  const known = wanted.dataset?.definition?.source ?? null;
  if (JSON.stringify(known) === JSON.stringify(source)) return;
  throw new UsherError(
    'scope_missing',
    'Only the operator sets sources: use `usher apply` on the server. A token may define datasets whose source is push or upload.',
  );
}

/** Whether the new definition changes what rows mean, so that the baseline does not apply. */
function isReadAnew(before: DatasetDefinition | null, after: DatasetDefinition): boolean {
  const meaning = (definition: DatasetDefinition) => {
    const { kind, identifiers, key, feed, columns, format } = definition;
    const order = columns.toSorted((one, other) => (one.column < other.column ? -1 : 1));
    const { columns: formats } = format;
    const isIncremental = definition.mode === 'incremental';
    // Another source may hold rows that changed before the last watermark.
    const since = isIncremental ? [definition.source, definition.updatedAt] : null;
    return JSON.stringify([kind, identifiers, key, feed, order, formats ?? null, since]);
  };
  return before === null || meaning(before) !== meaning(after);
}

/** Keeps the file format of an earlier import. */
function withFormatKind(
  definition: DatasetDefinition,
  before: DatasetDefinition | null,
): DatasetDefinition {
  const kind = definition.format['kind'] ?? before?.format['kind'];
  if (kind === undefined) return definition;
  return { ...definition, format: { kind, ...definition.format } };
}

async function writeFields(
  change: CatalogChange,
  organization: OrganizationRecord,
  target: { readonly wanted: CheckedDatasetRequest; readonly dataset: DatasetRecord },
): Promise<readonly FieldLoss[]> {
  const { wanted, dataset } = target;
  const organizationId = organization.id;
  const isFilled = await mayFill(change, organizationId, dataset);
  const before = await change.listFields(organizationId);
  const known = new Map(before.map((field) => [field.id, field]));
  const added: Field[] = [];
  const losses: FieldLoss[] = [];
  for (const field of wanted.fields) {
    const old = known.get(field.id);
    if (old === undefined) added.push(field);
    if (old === undefined || JSON.stringify(old) === JSON.stringify(field)) continue;
    await change.updateField(organizationId, field);
    losses.push(...lossesOf(old, field));
    if (isRelabelled(old, field, organization)) losses.push(relabelling(old, !isFilled));
  }
  for (const field of wanted.dropped) {
    await change.deleteField(organizationId, field.name);
    losses.push({ field, change: 'dropped' });
  }
  const rows = added.map(({ id: _, ...field }) => ({ ...field, datasetId: dataset.id }));
  await change.insertFields(organizationId, rows);
  return losses;
}

async function readWithFields(
  change: CatalogChange,
  organizationId: number,
  name: string,
): Promise<DatasetWithFields> {
  const dataset = await change.findDataset(organizationId, name);
  if (dataset === undefined) throw new UsherError('internal', 'The dataset no longer exists.');
  const own = fieldsOf(dataset.id, await change.listFields(organizationId));
  return { dataset, fields: new Map(own.map((field) => [field.name, field])) };
}
