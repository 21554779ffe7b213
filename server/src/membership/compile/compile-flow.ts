/**
 * Compiles flows that follow a segment: who is in the flow, and in which variant. `placeUnit`
 * (`domain/flow/`) has the same steps with an explanation of each.
 */
import { variantNames } from '../../domain/flow/flow.ts';
import { isHeldOutGlobally } from '../../domain/flow/place-unit.ts';
import { nobody, outcomeAt, type Slots, slotCount } from '../../domain/flow/slots.ts';
import {
  type CompileContext,
  type CompiledFlow,
  type Condition,
  firstVariant,
  notInFlow,
  withoutVariant,
} from './compile-context.ts';
import { workFirst } from './node-parts.ts';
import type { TypedFlow } from './rule-graph.ts';

type Outcome = CompiledFlow['outcome'];

export function compileFlow(typed: TypedFlow, context: CompileContext): CompiledFlow {
  const { flow } = typed;
  const { experiment, segmentId } = flow;
  const variants = experiment === null ? [] : variantNames(experiment);
  if (segmentId === null || flow.status !== 'live') {
    return { flow, variants, outcome: () => notInFlow, memberOutcome: () => notInFlow };
  }
  const isMember = context.segment(segmentId);
  const isLeftOut = compileGates(typed, context);
  const choose = compileSplit(typed, variants, context);
  const memo = context.memo();
  const memberOutcome: Outcome =
    isLeftOut === null
      ? choose
      : (evaluation) => (isLeftOut(evaluation) ? notInFlow : choose(evaluation));
  const outcome: Outcome = (evaluation) => {
    if (evaluation.stamps[memo] === evaluation.stamp) return evaluation.outcomes[memo] as number;
    const found = isMember(evaluation) ? memberOutcome(evaluation) : notInFlow;
    evaluation.stamps[memo] = evaluation.stamp;
    evaluation.outcomes[memo] = found;
    return found;
  };
  return { flow, variants, outcome, memberOutcome };
}

/** The global holdout and the exclusion group; `null`: there are none. */
function compileGates(
  { flow, group, globalHoldout }: TypedFlow,
  context: CompileContext,
): Condition | null {
  if (group === null && globalHoldout === null) return null;
  const holdoutSlot = globalHoldout && context.slot(globalHoldout);
  const groupSlot = group && context.slot(group);
  const owner = String(flow.id);
  return (evaluation) => {
    if (globalHoldout !== null && holdoutSlot !== null) {
      const slot = holdoutSlot(evaluation);
      if (slot >= 0 && isHeldOutGlobally(slot, globalHoldout)) return true;
    }
    if (group === null || groupSlot === null) return false;
    const slot = groupSlot(evaluation);
    return slot < 0 || group.slots.names[outcomeAt(group.slots, slot)] !== owner;
  };
}

function compileSplit(
  { flow, branches }: TypedFlow,
  variants: readonly string[],
  context: CompileContext,
): Outcome {
  const { experiment, slots } = flow;
  if (experiment === null) return () => withoutVariant;
  const { split, holdout } = experiment;
  const slotOfFlow = context.slot(flow);
  const placeOf = (variant: string | null) =>
    variant === null ? withoutVariant : firstVariant + variants.indexOf(variant);
  if (split.by === 'weight') {
    if (slots === null) return () => withoutVariant;
    const { starts, outcomes } = ownerRuns(slots);
    const places = slots.names.map(placeOf);
    const runs = { starts, outcomes: outcomes.map((owner) => places[owner] ?? notInFlow) };
    return (evaluation) => {
      const slot = slotOfFlow(evaluation);
      return slot < 0 ? notInFlow : outcomeOf(runs, slot);
    };
  }
  const rules = split.branches.map(({ variant }, place) => {
    const node = branches[place];
    const [count] = node === undefined ? [] : workFirst(node);
    const isTrue = node === undefined ? () => false : context.condition(node);
    const condition: Condition =
      count === undefined ? isTrue : (evaluation) => count(evaluation) && isTrue(evaluation);
    return { condition, outcome: placeOf(variant) };
  });
  const otherwise = placeOf(split.otherwise);
  return (evaluation) => {
    if (holdout > 0 && slots !== null) {
      const slot = slotOfFlow(evaluation);
      if (slot < 0 || outcomeAt(slots, slot) === nobody) return notInFlow;
    }
    return rules.find(({ condition }) => condition(evaluation))?.outcome ?? otherwise;
  };
}

/** Neighbouring slots with one outcome. A byte for each slot of 400 flows would fill the cache. */
interface SlotRuns {
  /** The first slot of each run, ascending from 0. */
  readonly starts: Uint16Array;
  readonly outcomes: Uint8Array;
}

const knownRuns = new WeakMap<Slots, SlotRuns>();

/** The outcomes are places in the names of the slots. */
function ownerRuns(slots: Slots): SlotRuns {
  const known = knownRuns.get(slots);
  if (known !== undefined) return known;
  const starts: number[] = [];
  const outcomes: number[] = [];
  for (let slot = 0; slot < slotCount; slot += 1) {
    const outcome = outcomeAt(slots, slot);
    if (outcome === outcomes.at(-1)) continue;
    starts.push(slot);
    outcomes.push(outcome);
  }
  const made = { starts: Uint16Array.from(starts), outcomes: Uint8Array.from(outcomes) };
  knownRuns.set(slots, made);
  return made;
}

function outcomeOf({ starts, outcomes }: SlotRuns, slot: number): number {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((starts[middle] as number) <= slot) low = middle;
    else high = middle - 1;
  }
  return outcomes[low] as number;
}
