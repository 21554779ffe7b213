/**
 * What the built-in fields say about the segments and flows of an organization: first those that
 * Usher computes, ascending by id, then those that other tools reported.
 */
import { packedMembershipFields } from '../domain/membership/membership.ts';
import type { CompiledFlow, Condition } from './compile/compile-context.ts';
import { notInFlow, withoutVariant } from './compile/compile-context.ts';
import type { CompiledDefinitions, Evaluation } from './compiled-definitions.ts';
import { type ReportedList, reportedElements } from './reported-elements.ts';
import { withRule } from './rule-work.ts';

/** The list as latin1 text of UTF-8 bytes; `undefined`: it is empty. */
export type MembershipAnswer = (evaluation: Evaluation) => string | undefined;

/** Built-in fields whose answers depend on definitions. */
type ComputedMembership = 'segment_membership' | 'flow_variant_membership' | 'flow_membership';

/** The built-in fields of which something is computed; the others only repeat reports. */
export type MembershipAnswers = ReadonlyMap<string, MembershipAnswer>;

export function membershipAnswers(compiled: CompiledDefinitions): MembershipAnswers {
  const answers = new Map<ComputedMembership, MembershipAnswer>();
  const { segments, flows, hiddenFlowIds } = compiled;
  if (segments.size > 0) {
    const computed = [...segments].map(([id, { condition }]) => ({ text: `${id}`, condition }));
    answers.set('segment_membership', answerSegments(computed, new Set(segments.keys())));
  }
  if (flows.size > 0 || hiddenFlowIds.size > 0) {
    const live = [...flows.values()].filter(({ flow }) => flow.status === 'live');
    const members = new MemberFlows(live.sort((one, other) => one.flow.id - other.flow.id));
    const add = (
      name: ComputedMembership,
      textOf: (flow: CompiledFlow['flow'], variant: string | null) => string,
      beforeId: number,
    ) => {
      const reported = { place: placeOf(name), beforeId, hiddenIds: hiddenFlowIds };
      answers.set(name, answerFlows(members, textOf, reported));
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

/** An element of a list. Its text is put together once, since each request has many elements. */
interface Element {
  readonly first: string;
  /** After others. */
  readonly next: string;
}

function elementOf(text: string): Element {
  return { first: text, next: `,${text}` };
}

function answerSegments(
  segments: readonly { readonly text: string; readonly condition: Condition }[],
  hiddenIds: ReadonlySet<number>,
): MembershipAnswer {
  const listed = segments.map(({ text, condition }) => ({
    condition,
    ...elementOf(text),
  }));
  const list = { place: placeOf('segment_membership'), beforeId: 0 };
  return (evaluation) => {
    let elements = '';
    let current = '';
    try {
      for (const { first, next, condition } of listed) {
        current = first;
        if (condition(evaluation)) elements = elements === '' ? first : elements + next;
      }
    } catch (error) {
      throw withRule(error, { segment: Number(current) });
    }
    return listOf(elements, reportedElements(evaluation.memberships, list, hiddenIds));
  };
}

/** The flows that the current contact is in: found once for both lists of flows. */
class MemberFlows {
  readonly flows: readonly CompiledFlow[];
  /** Places in `flows`, and the outcome of each. */
  readonly places: Uint16Array;
  readonly outcomes: Uint8Array;
  count = 0;
  #evaluation: Evaluation | undefined;
  #stamp = 0;

  constructor(ascending: readonly CompiledFlow[]) {
    this.flows = ascending;
    this.places = new Uint16Array(ascending.length);
    this.outcomes = new Uint8Array(ascending.length);
  }

  find(evaluation: Evaluation): void {
    if (this.#evaluation === evaluation && this.#stamp === evaluation.stamp) return;
    const { flows, places, outcomes } = this;
    let count = 0;
    let place = 0;
    try {
      for (; place < flows.length; place += 1) {
        const found = (flows[place] as CompiledFlow).outcome(evaluation);
        if (found === notInFlow) continue;
        places[count] = place;
        outcomes[count] = found;
        count += 1;
      }
    } catch (error) {
      throw withRule(error, { flow: flows[place]?.flow.id });
    }
    this.count = count;
    this.#evaluation = evaluation;
    this.#stamp = evaluation.stamp;
  }
}

function answerFlows(
  members: MemberFlows,
  textOf: (flow: CompiledFlow['flow'], variant: string | null) => string,
  { hiddenIds, ...list }: ReportedList & { readonly hiddenIds: ReadonlySet<number> },
): MembershipAnswer {
  const elementsByPlace = members.flows.map(({ flow, variants }) =>
    [null, ...variants].map((variant) => elementOf(latin1Of(textOf(flow, variant)))),
  );
  const { places, outcomes } = members;
  return (evaluation) => {
    members.find(evaluation);
    let elements = '';
    for (let index = 0; index < members.count; index += 1) {
      const ofFlow = elementsByPlace[places[index] as number] as readonly Element[];
      const element = ofFlow[(outcomes[index] as number) - withoutVariant] as Element;
      elements = elements === '' ? element.first : elements + element.next;
    }
    return listOf(elements, reportedElements(evaluation.memberships, list, hiddenIds));
  };
}

function variantText({ id }: CompiledFlow['flow'], variant: string | null): string {
  return JSON.stringify(variant === null ? `${id}` : `${id}-${variant}`);
}

function objectText({ id, name }: CompiledFlow['flow'], variant: string | null): string {
  return JSON.stringify({ flow_id: id, flow_name: name, variant, since: null });
}

function listOf(computed: string, reported: string): string | undefined {
  if (reported === '') return computed === '' ? undefined : `[${computed}]`;
  return computed === '' ? `[${reported}]` : `[${computed},${reported}]`;
}

/** A text as latin1 text of its UTF-8 bytes, as look-ups put an answer together. */
export function latin1Of(text: string): string {
  for (let place = 0; place < text.length; place += 1) {
    if (text.charCodeAt(place) > 127) return Buffer.from(text).toString('latin1');
  }
  return text;
}
