/**
 * Compiles flows that follow a segment: who is in the flow, and in which variant. `placeUnit`
 * (`domain/flow/`) has the same steps with an explanation of each.
 */
import { variantNames } from '../../domain/flow/flow.ts';
import { isHeldOutGlobally } from '../../domain/flow/place-unit.ts';
import { nobody, outcomeAt } from '../../domain/flow/slots.ts';
import {
  type CompileContext,
  type CompiledFlow,
  type Condition,
  firstVariant,
  notInFlow,
  withoutVariant,
} from './compile-context.ts';
import type { TypedFlow } from './rule-graph.ts';

type Outcome = CompiledFlow['outcome'];

export function compileFlow(typed: TypedFlow, context: CompileContext): CompiledFlow {
  const { flow } = typed;
  const { experiment, segmentId } = flow;
  const variants = experiment === null ? [] : variantNames(experiment);
  const isMember = segmentId === null ? () => false : context.segment(segmentId);
  const isLeftOut = compileGates(typed, context);
  const choose = compileSplit(typed, variants, context);
  const memo = context.memo();
  const outcome: Outcome = (evaluation) => {
    if (evaluation.stamps[memo] === evaluation.stamp) return evaluation.truths[memo] as number;
    const isIn = flow.status === 'live' && isMember(evaluation) && !isLeftOut(evaluation);
    const found = isIn ? choose(evaluation) : notInFlow;
    evaluation.stamps[memo] = evaluation.stamp;
    evaluation.truths[memo] = found;
    return found;
  };
  return { flow, variants, outcome };
}

/** The global holdout and the exclusion group. */
function compileGates(
  { flow, group, globalHoldout }: TypedFlow,
  context: CompileContext,
): Condition {
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
    const outcomes = slots.names.map(placeOf);
    return (evaluation) => {
      const slot = slotOfFlow(evaluation);
      const owner = slot < 0 ? nobody : outcomeAt(slots, slot);
      return owner === nobody ? notInFlow : (outcomes[owner] ?? notInFlow);
    };
  }
  const rules = split.branches.map(({ variant }, place) => {
    const node = branches[place];
    const condition = node === undefined ? () => false : context.condition(node);
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
