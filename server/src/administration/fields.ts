/** Fields and their flags. `define-dataset.ts` makes fields. */
import { isDeepStrictEqual } from 'node:util';
import type {
  CatalogChange,
  CatalogView,
  DatasetRecord,
  OrganizationRecord,
} from '../catalog/catalog.ts';
import {
  type BuiltInFieldName,
  builtInFields,
  type Field,
  isBuiltInFieldName,
} from '../domain/contact/field.ts';
import { UsherError } from '../domain/errors.ts';
import { isStricter } from '../domain/rule/field-sensitivity.ts';
import { seesField } from '../domain/token/token-sight.ts';
import {
  type Actor,
  type Administration,
  type ChangedIn,
  changeIn,
  type Precondition,
  readIn,
  requirePrecondition,
} from './administration.ts';
import { DefinitionProblems } from './dataset/definition-problems.ts';
import { checkFieldSettings, type FieldSettings } from './field-settings.ts';
import {
  auditEnded,
  builtInLoss,
  findUses,
  isRelabelled,
  lossesOf,
  mayFill,
  relabelling,
  requireUnused,
} from './field-uses.ts';
import { type FieldView, viewBuiltInField, viewField } from './field-view.ts';
import { mayLowerSensitivity } from './guard-sensitivity.ts';
import { changeComputedField } from './rule/computed-fields.ts';
import { type RuleBook, readRuleBook, ruleOf } from './rule/rule-book.ts';
import { fieldWarnings } from './rule/shown-inputs.ts';
import { hasWholeSight, requireWholeSight, sightOf } from './token/actor-sight.ts';

export interface FieldUpdate {
  readonly name: string;
  readonly settings: FieldSettings;
  /** Whether to change the field although it is in use. */
  readonly force?: boolean;
  readonly precondition?: Precondition<FieldView>;
}

/** The fields that the actor may see: built-in ones first, then in order of creation. */
export async function listFields(
  administration: Administration,
  organizationId: number,
): Promise<readonly FieldView[]> {
  return readIn(administration, organizationId, async (view) => {
    const flags = await view.readBuiltInContent(organizationId);
    const datasets = await view.listDatasets(organizationId);
    const names = new Map(datasets.map(({ id, name }) => [id, name]));
    const book = await readRuleBook(view, organizationId);
    const { actor } = administration;
    // A rule names other fields, which a token with lists may not see.
    const shownRule = (field: Field) => (hasWholeSight(actor) ? ruleOf(field, book) : null);
    const warnings = seenWarnings(actor, book);
    const all = [
      ...builtInFields.map(({ name }) => viewBuiltInField(name, flags.get(name) === true)),
      ...[...book.fields.values()].map((field) =>
        viewField(field, {
          ...{ datasets: names, rule: shownRule(field) },
          warnings: [...keyWarnings(field, datasets), ...warnings(field)],
        }),
      ),
    ];
    const sight = sightOf(actor);
    return all.filter(({ name, dataset }) => seesField(sight, name, dataset));
  });
}

/** @throws UsherError `resource_not_found`, `scope_missing` */
export async function readField(
  administration: Administration,
  organizationId: number,
  name: string,
): Promise<FieldView> {
  const fields = await listFields(administration, organizationId);
  return fields.find((field) => field.name === name) ?? noField();
}

/**
 * Changes only the given settings. Of a built-in field only `content` can be set.
 * @throws UsherError `definition_invalid`, `resource_not_found`, `scope_missing`,
 *   `precondition_failed`, `approval_required` when a field in use would be lost,
 *   `definition_in_use` when a rule uses it
 */
export async function updateField(
  administration: Administration,
  organizationId: number,
  update: FieldUpdate,
): Promise<FieldView> {
  const sight = sightOf(administration.actor);
  return changeIn(administration, organizationId, async (change, organization, nowMs) => {
    const { name } = update;
    if (isBuiltInFieldName(name)) {
      if (!seesField(sight, name, null)) noField();
      const { actor } = administration;
      return updateBuiltIn(change, organizationId, { ...update, name, nowMs, actor });
    }
    const field = (await change.findField(organizationId, name)) ?? noField();
    if (field.rule !== null) {
      if (!seesField(sight, name, null)) noField();
      requireWholeSight(administration.actor);
      const mayLower = mayLowerSensitivity(administration.actor);
      return changeComputedField(change, organizationId, { ...update, nowMs, mayLower });
    }
    const dataset = await datasetOf(change, organizationId, field);
    if (!seesField(sight, name, dataset.name)) noField();
    const { actor, contacts } = administration;
    return updateDefined(change, { organization, field, dataset, update, nowMs, actor, contacts });
  });
}

async function updateDefined(
  change: CatalogChange,
  target: {
    readonly organization: OrganizationRecord;
    readonly field: Field;
    readonly dataset: DatasetRecord;
    readonly update: FieldUpdate;
    readonly nowMs: number;
  } & Pick<Administration, 'actor' | 'contacts'>,
): Promise<ChangedIn<FieldView>> {
  const { organization, field, dataset, update, nowMs, actor, contacts } = target;
  const organizationId = organization.id;
  const datasets = new Map([[dataset.id, dataset.name]]);
  const view = async (shown: Field) => {
    const book = await readRuleBook(change, organizationId);
    const warnings = [...keyWarnings(shown, [dataset]), ...seenWarnings(actor, book)(shown)];
    return viewField(shown, { datasets, warnings });
  };
  const before = await view(field);
  requirePrecondition(update.precondition, before);
  const runs = await change.listRuns(organizationId, { datasetId: dataset.id, limit: 1 });
  const problems = new DefinitionProblems();
  const wanted = checkFieldSettings(field, update.settings, problems);
  problems.check(
    wanted.type === field.type || runs.length === 0,
    '/type',
    'Contacts hold values of the old type, so the type stays. Import the column into a new field ' +
      `(\`usher import FILE --dataset ${before.dataset} --rename COLUMN=NEW_FIELD --type NEW_FIELD=${typeWord(wanted)}\`).`,
  );
  problems.throwIfAny();
  if (isDeepStrictEqual(field, wanted)) return { result: before, audit: [] };
  const isMoved = isRelabelled(field, wanted, organization);
  const isFilled = await mayFill(change, organizationId, dataset);
  await change.updateField(organizationId, wanted);
  const losses = [...lossesOf(field, wanted), ...(isMoved ? [relabelling(field, !isFilled)] : [])];
  const lost = { organizationId, losses, nowMs, sight: sightOf(actor), contacts };
  const uses = await findUses(change, lost);
  requireUnused(uses, update.force === true);
  const readsAnew = wanted.type !== field.type || isMoved;
  const { definition } = dataset;
  // Puts the change into the dataset's history, with its author.
  if (definition !== null) {
    await change.defineDataset(organizationId, dataset.id, { definition, readsAnew });
  }
  const after = await view(wanted);
  const record = { before: audited(before), after: audited(after) };
  const updated = { action: 'field.update', target: field.name, ...record };
  return { result: after, audit: [updated, ...auditEnded(uses)] };
}

/** Warnings are not part of a change. */
function audited({ warnings, ...view }: FieldView) {
  return view;
}

/** Masking the field does not mask the identities that its column gives. */
function keyWarnings(
  { name, datasetId, sensitivity }: Field,
  datasets: readonly DatasetRecord[],
): readonly string[] {
  const definition = datasets.find(({ id }) => id === datasetId)?.definition;
  const column = definition?.columns.find(({ field }) => field === name)?.column;
  const key = definition?.identifiers.find((one) => one.column === column);
  if (key === undefined || !isStricter(sensitivity, null)) return [];
  return [
    `Its column ${key.column} identifies contacts as ${key.identityType}, and identities are shown as personal. To mask the values everywhere, remove the identifier from the definition.`,
  ];
}

/** The warnings of a field. They name computed fields, so a token with lists gets none. */
function seenWarnings(actor: Actor, book: RuleBook) {
  return ({ id }: Field) => (hasWholeSight(actor) ? fieldWarnings(book).get(id) : undefined) ?? [];
}

async function datasetOf(
  view: CatalogView,
  organizationId: number,
  { datasetId }: Field,
): Promise<DatasetRecord> {
  const datasets = await view.listDatasets(organizationId);
  const dataset = datasets.find(({ id }) => id === datasetId);
  if (dataset === undefined) throw new UsherError('internal', 'The field has no dataset.');
  return dataset;
}

async function updateBuiltIn(
  change: CatalogChange,
  organizationId: number,
  update: FieldUpdate & {
    readonly name: BuiltInFieldName;
    readonly nowMs: number;
    readonly actor: Actor;
  },
): Promise<ChangedIn<FieldView>> {
  const { name, settings, nowMs, actor } = update;
  const flags = await change.readBuiltInContent(organizationId);
  const before = viewBuiltInField(name, flags.get(name) === true);
  requirePrecondition(update.precondition, before);
  const { content = before.content, ...others } = settings;
  const problems = new DefinitionProblems();
  for (const [setting, value] of Object.entries(others)) {
    const path = `/${setting.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}`;
    const detail = `${name} is a built-in field: only its content can be changed.`;
    problems.check(value === undefined, path, detail);
  }
  problems.throwIfAny();
  if (content === before.content) return { result: before, audit: [] };
  const losses = content ? [] : [builtInLoss(name)];
  const lost = { organizationId, losses, nowMs, sight: sightOf(actor) };
  requireUnused(await findUses(change, lost), update.force === true);
  await change.setBuiltInContent(organizationId, name, content);
  const after = viewBuiltInField(name, content);
  const record = { before: audited(before), after: audited(after) };
  return { result: after, audit: [{ action: 'field.update', target: name, ...record }] };
}

export async function datasetNames(
  view: CatalogView,
  organizationId: number,
): Promise<ReadonlyMap<number, string>> {
  const datasets = await view.listDatasets(organizationId);
  return new Map(datasets.map((dataset) => [dataset.id, dataset.name]));
}

function typeWord(field: Field): string {
  return field.type.includes(' ') ? `'${field.type}'` : field.type;
}

function noField(): never {
  throw new UsherError(
    'resource_not_found',
    'This field does not exist. List the fields: usher field list',
  );
}
