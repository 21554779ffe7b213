/** Lists, creates, edits and removes flows. Nothing is evaluated here. */
import type { CatalogChange, CatalogView } from '../../catalog/catalog.ts';
import type { Flow } from '../../domain/flow/flow.ts';
import {
  type Administration,
  changeIn,
  type Removal,
  requirePrecondition,
} from '../administration.ts';
import { WrittenDefinitions } from '../rule/definition-kind.ts';
import type { RuleBook } from '../rule/rule-book.ts';
import { type FoundUse, findRuleUses, refuseUses } from '../rule/rule-users.ts';
import { everything, requireWholeSight } from '../token/actor-sight.ts';
import type { FlowSettings } from './flow-request.ts';
import { type FlowView, viewFlow } from './flow-view.ts';
import { recordFlowEdit } from './write-flows.ts';

const flows = new WrittenDefinitions<Flow, FlowView, FlowSettings>({
  ...{ noun: 'flow', hasId: true, editKind: 'flow' },
  allIn: (book) => [...book.flows.values()],
  view: viewFlow,
  request: (flow) => ({ flows: [flow] }),
});

export const {
  list: listFlows,
  read: readFlow,
  listEdits: listFlowEdits,
  create: createFlow,
  edit: editFlow,
} = flows;

/**
 * @throws UsherError `definition_in_use` while rules use the flow or a group has a share for it,
 *   `resource_not_found`, `scope_missing`
 */
export async function removeFlow(
  administration: Administration,
  organizationId: number,
  { reference, precondition }: Removal<FlowView>,
): Promise<FlowView> {
  requireWholeSight(administration.actor);
  return changeIn(administration, organizationId, async (change) => {
    const { definition: flow, book, view } = await flows.find(change, organizationId, reference);
    requirePrecondition(precondition, view);
    const record = await deleteFlow(change, organizationId, { flow, book });
    await requireNoFlowUsers(change, organizationId, [flow]);
    return { result: view, audit: [record] };
  });
}

/** Removes the flow. The caller then calls `requireNoFlowUsers`. */
export async function deleteFlow(
  change: CatalogChange,
  organizationId: number,
  { flow, book }: { readonly flow: Flow; readonly book: RuleBook },
) {
  await change.deleteFlow(organizationId, flow.id);
  return recordFlowEdit(change, organizationId, { before: flow, after: undefined, book });
}

/** @throws UsherError `definition_in_use` */
export async function requireNoFlowUsers(
  view: CatalogView,
  organizationId: number,
  gone: readonly Pick<Flow, 'id' | 'name'>[],
): Promise<void> {
  const groups = await view.listExclusionGroups(organizationId);
  const shares = gone.flatMap((flow) =>
    groups
      .filter((group) => group.shares.some(({ flowId }) => flowId === flow.id))
      .map((group): FoundUse => {
        const words = `The flow ${flow.name} would be gone, but exclusion groups have a share for it`;
        return { words, users: [{ kind: 'exclusion_group', id: null, name: group.name }] };
      }),
  );
  const losses = gone.map(({ id, name }) => {
    return { kind: 'flow', id, words: `The flow ${name} would be gone` } as const;
  });
  // Only callers that see all rules change flows.
  refuseUses([...shares, ...(await findRuleUses(view, organizationId, losses))], everything);
}
