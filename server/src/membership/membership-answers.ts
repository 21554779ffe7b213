/**
 * What the built-in fields say about the segments and flows of an organization: first those that
 * Usher computes, ascending by id, then those that other tools reported.
 */
import { packedMembershipFields } from '../domain/membership/membership.ts';
import type { CompiledFlow } from './compile/compile-context.ts';
import { notInFlow, withoutVariant } from './compile/compile-context.ts';
import type { CompiledDefinitions, Evaluation } from './compiled-definitions.ts';
import { MemberSegments } from './member-segments.ts';
import { MembershipList } from './membership-list.ts';
import { type ReportedList, reportedElements } from './reported-elements.ts';
import { withRule } from './rule-work.ts';

/** `undefined`: the list is empty. The next answer uses the same list. */
export type MembershipAnswer = (evaluation: Evaluation) => MembershipList | undefined;

/** Built-in fields whose answers depend on definitions. */
type ComputedMembership = 'segment_membership' | 'flow_variant_membership' | 'flow_membership';

/** The built-in fields of which something is computed; the others only repeat reports. */
export type MembershipAnswers = ReadonlyMap<string, MembershipAnswer>;

/** @param names the built-in fields that are asked together; what they share is found once */
export function membershipAnswers(
  compiled: CompiledDefinitions,
  names: readonly string[],
): MembershipAnswers {
  const answers = new Map<ComputedMembership, MembershipAnswer>();
  const { segments, flows, hiddenFlowIds } = compiled;
  const live = [...flows.values()].filter(({ flow }) => flow.status === 'live');
  const asksSegments = segments.size > 0 && names.includes('segment_membership');
  const ids = asksSegments
    ? [...segments.keys()]
    : [...new Set(live.map(({ flow }) => flow.segmentId ?? 0))];
  const members = new MemberSegments(ids, segments);
  if (asksSegments) {
    answers.set('segment_membership', answerSegments(members));
  }
  if (flows.size > 0 || hiddenFlowIds.size > 0) {
    const ascending = live.sort((one, other) => one.flow.id - other.flow.id);
    const ofFlows = new MemberFlows(ascending, members);
    const add = (
      name: ComputedMembership,
      textOf: (membership: FlowMembership) => string,
      beforeId: number,
    ) => {
      const reported = { place: placeOf(name), beforeId, hiddenIds: hiddenFlowIds };
      answers.set(name, answerFlows(ofFlows, textOf, reported));
    };
    add('flow_variant_membership', variantText, '"'.length);
    add('flow_membership', objectText, '{"flow_id":'.length);
  }
  return answers;
}

/** What must be evaluated for the answer of a built-in field. */
export function wantedBy(
  { segments, flows }: CompiledDefinitions,
  name: string,
): { readonly segmentIds: readonly number[]; readonly flowIds: readonly number[] } {
  if (name === 'segment_membership') return { segmentIds: [...segments.keys()], flowIds: [] };
  const live = [...flows.values()].filter(({ flow }) => flow.status === 'live');
  return { segmentIds: [], flowIds: live.map(({ flow }) => flow.id) };
}

function placeOf(name: ComputedMembership): number {
  return packedMembershipFields.indexOf(name);
}

function answerSegments(members: MemberSegments): MembershipAnswer {
  const hiddenIds = new Set(members.ids);
  const reported = { place: placeOf('segment_membership'), beforeId: 0 };
  const list = new MembershipList(members.ids.map(String));
  return (evaluation) => {
    members.find(evaluation);
    const others = reportedElements(evaluation.memberships, reported, hiddenIds);
    return list.fill(members.places, members.count, others);
  };
}

interface FlowMembership {
  readonly flow: CompiledFlow['flow'];
  readonly variant: string | null;
}

/** The flows that the current contact is in: found once for both lists of flows. */
class MemberFlows {
  readonly flows: readonly CompiledFlow[];
  /** All memberships that contacts can have, ascending by the id of the flow. */
  readonly possible: readonly FlowMembership[];
  /** Places in `possible`: the first `count` are those of the contact. */
  readonly places: Uint32Array;
  count = 0;
  readonly #segments: MemberSegments;
  /** By flow, the place of its segment. */
  readonly #segmentPlaces: Int32Array;
  #evaluation: Evaluation | undefined;
  #stamp = 0;
  /** By flow, where its memberships begin in `possible`. */
  readonly #firsts: Uint32Array;

  constructor(ascending: readonly CompiledFlow[], segments: MemberSegments) {
    const ofFlows = ascending.map(({ flow, variants }) =>
      [null, ...variants].map((variant) => ({ flow, variant })),
    );
    this.flows = ascending;
    this.#segments = segments;
    this.#segmentPlaces = Int32Array.from(ascending, ({ flow }) => {
      return segments.ids.indexOf(flow.segmentId ?? 0);
    });
    this.possible = ofFlows.flat();
    this.places = new Uint32Array(ascending.length);
    this.#firsts = new Uint32Array(ascending.length);
    ofFlows.reduce((first, { length }, place) => {
      this.#firsts[place] = first;
      return first + length;
    }, 0);
  }

  find(evaluation: Evaluation): void {
    if (this.#evaluation === evaluation && this.#stamp === evaluation.stamp) return;
    const { flows, places } = this;
    const { isMember } = this.#segments;
    let count = 0;
    this.#segments.find(evaluation);
    for (let place = 0; place < flows.length; place += 1) {
      if (isMember[this.#segmentPlaces[place] as number] !== 1) continue;
      const found = outcomeOf(flows[place] as CompiledFlow, evaluation);
      if (found === notInFlow) continue;
      places[count] = (this.#firsts[place] as number) + found - withoutVariant;
      count += 1;
    }
    this.count = count;
    this.#evaluation = evaluation;
    this.#stamp = evaluation.stamp;
  }
}

function outcomeOf({ flow, memberOutcome }: CompiledFlow, evaluation: Evaluation): number {
  try {
    return memberOutcome(evaluation);
  } catch (error) {
    throw withRule(error, { flow: flow.id });
  }
}

function answerFlows(
  members: MemberFlows,
  textOf: (membership: FlowMembership) => string,
  { hiddenIds, ...reported }: ReportedList & { readonly hiddenIds: ReadonlySet<number> },
): MembershipAnswer {
  const list = new MembershipList(members.possible.map(textOf));
  return (evaluation) => {
    members.find(evaluation);
    const others = reportedElements(evaluation.memberships, reported, hiddenIds);
    return list.fill(members.places, members.count, others);
  };
}

function variantText({ flow: { id }, variant }: FlowMembership): string {
  return JSON.stringify(variant === null ? `${id}` : `${id}-${variant}`);
}

function objectText({ flow: { id, name }, variant }: FlowMembership): string {
  return JSON.stringify({ flow_id: id, flow_name: name, variant, since: null });
}

/** A text as latin1 text of its UTF-8 bytes, as look-ups put an answer together. */
export function latin1Of(text: string): string {
  for (let place = 0; place < text.length; place += 1) {
    if (text.charCodeAt(place) > 127) return Buffer.from(text).toString('latin1');
  }
  return text;
}
