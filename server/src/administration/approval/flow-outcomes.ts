/** What flows answer for a contact that the store lends. */
import { packedMembershipFields } from '../../domain/membership/membership.ts';
import {
  CompiledDefinitions,
  type Evaluation,
  type RuleSource,
} from '../../membership/compiled-definitions.ts';
import { RecordEvaluator, type WalkMoment } from '../../membership/record-evaluator.ts';
import { reportedElement } from '../../membership/reported-elements.ts';
import { isTooCostly } from '../../membership/rule-work.ts';
import type { LentContact } from '../../stores/store.ts';

/** `null`: not in the flow. `''`: in it, without a variant. Otherwise the name of the variant. */
export type Outcome = string | null;

type ReadOutcome = (evaluation: Evaluation, contact: LentContact) => Outcome;

export class FlowOutcomes {
  readonly readsMemberships: boolean;
  readonly #readers: readonly ReadOutcome[];
  readonly #evaluator: RecordEvaluator;

  constructor(source: RuleSource, flowIds: readonly number[], moment: WalkMoment) {
    const compiled = new CompiledDefinitions(source);
    this.#evaluator = new RecordEvaluator(compiled, compiled.reach({ flowIds }), moment);
    const isReported = (id: number) => source.flows?.get(id)?.kind !== 'stream';
    this.readsMemberships = this.#evaluator.parts.memberships || flowIds.some(isReported);
    this.#readers = flowIds.map((id) => {
      if (isReported(id)) return (_, contact) => reportedOutcome(contact, id);
      const flow = compiled.flows.get(id);
      if (flow === undefined) return () => null;
      const names: readonly Outcome[] = [null, '', ...flow.variants];
      return (evaluation) => names[flow.outcome(evaluation)] ?? null;
    });
  }

  /** The outcome of each flow, in the order of `flowIds`. */
  read(contact: LentContact): readonly Outcome[] {
    const evaluation = this.#evaluator.begin(contact);
    try {
      return this.#readers.map((read) => read(evaluation, contact));
    } catch (error) {
      // Look-ups then answer no flow. The count goes on, so that the rule can be made cheaper.
      if (isTooCostly(error)) return this.#readers.map(() => null);
      throw error;
    } finally {
      evaluation.end();
    }
  }
}

const reportedList = {
  place: packedMembershipFields.indexOf('flow_variant_membership'),
  beforeId: '"'.length,
};

/** What other tools reported of the flow. */
export function reportedOutcome({ memberships }: LentContact, flowId: number): Outcome {
  const element = reportedElement(memberships?.bytes, reportedList, flowId);
  if (element === undefined) return null;
  const text = JSON.parse(Buffer.from(element, 'latin1').toString()) as string;
  return text.slice(`${flowId}-`.length);
}
