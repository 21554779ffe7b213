/** Organizations and their settings. Only the operator makes and lists them, or raises a limit. */
import type { CatalogChange } from '../catalog/catalog.ts';
import { UsherError } from '../domain/errors.ts';
import { defaultOrganization } from '../domain/organization.ts';
import {
  type Administration,
  authorOf,
  changeIn,
  type Precondition,
  readIn,
  requireOperator,
  requirePrecondition,
} from './administration.ts';
import { DefinitionProblems } from './dataset/definition-problems.ts';
import { readIncrementalAnew } from './dataset/read-incremental-anew.ts';
import { listFollowing } from './field-uses.ts';
import { maxOrganizations } from './limits.ts';
import {
  checkOrganizationName,
  checkOrganizationSettings,
  checkTrust,
  type OrganizationChange,
  type OrganizationSettings,
  type OrganizationView,
  viewOrganization,
} from './organization-settings.ts';
import { requireSameCurrencies } from './rule/field-currencies.ts';
import { readRuleBook } from './rule/rule-book.ts';
import { listSeenDatasets, requireWholeSight, sightOf } from './token/actor-sight.ts';

/** @throws UsherError `name_taken`, `definition_invalid`, `scope_missing` */
export async function createOrganization(
  administration: Administration,
  name: string,
  settings: OrganizationSettings = {},
): Promise<OrganizationView> {
  requireOperator(administration.actor, 'Making organizations');
  const problems = new DefinitionProblems();
  checkOrganizationName(name, problems);
  const wanted = checkOrganizationSettings(defaultOrganization(name), settings, problems);
  problems.throwIfAny();
  const author = authorOf(administration);
  return administration.catalog.change(author, async (change) => {
    if ((await change.findOrganization({ name })) !== undefined) {
      throw new UsherError('name_taken', `The organization ${name} already exists.`);
    }
    const count = (await change.listOrganizations()).length;
    if (count >= maxOrganizations) {
      throw new UsherError(
        'definition_invalid',
        `There are ${count} organizations, the most that the store can hold.`,
      );
    }
    const record = await change.insertOrganization(wanted, author.atMs);
    const after = viewOrganization(record, []);
    const action = 'organization.create';
    return {
      result: after,
      audit: [{ organizationId: record.id, action, target: name, before: null, after }],
    };
  });
}

/** In order of creation. */
export async function listOrganizations(
  administration: Administration,
): Promise<readonly OrganizationView[]> {
  requireOperator(administration.actor, 'Listing organizations');
  return administration.catalog.read(async (view) => {
    const views: OrganizationView[] = [];
    for (const record of await view.listOrganizations()) {
      const datasets = record.trust.length > 0 ? await view.listDatasets(record.id) : [];
      views.push(viewOrganization(record, datasets));
    }
    return views;
  });
}

/** Finds an organization's id for a command. */
export async function findOrganizationId(
  administration: Administration,
  name: string,
): Promise<number> {
  requireOperator(administration.actor, 'Naming organizations');
  const record = await administration.catalog.read((view) => view.findOrganization({ name }));
  if (record !== undefined) return record.id;
  throw new UsherError(
    'resource_not_found',
    'There is no organization of this name. List the organizations: usher organization list',
  );
}

export async function readOrganization(
  administration: Administration,
  organizationId: number,
): Promise<OrganizationView> {
  return readIn(administration, organizationId, async (view, record) => {
    const datasets = await listSeenDatasets(view, administration.actor, organizationId);
    return viewOrganization(record, datasets);
  });
}

/** Fields whose amounts would show another currency if the organization's currency were changed. */
export async function listFollowingFields(
  administration: Administration,
  organizationId: number,
): Promise<readonly string[]> {
  return readIn(administration, organizationId, (view) => listFollowing(view, organizationId));
}

/**
 * Changes only the given settings.
 * @throws UsherError `definition_invalid`, `scope_missing` (also for a token that raises the rate
 *   limit, that turns separate approval off, or that changes the order of trust without seeing
 *   every dataset), `resource_not_found`, `precondition_failed`, `approval_required`,
 *   `definition_in_use` when a computed field would mix currencies
 */
export async function updateOrganization(
  administration: Administration,
  organizationId: number,
  update: {
    readonly settings: OrganizationChange;
    readonly precondition?: Precondition<OrganizationView>;
  },
): Promise<OrganizationView> {
  return changeIn(administration, organizationId, async (change, record) => {
    const { actor } = administration;
    const datasets = await listSeenDatasets(change, actor, organizationId);
    const before = viewOrganization(record, datasets);
    requirePrecondition(update.precondition, before);
    const { trust: names, ...settings } = update.settings;
    if (names !== undefined) requireWholeSight(actor);
    const problems = new DefinitionProblems();
    const checked = checkOrganizationSettings(record, settings, problems);
    const trust = names && checkTrust(names, datasets, problems.below('/trust'));
    problems.throwIfAny();
    if (checked.rateLimit > record.rateLimit) requireOperator(actor, 'Raising the rate limit');
    const isOpened = record.separateApproval && !checked.separateApproval;
    if (isOpened) requireOperator(actor, 'Turning separate approval off');
    const wanted = { ...record, ...checked, ...(trust && { trust }) };
    const after = viewOrganization(wanted, datasets);
    if (JSON.stringify(before) === JSON.stringify(after)) return { result: before, audit: [] };
    const currencies = { from: record, to: wanted };
    requireSameCurrencies(await readRuleBook(change, organizationId), currencies, sightOf(actor));
    await change.updateOrganization(wanted);
    if (wanted.currency !== record.currency) await readAmountsAnew(change, record.id);
    const action = 'organization.update';
    return { result: after, audit: [{ action, target: record.name, before, after }] };
  });
}

/** Amounts with the mark of the new currency were rejected so far. */
async function readAmountsAnew(change: CatalogChange, organizationId: number): Promise<void> {
  const fields = await change.listFields(organizationId);
  const following = fields.filter(({ type, currency }) => type === 'currency' && currency === null);
  const datasetIds = new Set(following.map(({ datasetId }) => datasetId));
  await readIncrementalAnew(change, organizationId, (_, id) => datasetIds.has(id));
}
