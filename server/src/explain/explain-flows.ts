/** Why a contact is in its flows: each step, with the numbers that decided it. */
import {
  type BranchView,
  type FlowBook,
  type FlowView,
  type GroupView,
  type HoldoutView,
  viewFlow,
  viewGroup,
  viewHoldout,
} from '../administration/flow/flow-view.ts';
import type { ExclusionGroup, Flow } from '../domain/flow/flow.ts';
import { slotsOfPercent } from '../domain/flow/flow-slots.ts';
import { type LeftOut, type Placement, placeUnit } from '../domain/flow/place-unit.ts';
import { nobody, outcomeAt, slotCount } from '../domain/flow/slots.ts';
import { seesIdentityType, type TokenLists } from '../domain/token/token-sight.ts';
import { firstVariant, notInFlow } from '../membership/compile/compile-context.ts';
import { unitTextOf } from '../membership/compile/compile-slot.ts';
import { type ExplainedClause, explainClauses, type RuleContext } from './explain-segments.ts';

export interface ExplainedBranch {
  readonly variant: string;
  readonly rule: string;
  /** `null`: the caller may not know it. */
  readonly is_true: boolean | null;
  /** Whether it gave the contact its variant. */
  readonly is_chosen: boolean;
  readonly clauses: readonly ExplainedClause[];
}

/** What decides a slot. */
interface ExplainedSlot {
  /** What is hashed with the salt; `null`: the contact has none, or the caller may not see it. */
  readonly unit_value: string | null;
  /**
   * `null`: the contact has no unit, an earlier step decided, or the caller may not see the unit:
   * with salts of one's choice, a few slots tell which of many guesses is right.
   */
  readonly slot: number | null;
}

export interface ExplainedFlow
  extends Omit<FlowView, 'kind' | 'branches' | 'exclusion_group'>,
    ExplainedSlot {
  readonly is_in_segment: boolean;
  readonly is_member: boolean;
  readonly variant: string | null;
  /** The step that left the contact out; `null`: none did. */
  readonly left_out: LeftOut | null;
  /** In their order: the first that is true decides. `null`: slots decide. */
  readonly branches: readonly ExplainedBranch[] | null;
  readonly group: ExplainedGroup | null;
  readonly global_holdout: ExplainedHoldout | null;
}

interface ExplainedGroup extends Omit<GroupView, 'flows'>, ExplainedSlot {
  /** The share of the flow, in percent. */
  readonly share: number;
  /** The ranges of slots of the flow. */
  readonly slots: string;
  /** The flow that owns the slot; `null`: none does. */
  readonly owner: string | null;
}

interface ExplainedHoldout extends HoldoutView, ExplainedSlot {
  /** The range of slots that are held out. */
  readonly held_out: string;
}

export interface FlowContext extends RuleContext {
  /** What the caller may see. */
  readonly lists: TokenLists;
}

/** Flows that follow a segment, ascending by id. */
export function explainFlows(context: FlowContext): readonly ExplainedFlow[] {
  const { compiled, evaluation, organization } = context;
  const { segments, flows, groups, globalHoldout } = organization.definitions;
  const identityTypes = [...organization.identityTypes.values()];
  const book = { segments, flows, groups, identityTypes, names: context.names };
  const units = new Map<number, string | undefined>();
  const unitOf = (typeId: number) => {
    if (!units.has(typeId)) units.set(typeId, unitTextOf(evaluation, typeId));
    return units.get(typeId);
  };
  const shown = ({ unit, name, slot }: DecidedSlot) =>
    mayShow(context.lists, unit, name)
      ? { unit_value: unitOf(unit) ?? null, slot }
      : { unit_value: null, slot: null };
  const groupViews = new Map([...groups.values()].map((it) => [it.name, viewGroup(it, book)]));
  const tell = { context, book, shown, groupViews };
  return [...compiled.flows.values()].map(({ flow, variants, outcome }) => {
    const group = groupOf(flow, groups.values());
    const placed = placeUnit(flow, { group, globalHoldout, unitOf });
    const found = outcome(evaluation);
    const { kind: _, branches, exclusion_group: __, ...view } = viewFlow(flow, book);
    const isMember = found !== notInFlow;
    const ofSegment = flow.segmentId === null ? null : compiled.segments.get(flow.segmentId);
    return {
      ...view,
      is_in_segment: ofSegment?.condition(evaluation) ?? false,
      is_member: isMember,
      variant: variants[found - firstVariant] ?? null,
      left_out: placed.leftOut,
      ...shown({ unit: flow.unit, name: view.unit, slot: placed.slot }),
      branches: branches && explainBranches(branches, { flow, isMember }, context),
      group: group && explainGroup(group, { flow, placed }, tell),
      global_holdout: explainHoldout(placed, tell),
    };
  });
}

interface DecidedSlot {
  /** The id of the identity type whose value is hashed, and its name. */
  readonly unit: number;
  readonly name: string;
  readonly slot: number | null;
}

interface Tell {
  readonly context: FlowContext;
  readonly book: FlowBook;
  readonly shown: (decided: DecidedSlot) => ExplainedSlot;
  readonly groupViews: ReadonlyMap<string, GroupView>;
}

function groupOf({ id }: Flow, groups: Iterable<ExclusionGroup>): ExclusionGroup | null {
  return [...groups].find(({ shares }) => shares.some(({ flowId }) => flowId === id)) ?? null;
}

function explainBranches(
  branches: readonly BranchView[],
  { flow, isMember }: { readonly flow: Flow; readonly isMember: boolean },
  context: FlowContext,
): readonly ExplainedBranch[] {
  const rules = context.compiled.branches.get(flow.id) ?? [];
  const truths = rules.map(({ condition }) => condition(context.evaluation));
  const chosen = isMember ? truths.indexOf(true) : -1;
  return branches.map(({ variant, rule }, place) => {
    const clauses = explainClauses(rules[place], context);
    const isHidden = clauses.some(({ is_true }) => is_true === null);
    const is_true = isHidden ? null : (truths[place] ?? false);
    return { variant, rule, is_true, is_chosen: place === chosen, clauses };
  });
}

function explainGroup(
  group: ExclusionGroup,
  { flow, placed }: { readonly flow: Flow; readonly placed: Placement },
  { book, shown, groupViews }: Tell,
): ExplainedGroup {
  const { flows, ...view } = groupViews.get(group.name) ?? viewGroup(group, book);
  const own = flows[group.shares.findIndex(({ flowId }) => flowId === flow.id)];
  const decided = shown({ unit: group.unit, name: view.unit, slot: placed.groupSlot });
  const { slot } = decided;
  const owner = slot === null ? nobody : outcomeAt(group.slots, slot);
  return {
    ...view,
    ...{ share: own?.share ?? 0, slots: own?.slots ?? '' },
    ...decided,
    owner: book.flows.get(Number(group.slots.names[owner]))?.name ?? null,
  };
}

function explainHoldout(placed: Placement, { context, book, shown }: Tell) {
  const holdout = context.organization.definitions.globalHoldout;
  if (holdout === null) return null;
  const view = viewHoldout(holdout, book);
  const heldOut = slotsOfPercent(holdout.percent);
  return {
    ...view,
    held_out: heldOut === 0 ? '' : `${slotCount - heldOut}-${slotCount - 1}`,
    ...shown({ unit: holdout.unit, name: view.unit, slot: placed.holdoutSlot }),
  };
}

/** The hash of an identity tells its value to anybody who tries some. */
function mayShow(lists: TokenLists, unit: number, name: string): boolean {
  if (unit === 0) return seesIdentityType(lists, 'id');
  return lists.masksIdentities !== true && seesIdentityType(lists, name);
}
