/** Counts the contacts for which a rule and each of its clauses is true. */

import type { Evaluation } from './compile/evaluation.ts';
import type { CompiledRule } from './compiled-definitions.ts';
import { maxRuleWork } from './limits.ts';

export interface RuleCounts {
  /** Contacts that were counted. */
  readonly contacts: number;
  readonly members: number;
  /** One for each clause. */
  readonly clauses: readonly {
    /** Contacts for which this clause is true. */
    readonly alone: number;
    /** Contacts for which this clause and all before it are true. */
    readonly inSequence: number;
  }[];
}

export class RuleCounter {
  readonly #rule: CompiledRule;
  readonly #alone: number[];
  readonly #inSequence: number[];
  #contacts = 0;
  #members = 0;

  constructor(rule: CompiledRule) {
    this.#rule = rule;
    this.#alone = rule.clauses.map(() => 0);
    this.#inSequence = rule.clauses.map(() => 0);
  }

  /** @returns whether the rule is true for the contact */
  count(evaluation: Evaluation): boolean {
    const { clauses, condition } = this.#rule;
    this.#contacts += 1;
    const isMember = condition(evaluation);
    if (isMember) this.#members += 1;
    // Each clause alone can take more than the rule, which ends with its first false clause.
    evaluation.refill(maxRuleWork);
    let areAllTrue = true;
    for (let place = 0; place < clauses.length; place += 1) {
      const isTrue = clauses[place]?.condition(evaluation) === true;
      areAllTrue = areAllTrue && isTrue;
      if (isTrue) this.#alone[place] = (this.#alone[place] ?? 0) + 1;
      if (areAllTrue) this.#inSequence[place] = (this.#inSequence[place] ?? 0) + 1;
    }
    return isMember;
  }

  counts(): RuleCounts {
    return {
      contacts: this.#contacts,
      members: this.#members,
      clauses: this.#alone.map((alone, place) => {
        return { alone, inSequence: this.#inSequence[place] ?? 0 };
      }),
    };
  }
}
