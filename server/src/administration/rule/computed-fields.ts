/** Creates, edits and removes computed fields. `fields.ts` lists them with the other fields. */
import type { CatalogChange, CatalogView } from '../../catalog/catalog.ts';
import type { Field } from '../../domain/contact/field.ts';
import { UsherError } from '../../domain/errors.ts';
import type { RuleNames } from '../../domain/rule/rule-text.ts';
import {
  type Administration,
  type ChangedIn,
  changeIn,
  type Precondition,
  type Removal,
  readIn,
  requirePrecondition,
} from '../administration.ts';
import { DefinitionProblems } from '../dataset/definition-problems.ts';
import type { FieldSettings } from '../field-settings.ts';
import { findUses, requireUnused } from '../field-uses.ts';
import { type FieldView, viewField } from '../field-view.ts';
import { hasWholeSight, requireWholeSight } from '../token/actor-sight.ts';
import { viewComputedField } from './computed-field-view.ts';
import { type EditView, viewEdits } from './edit-view.ts';
import { readRuleBook, ruleOf } from './rule-book.ts';
import { recordFieldEdit } from './write-computed-fields.ts';
import { writeDefinitions } from './write-definitions.ts';

export interface NewComputedField {
  readonly name: string;
  readonly rule: string;
  readonly settings: FieldSettings;
}

export interface ComputedFieldEdit {
  readonly name: string;
  /** Settings that are not given stay. */
  readonly settings: FieldSettings;
  readonly rule?: string;
  /** Whether to make the change although tokens read the field. */
  readonly force?: boolean;
  readonly precondition?: Precondition<FieldView>;
}

/** In order of creation. Empty for a token with lists, because rules name other fields. */
export async function listComputedFields(
  administration: Administration,
  organizationId: number,
): Promise<readonly FieldView[]> {
  return readIn(administration, organizationId, async (view) => {
    if (!hasWholeSight(administration.actor)) return [];
    const book = await readRuleBook(view, organizationId);
    const computed = [...book.fields.values()].filter(({ rule }) => rule !== null);
    return computed.map((field) => viewField(field, new Map(), ruleOf(field, book)));
  });
}

/** @throws UsherError `resource_not_found`, `scope_missing` */
export async function readComputedField(
  administration: Administration,
  organizationId: number,
  name: string,
): Promise<FieldView> {
  const fields = await listComputedFields(administration, organizationId);
  return fields.find((field) => field.name === name) ?? noComputedField(name);
}

/**
 * Who changed the field, when, and what: newest first.
 * @throws UsherError `resource_not_found`, `scope_missing`
 */
export async function listComputedFieldEdits(
  administration: Administration,
  organizationId: number,
  name: string,
): Promise<readonly EditView[]> {
  return readIn(administration, organizationId, async (view) => {
    const isSeen = hasWholeSight(administration.actor);
    const field = isSeen ? await view.findField(organizationId, name) : undefined;
    if (field === undefined || field.rule === null) return noComputedField(name);
    const key = { kind: 'computed_field', id: field.id } as const;
    return viewEdits(await view.listEdits(organizationId, key));
  });
}

/**
 * @throws UsherError `definition_invalid`, `rule_invalid`, `definition_cycle`, `name_taken`,
 *   `scope_missing`
 */
export async function createComputedField(
  administration: Administration,
  organizationId: number,
  request: NewComputedField,
): Promise<FieldView> {
  requireWholeSight(administration.actor);
  return changeIn(administration, organizationId, async (change, _, nowMs) => {
    const { name } = request;
    if ((await change.findField(organizationId, name)) !== undefined) {
      throw new UsherError(
        'name_taken',
        `The field ${name} already exists. Give the computed field another name.`,
      );
    }
    return writeOne(change, organizationId, { ...request, nowMs });
  });
}

/**
 * Changes what is given. An edit without effect changes nothing.
 * @throws UsherError as `createComputedField`, and `resource_not_found`, `precondition_failed`,
 *   `approval_required`, `definition_in_use`
 */
export async function editComputedField(
  administration: Administration,
  organizationId: number,
  edit: ComputedFieldEdit,
): Promise<FieldView> {
  requireWholeSight(administration.actor);
  return changeIn(administration, organizationId, (change, _, nowMs) =>
    changeComputedField(change, organizationId, { ...edit, nowMs }),
  );
}

/** `editComputedField` inside a change. */
export async function changeComputedField(
  change: CatalogChange,
  organizationId: number,
  edit: ComputedFieldEdit & { readonly nowMs: number },
): Promise<ChangedIn<FieldView>> {
  const { view } = await findComputedField(change, organizationId, edit.name);
  requirePrecondition(edit.precondition, view);
  return writeOne(change, organizationId, edit);
}

/**
 * @throws UsherError `definition_in_use` while rules use the field, `approval_required` while
 *   tokens read it and `force` is false, `resource_not_found`, `scope_missing`
 */
export async function removeComputedField(
  administration: Administration,
  organizationId: number,
  { reference: name, force, precondition }: Removal<FieldView> & { readonly force: boolean },
): Promise<FieldView> {
  requireWholeSight(administration.actor);
  return changeIn(administration, organizationId, async (change, _, nowMs) => {
    const { field, view } = await findComputedField(change, organizationId, name);
    requirePrecondition(precondition, view);
    const { names } = await readRuleBook(change, organizationId);
    const record = await deleteComputedField(change, organizationId, { field, names });
    const losses = [{ field, change: 'dropped' as const }];
    requireUnused(await findUses(change, { organizationId, losses, nowMs }), force);
    return { result: view, audit: [record] };
  });
}

/** Removes the field. The caller checks who uses it. */
export async function deleteComputedField(
  change: CatalogChange,
  organizationId: number,
  { field, names }: { readonly field: Field; readonly names: Pick<RuleNames, 'nameOf'> },
) {
  const before = viewComputedField(field, names);
  await change.deleteField(organizationId, field.name);
  return recordFieldEdit(change, organizationId, { field, before, after: null });
}

async function writeOne(
  change: CatalogChange,
  organizationId: number,
  edit: ComputedFieldEdit & { readonly nowMs: number },
): Promise<ChangedIn<FieldView>> {
  const { name, settings, rule, force, nowMs } = edit;
  const problems = new DefinitionProblems();
  const place = { path: '', namePath: '/name' };
  const field = { name, settings, ...place, ...(rule !== undefined && { rule }) };
  const asked = { organizationId, computedFields: [field], problems };
  const { audit, losses } = await writeDefinitions(change, asked);
  problems.throwIfAny();
  requireUnused(await findUses(change, { organizationId, losses, nowMs }), force === true);
  const { view } = await findComputedField(change, organizationId, name);
  return { result: view, audit };
}

async function findComputedField(view: CatalogView, organizationId: number, name: string) {
  const book = await readRuleBook(view, organizationId);
  const field = [...book.fields.values()].find((one) => one.name === name);
  if (field === undefined || field.rule === null) return noComputedField(name);
  return { field, view: viewField(field, new Map(), ruleOf(field, book)) };
}

function noComputedField(name: string): never {
  throw new UsherError(
    'resource_not_found',
    `There is no computed field ${name}. List them: usher computed-field list`,
  );
}
