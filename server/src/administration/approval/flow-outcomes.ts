/** What flows answer for a contact that the store lends. */
import {
  CompiledDefinitions,
  type Evaluation,
  type RuleSource,
} from '../../membership/compiled-definitions.ts';
import { RecordEvaluator, type WalkMoment } from '../../membership/record-evaluator.ts';
import type { LentContact } from '../../stores/store.ts';

/** `null`: not in the flow. `''`: in it, without a variant. Otherwise the name of the variant. */
export type Outcome = string | null;

export class FlowOutcomes {
  readonly readsMemberships: boolean;
  readonly #readers: readonly ((evaluation: Evaluation) => Outcome)[];
  readonly #evaluator: RecordEvaluator;

  constructor(source: RuleSource, flowIds: readonly number[], moment: WalkMoment) {
    const compiled = new CompiledDefinitions(source);
    this.#evaluator = new RecordEvaluator(compiled, compiled.reach({ flowIds }), moment);
    this.readsMemberships = this.#evaluator.parts.memberships;
    this.#readers = flowIds.map((id) => {
      const flow = compiled.flows.get(id);
      if (flow === undefined) return () => null;
      const names: readonly Outcome[] = [null, '', ...flow.variants];
      return (evaluation) => names[flow.outcome(evaluation)] ?? null;
    });
  }

  /** The outcome of each flow, in the order of `flowIds`. */
  read(contact: LentContact): readonly Outcome[] {
    const evaluation = this.#evaluator.begin(contact);
    const outcomes = this.#readers.map((read) => read(evaluation));
    evaluation.end();
    return outcomes;
  }
}
