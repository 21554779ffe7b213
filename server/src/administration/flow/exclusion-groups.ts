/** Lists, creates, edits and removes exclusion groups. */
import type { ExclusionGroup } from '../../domain/flow/flow.ts';
import {
  type Administration,
  changeIn,
  type Precondition,
  type Removal,
  requirePrecondition,
} from '../administration.ts';
import { DefinitionProblems } from '../dataset/definition-problems.ts';
import { Definitions } from '../rule/definition-kind.ts';
import { readRuleBook } from '../rule/rule-book.ts';
import { requireWholeSight } from '../token/actor-sight.ts';
import type { GroupRequest } from './flow-request.ts';
import { type GroupView, viewGroup } from './flow-view.ts';
import { deleteGroup, writeGroups } from './write-groups.ts';

const groups = new Definitions<ExclusionGroup, GroupView>({
  ...{ noun: 'exclusion group', hasId: false },
  allIn: (book) => [...book.groups.values()],
  view: viewGroup,
});

export const { list: listExclusionGroups, read: readExclusionGroup } = groups;

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
    const { name } = request;
    if (precondition !== undefined) {
      const book = await readRuleBook(change, organizationId);
      // No precondition holds for a group that does not exist.
      if (!book.groups.has(name)) requirePrecondition(() => false, undefined);
      requirePrecondition(precondition, (await groups.find(change, organizationId, name)).view);
    }
    const problems = new DefinitionProblems();
    const requests = [{ ...asked, path: '', namePath: '/name' }];
    const audit = await writeGroups(change, organizationId, { requests, problems });
    problems.throwIfAny();
    return { result: (await groups.find(change, organizationId, name)).view, audit };
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
    const found = await groups.find(change, organizationId, reference);
    const { definition: group, book, view } = found;
    requirePrecondition(precondition, view);
    const record = await deleteGroup(change, organizationId, { group, book });
    return { result: view, audit: [record] };
  });
}
