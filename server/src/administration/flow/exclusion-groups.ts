/** Lists, creates, edits and removes exclusion groups. */
import type { CatalogView } from '../../catalog/catalog.ts';
import { UsherError } from '../../domain/errors.ts';
import {
  type Administration,
  changeIn,
  type Precondition,
  type Removal,
  readIn,
  requirePrecondition,
} from '../administration.ts';
import { DefinitionProblems } from '../dataset/definition-problems.ts';
import { readRuleBook } from '../rule/rule-book.ts';
import { hasWholeSight, requireWholeSight } from '../token/actor-sight.ts';
import type { GroupRequest } from './flow-request.ts';
import { type GroupView, viewGroup } from './flow-view.ts';
import { deleteGroup, writeGroups } from './write-groups.ts';

/** By name. Empty for a token with lists. */
export async function listExclusionGroups(
  administration: Administration,
  organizationId: number,
): Promise<readonly GroupView[]> {
  return readIn(administration, organizationId, async (view) => {
    if (!hasWholeSight(administration.actor)) return [];
    const book = await readRuleBook(view, organizationId);
    return [...book.groups.values()].map((group) => viewGroup(group, book));
  });
}

/** @throws UsherError `resource_not_found`, `scope_missing` */
export async function readExclusionGroup(
  administration: Administration,
  organizationId: number,
  name: string,
): Promise<GroupView> {
  const groups = await listExclusionGroups(administration, organizationId);
  return groups.find((group) => group.name === name) ?? noGroup(name);
}

/**
 * Creates the group, or changes what is given.
 * @throws UsherError `definition_invalid`, `precondition_failed`, `scope_missing`
 */
export async function putExclusionGroup(
  administration: Administration,
  organizationId: number,
  request: Omit<GroupRequest, 'path' | 'namePath'> & {
    readonly precondition?: Precondition<GroupView>;
  },
): Promise<GroupView> {
  requireWholeSight(administration.actor);
  return changeIn(administration, organizationId, async (change) => {
    const { precondition, ...asked } = request;
    if (precondition !== undefined) {
      const before = await findGroup(change, organizationId, request.name);
      // No precondition holds for a group that does not exist.
      if (before === undefined) requirePrecondition(() => false, before);
      else requirePrecondition(precondition, before);
    }
    const problems = new DefinitionProblems();
    const requests = [{ ...asked, path: '', namePath: '/name' }];
    const audit = await writeGroups(change, organizationId, { requests, problems });
    problems.throwIfAny();
    const group = await findGroup(change, organizationId, request.name);
    return { result: group ?? noGroup(request.name), audit };
  });
}

/** @throws UsherError `precondition_failed`, `resource_not_found`, `scope_missing` */
export async function removeExclusionGroup(
  administration: Administration,
  organizationId: number,
  { reference, precondition }: Removal<GroupView>,
): Promise<GroupView> {
  requireWholeSight(administration.actor);
  return changeIn(administration, organizationId, async (change) => {
    const book = await readRuleBook(change, organizationId);
    const group = book.groups.get(reference) ?? noGroup(reference);
    requirePrecondition(precondition, viewGroup(group, book));
    const record = await deleteGroup(change, organizationId, { group, book });
    return { result: viewGroup(group, book), audit: [record] };
  });
}

async function findGroup(
  view: CatalogView,
  organizationId: number,
  name: string,
): Promise<GroupView | undefined> {
  const book = await readRuleBook(view, organizationId);
  const group = book.groups.get(name);
  return group && viewGroup(group, book);
}

function noGroup(name: string): never {
  throw new UsherError(
    'resource_not_found',
    `There is no exclusion group ${name}. List them: usher exclusion-group list`,
  );
}
