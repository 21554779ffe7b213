/**
 * The part of a plan that rules compute: computed fields, and memberships of segments and flows.
 * Rules are compiled once for each revision of the definitions; plans say which of them to
 * evaluate, and which inputs to read for them.
 */
import type { OrganizationState } from '../domain/catalog-state.ts';
import type { Field } from '../domain/contact/field.ts';
import {
  type CompiledDefinitions,
  type CompiledField,
  compiledDefinitionsOf,
  type Evaluation,
  type Input,
  type Reach,
} from '../membership/compiled-definitions.ts';
import {
  type MembershipAnswer,
  type MembershipAnswers,
  membershipAnswers,
  wantedBy,
} from '../membership/membership-answers.ts';
import type { MembershipList } from '../membership/membership-list.ts';

/** Latin1 text of UTF-8 bytes, or a list; `undefined`: the record or the implied value counts. */
export type ValueText = string | MembershipList | undefined;

/** What a requested name is computed by, and what that reads. */
interface ComputedSlot {
  readonly slot: number;
  readonly reach: Reach;
}

export interface ComputedFieldSlot extends ComputedSlot {
  readonly readJson: CompiledField['readJson'];
}

export interface ComputedListSlot extends ComputedSlot {
  readonly answer: MembershipAnswer;
}

export interface ComputedPlan {
  /** The thread's memory for rules, shared by all plans of the organization. */
  readonly evaluation: Evaluation;
  readonly fields: readonly ComputedFieldSlot[];
  readonly lists: readonly ComputedListSlot[];
  /** Memory for the values of one contact, by slot; what is not computed stays `undefined`. */
  readonly texts: ValueText[];
  /** What all of them read: the value of input n is found at the slot `base + n`. */
  readonly inputs: readonly Input[];
  readonly base: number;
  /** How many inputs all rules of the organization have. */
  readonly inputCount: number;
}

/** What all plans of one revision of the definitions share. */
interface SharedRules {
  readonly evaluation: Evaluation;
  /** By whether segments are asked for, because flows then use what is found for them. */
  readonly answers: Map<boolean, MembershipAnswers>;
  /** What the answers read, by the name of the built-in field, once it was asked for. */
  readonly reaches: Map<string, Reach>;
}

const sharedRules = new WeakMap<CompiledDefinitions, SharedRules>();

function sharedRulesOf(compiled: CompiledDefinitions): SharedRules {
  const known = sharedRules.get(compiled);
  if (known !== undefined) return known;
  const made = {
    evaluation: compiled.newEvaluation(),
    answers: new Map<boolean, MembershipAnswers>(),
    reaches: new Map<string, Reach>(),
  };
  sharedRules.set(compiled, made);
  return made;
}

/**
 * @param names the names of the answer, by slot
 * @param fields the field of each name; `undefined` for a built-in one
 * @returns `null`: nothing of the answer is computed
 */
export function planComputed(
  state: OrganizationState,
  names: readonly string[],
  fields: readonly (Field | undefined)[],
): ComputedPlan | null {
  if (!names.some((name, slot) => mayBeComputed(name, fields[slot], state))) return null;
  const compiled = compiledDefinitionsOf(state);
  const shared = sharedRulesOf(compiled);
  const fieldSlots = fields.flatMap((field, slot): ComputedFieldSlot[] => {
    const found = field === undefined ? undefined : compiled.computed.get(field.id);
    if (field === undefined || found === undefined) return [];
    return [{ slot, readJson: found.readJson, reach: compiled.reach({ computedIds: [field.id] }) }];
  });
  const answers = answersFor(names, compiled, shared);
  const listSlots = names.flatMap((name, slot): ComputedListSlot[] => {
    const answer = fields[slot] === undefined ? answers.get(name) : undefined;
    if (answer === undefined) return [];
    return [{ slot, answer, reach: reachOfList(name, compiled, shared) }];
  });
  if (fieldSlots.length === 0 && listSlots.length === 0) return null;
  const numbers = new Set([...fieldSlots, ...listSlots].flatMap(({ reach }) => reach.inputs));
  return {
    ...{ evaluation: shared.evaluation, fields: fieldSlots, lists: listSlots },
    texts: new Array<ValueText>(names.length).fill(undefined),
    base: names.length,
    inputs: compiled.inputs.filter(({ number }) => numbers.has(number)),
    inputCount: compiled.inputs.length,
  };
}

function answersFor(
  names: readonly string[],
  compiled: CompiledDefinitions,
  { answers }: SharedRules,
): MembershipAnswers {
  const asksSegments = names.includes('segment_membership');
  const known = answers.get(asksSegments) ?? membershipAnswers(compiled, names);
  answers.set(asksSegments, known);
  return known;
}

/** Whether definitions decide about this name. Otherwise nothing has to be compiled for it. */
function mayBeComputed(
  name: string,
  field: Field | undefined,
  { definitions }: OrganizationState,
): boolean {
  if (field !== undefined) return field.rule !== null;
  if (name === 'segment_membership') return definitions.segments.size > 0;
  return isFlowMembership(name) && definitions.flows.size > 0;
}

function isFlowMembership(name: string): boolean {
  return name === 'flow_variant_membership' || name === 'flow_membership';
}

function reachOfList(name: string, compiled: CompiledDefinitions, { reaches }: SharedRules): Reach {
  const known = reaches.get(name);
  if (known !== undefined) return known;
  const made = compiled.reach(wantedBy(compiled, name));
  reaches.set(name, made);
  return made;
}
