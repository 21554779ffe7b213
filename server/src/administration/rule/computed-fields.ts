/** Creates, edits and removes computed fields. `fields.ts` lists them with the other fields. */
import type { CatalogChange } from '../../catalog/catalog.ts';
import type { Field } from '../../domain/contact/field.ts';
import { UsherError } from '../../domain/errors.ts';
import {
  type Administration,
  type ChangedIn,
  changeIn,
  type Precondition,
  type Removal,
  requirePrecondition,
} from '../administration.ts';
import { DefinitionProblems } from '../dataset/definition-problems.ts';
import type { FieldSettings } from '../field-settings.ts';
import { findUses, requireUnused } from '../field-uses.ts';
import { type FieldView, viewField } from '../field-view.ts';
import { mayLowerSensitivity } from '../guard-sensitivity.ts';
import { everything, requireWholeSight } from '../token/actor-sight.ts';
import { viewComputedField } from './computed-field-view.ts';
import { Definitions } from './definition-kind.ts';
import { type RuleBook, ruleOf } from './rule-book.ts';
import { fieldWarnings } from './shown-inputs.ts';
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

const computedFields = new Definitions<Field, FieldView>({
  ...{ noun: 'computed field', hasId: false, editKind: 'computed_field' },
  allIn: ({ fields }) => [...fields.values()].filter(({ rule }) => rule !== null),
  view: (field, book) =>
    viewField(field, { rule: ruleOf(field, book), warnings: fieldWarnings(book).get(field.id) }),
});

/** `fields.ts` lists them among the other fields, too. */
export const {
  list: listComputedFields,
  read: readComputedField,
  listEdits: listComputedFieldEdits,
} = computedFields;

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
    const mayLower = mayLowerSensitivity(administration.actor);
    return writeOne(change, organizationId, { ...request, nowMs, mayLower });
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
  const mayLower = mayLowerSensitivity(administration.actor);
  return changeIn(administration, organizationId, (change, _, nowMs) =>
    changeComputedField(change, organizationId, { ...edit, nowMs, mayLower }),
  );
}

interface WrittenEdit extends ComputedFieldEdit {
  readonly nowMs: number;
  readonly mayLower: boolean;
}

/** `editComputedField` inside a change. */
export async function changeComputedField(
  change: CatalogChange,
  organizationId: number,
  edit: WrittenEdit,
): Promise<ChangedIn<FieldView>> {
  const { view } = await computedFields.find(change, organizationId, edit.name);
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
    const found = await computedFields.find(change, organizationId, name);
    const { definition: field, book, view } = found;
    requirePrecondition(precondition, view);
    const record = await deleteComputedField(change, organizationId, { field, book });
    const losses = [{ field, change: 'dropped' as const }];
    const lost = { organizationId, losses, nowMs, sight: everything };
    requireUnused(await findUses(change, lost), force);
    return { result: view, audit: [record] };
  });
}

/** Removes the field. The caller checks who uses it. */
export async function deleteComputedField(
  change: CatalogChange,
  organizationId: number,
  { field, book }: { readonly field: Field; readonly book: RuleBook },
) {
  const before = viewComputedField(field, book);
  await change.deleteField(organizationId, field.name);
  return recordFieldEdit(change, organizationId, { field, before, after: null });
}

async function writeOne(
  change: CatalogChange,
  organizationId: number,
  edit: WrittenEdit,
): Promise<ChangedIn<FieldView>> {
  const { name, settings, rule, force, nowMs, mayLower } = edit;
  const problems = new DefinitionProblems();
  const place = { path: '', namePath: '/name' };
  const field = { name, settings, ...place, ...(rule !== undefined && { rule }) };
  const asked = { organizationId, computedFields: [field], mayLower, problems };
  const { audit, losses } = await writeDefinitions(change, asked);
  problems.throwIfAny();
  const lost = { organizationId, losses, nowMs, sight: everything };
  requireUnused(await findUses(change, lost), force === true);
  const { view } = await computedFields.find(change, organizationId, name);
  return { result: view, audit };
}
