/** Creates, edits and removes exclusion groups. */
import { isDeepStrictEqual } from 'node:util';
import type { CatalogChange } from '../../catalog/catalog.ts';
import { groupFaults } from '../../domain/flow/check-flow.ts';
import { type ExclusionGroup, usualGroupSalt } from '../../domain/flow/flow.ts';
import { groupSlots, readGroupSlots } from '../../domain/flow/flow-slots.ts';
import { isSlotFault, textsOfSlots } from '../../domain/flow/slot-text.ts';
import type { Slots } from '../../domain/flow/slots.ts';
import { maxGroupsPerOrganization } from '../../domain/limits.ts';
import { definitionNameForm, isDefinitionName } from '../../domain/membership/definition-name.ts';
import { nearestHint } from '../../domain/nearest-word.ts';
import type { ChangeRecord } from '../administration.ts';
import type { DefinitionProblems } from '../dataset/definition-problems.ts';
import { type RuleBook, readRuleBook } from '../rule/rule-book.ts';
import type { GroupRequest, GroupShareRequest } from './flow-request.ts';
import { viewGroup } from './flow-view.ts';
import { settleUnit } from './settle-unit.ts';

/** Writes the groups. Faults go to `problems`; a group with a fault is not written. */
export async function writeGroups(
  change: CatalogChange,
  organizationId: number,
  asked: { readonly requests: readonly GroupRequest[]; readonly problems: DefinitionProblems },
): Promise<readonly ChangeRecord[]> {
  const { requests, problems } = asked;
  const audit: ChangeRecord[] = [];
  if (requests.length === 0) return audit;
  const count = problems.count;
  const { groups: known } = await readRuleBook(change, organizationId);
  for (const request of requests) {
    const book = await readRuleBook(change, organizationId);
    const before = book.groups.get(request.name);
    const group = settleGroup(request, { before, book, problems: problems.below(request.path) });
    if (group === undefined || isDeepStrictEqual(before, group)) continue;
    await change.putExclusionGroup(organizationId, group);
    audit.push(auditOf(before, group, book));
  }
  const { groups } = await readRuleBook(change, organizationId);
  const added = [...groups.keys()].filter((name) => !known.has(name)).length;
  const most = `An organization has at most ${maxGroupsPerOrganization} exclusion groups.`;
  problems.check(added === 0 || groups.size <= maxGroupsPerOrganization, '', most);
  if (problems.count === count) checkOneGroup([...groups.values()], requests, problems);
  return audit;
}

export async function deleteGroup(
  change: CatalogChange,
  organizationId: number,
  { group, book }: { readonly group: ExclusionGroup; readonly book: RuleBook },
): Promise<ChangeRecord> {
  await change.deleteExclusionGroup(organizationId, group.name);
  return auditOf(group, undefined, book);
}

function auditOf(
  before: ExclusionGroup | undefined,
  after: ExclusionGroup | undefined,
  book: RuleBook,
): ChangeRecord {
  const verb = before === undefined ? 'create' : after === undefined ? 'remove' : 'edit';
  return {
    action: `exclusion_group.${verb}`,
    target: (after ?? before)?.name ?? '',
    before: before === undefined ? null : viewGroup(before, book),
    after: after === undefined ? null : viewGroup(after, book),
  };
}

interface Place {
  readonly before: ExclusionGroup | undefined;
  readonly book: RuleBook;
  readonly problems: DefinitionProblems;
}

/** `undefined` if it notes a problem. */
function settleGroup(request: GroupRequest, place: Place): ExclusionGroup | undefined {
  const { before, book, problems } = place;
  const { name } = request;
  const count = problems.count;
  const isNamed = before !== undefined || isDefinitionName(name);
  const namePath = request.namePath.slice(request.path.length);
  problems.check(isNamed, namePath, `A name has ${definitionNameForm}.`);
  const isGiven = request.flows !== undefined || before !== undefined;
  problems.check(isGiven, '/flows', 'A new group needs flows with their shares.');
  const shares =
    request.flows?.map(({ flow, share }, at) => ({ flowId: flowIdOf(flow, at, place), share })) ??
    before?.shares ??
    [];
  const unit = settleUnit(request.unit, before?.unit, { book, problems });
  const salt = request.salt ?? before?.salt ?? usualGroupSalt(name);
  if (problems.count > count) return undefined;
  for (const { path, detail } of groupFaults({ shares, salt })) problems.add(path, detail);
  if (problems.count > count) return undefined;
  const slots = settleSlots(request.flows, { before, shares }, problems);
  return slots === null ? undefined : { name, unit, salt, shares, slots };
}

function flowIdOf(reference: string, at: number, { book, problems }: Place): number {
  const isId = /^[0-9]{1,9}$/.test(reference);
  const flow = [...book.flows.values()].find((one) =>
    isId ? one.id === Number(reference) : one.name === reference,
  );
  if (flow === undefined) {
    const names = [...book.flows.values()].map(({ name }) => name);
    const hint = nearestHint(reference, names, 'List the flows: usher flow list');
    problems.add(`/flows/${at}/flow`, `There is no flow ${reference}. ${hint}`);
  }
  return flow?.id ?? 0;
}

/** `null` if it notes a problem. */
function settleSlots(
  given: readonly GroupShareRequest[] | undefined,
  { before, shares }: { before: ExclusionGroup | undefined; shares: ExclusionGroup['shares'] },
  problems: DefinitionProblems,
): Slots | null {
  const known = before?.slots ?? null;
  const isSame = isDeepStrictEqual(before?.shares, shares);
  const texts = (given ?? []).flatMap(({ slots }) => slots ?? []);
  const isWhole = texts.length === (given ?? []).length;
  if (texts.length > 0 && !isWhole) {
    problems.add('/flows', 'Give the slots of every flow, or of none.');
    return null;
  }
  if (texts.length === 0 || (!isSame && isOf(known, shares, texts))) {
    return isSame && known !== null ? known : groupSlots(known, shares);
  }
  const read = readGroupSlots(shares, texts);
  if (!isSlotFault(read)) return read;
  problems.add(`/flows/${read.place}/slots`, read.detail);
  return null;
}

/** Whether the texts stayed in a file in which only the shares were edited. */
function isOf(
  known: Slots | null,
  shares: ExclusionGroup['shares'],
  texts: readonly string[],
): boolean {
  if (known === null) return false;
  const { owners } = textsOfSlots(known);
  return shares.every(({ flowId }, at) => {
    const index = known.names.indexOf(String(flowId));
    return texts[at] === (index === -1 ? '' : owners[index]);
  });
}

/** A contact is in at most one flow of a group, so a flow cannot be in two groups. */
function checkOneGroup(
  groups: readonly ExclusionGroup[],
  requests: readonly GroupRequest[],
  problems: DefinitionProblems,
): void {
  for (const { name, path } of requests) {
    const group = groups.find((one) => one.name === name);
    for (const [at, { flowId }] of (group?.shares ?? []).entries()) {
      const other = groups.find(
        (one) => one.name !== name && one.shares.some((share) => share.flowId === flowId),
      );
      if (other === undefined) continue;
      const detail = `The flow is in the exclusion group ${other.name} too. Remove it there first.`;
      problems.add(`${path}/flows/${at}/flow`, detail);
    }
  }
}
