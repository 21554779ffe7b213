/**
 * Applies the settings of the organization in a catalog document, and the content flags of built-in
 * fields.
 */
import { isDeepStrictEqual } from 'node:util';
import type { CatalogChange, OrganizationRecord } from '../../catalog/catalog.ts';
import { builtInFields, isBuiltInFieldName } from '../../domain/contact/field.ts';
import type { Flow } from '../../domain/flow/flow.ts';
import { givenMembers } from '../../domain/given-members.ts';
import { maxDatasetsPerOrganization } from '../../domain/limits.ts';
import type { ChangeRecord } from '../administration.ts';
import type { DefinitionAuthor } from '../dataset/define-dataset.ts';
import { builtInLoss, type FieldLoss } from '../field-uses.ts';
import { viewBuiltInField } from '../field-view.ts';
import { maxNameLength } from '../limits.ts';
import {
  checkOrganizationSettings,
  checkTrust,
  viewOrganization,
} from '../organization-settings.ts';
import type { RuleLoss } from '../rule/rule-users.ts';
import { organizationMembers } from './catalog-document.ts';
import type { DocumentReader } from './document-reader.ts';

/** Each step adds its audit records to `audit`, and fields that it turned off to `losses`. */
export interface ApplyStep extends DefinitionAuthor {
  readonly change: CatalogChange;
  readonly organization: OrganizationRecord;
  /** The whole document. */
  readonly place: DocumentReader;
  readonly audit: ChangeRecord[];
  readonly losses: FieldLoss[];
  /** What rules can no longer use. */
  readonly gone: RuleLoss[];
  /** Flows that were removed. No rule and no group may name them. */
  readonly goneFlows: Flow[];
}

/** Settings that are not given stay. */
export async function applyOrganization(step: ApplyStep): Promise<void> {
  const { change, organization, place } = step;
  const at = place.member('organization');
  if (at.isAbsent || !at.takes(organizationMembers)) return;
  const text = (name: string) => at.member(name).text(100);
  const status = at.member('unknown_contact_status');
  const settings = givenMembers({
    currency: text('currency'),
    locale: text('locale'),
    timeZone: text('time_zone'),
    unknownContactStatus: status.isAbsent ? undefined : Number(status.value),
  });
  const problems = place.problems.below('/organization');
  const checked = checkOrganizationSettings(organization, settings, problems);
  const wanted = { ...organization, ...checked };
  const datasets = await change.listDatasets(organization.id);
  const [before, after] = [organization, wanted].map((one) => viewOrganization(one, datasets));
  if (JSON.stringify(before) === JSON.stringify(after)) return;
  await change.updateOrganization(wanted);
  step.audit.push({ action: 'organization.update', target: organization.name, before, after });
}

/** Runs at the end: a document may add a dataset and trust it. */
export async function applyTrust(step: ApplyStep): Promise<void> {
  const { change, place } = step;
  const at = place.member('organization').member('trust');
  const organization = await change.findOrganization({ id: step.organization.id });
  if (at.isAbsent || organization === undefined) return;
  const count = at.problems.count;
  const names = at
    .elements('names of datasets', maxDatasetsPerOrganization)
    .map((one) => one.text(maxNameLength) ?? one.fail('Give the name of a dataset.'));
  if (at.problems.count > count) return;
  const datasets = await change.listDatasets(organization.id);
  const given = names.filter((name) => name !== undefined);
  const trust = checkTrust(given, datasets, at.problems.below(at.path));
  if (at.problems.count > count || isDeepStrictEqual(trust, organization.trust)) return;
  const wanted = { ...organization, trust };
  await change.updateOrganization(wanted);
  const [before, after] = [organization, wanted].map((one) => viewOrganization(one, datasets));
  step.audit.push({ action: 'organization.update', target: organization.name, before, after });
}

export async function applyBuiltInContent(step: ApplyStep): Promise<void> {
  const { change, organization, place } = step;
  const flags = await change.readBuiltInContent(organization.id);
  const at = place.member('built_in_content');
  if (at.isAbsent || !at.takes(builtInFields.map(({ name }) => name))) return;
  for (const [name, flag] of at.entries('names of built-in fields')) {
    const content = flag.flag();
    const known = flags.get(name) === true;
    if (!isBuiltInFieldName(name) || content === undefined || content === known) continue;
    await change.setBuiltInContent(organization.id, name, content);
    if (!content) step.losses.push(builtInLoss(name));
    const [before, after] = [viewBuiltInField(name, known), viewBuiltInField(name, content)];
    step.audit.push({ action: 'field.update', target: name, before, after });
  }
}
