/** Counts the contacts for which a rule and each of its clauses is true. */

import type { Evaluation } from './compile/evaluation.ts';
import type { CompiledRule } from './compiled-definitions.ts';
import { maxRuleWork } from './limits.ts';
import { isTooCostly } from './rule-work.ts';

export interface RuleCounts {
  /** Contacts that were counted. */
  readonly contacts: number;
  readonly members: number;
  /** One for each clause. */
  readonly clauses: readonly {
    /**
     * Contacts for which this clause is true; `null`: for a contact it takes more work than a rule
     * may. A rule that a clause before it makes false has an answer for that contact. Cheap clauses
     * are evaluated before the others, wherever they stand.
     */
    readonly alone: number | null;
    /** Contacts for which this clause and all before it are true. */
    readonly inSequence: number;
  }[];
}

export class RuleCounter {
  readonly #rule: CompiledRule;
  readonly #alone: (number | null)[];
  readonly #inSequence: number[];
  #contacts = 0;
  #members = 0;

  constructor(rule: CompiledRule) {
    this.#rule = rule;
    this.#alone = rule.clauses.map(() => 0);
    this.#inSequence = rule.clauses.map(() => 0);
  }

  /**
   * @returns whether the rule is true for the contact
   * @throws UsherError `rules_too_costly` if a look-up of the rule alone does
   */
  count(evaluation: Evaluation): boolean {
    const { clauses, condition } = this.#rule;
    this.#contacts += 1;
    const isMember = condition(evaluation);
    if (isMember) this.#members += 1;
    let areAllTrue = true;
    for (const [place, { condition: isTrueAlone }] of clauses.entries()) {
      const alone = this.#alone[place] ?? null;
      // The rule itself has evaluated this clause if all before it are true.
      if (alone === null && !areAllTrue) continue;
      const isTrue = evaluated(isTrueAlone, evaluation);
      areAllTrue = areAllTrue && isTrue === true;
      if (areAllTrue) this.#inSequence[place] = (this.#inSequence[place] ?? 0) + 1;
      if (alone !== null) this.#alone[place] = isTrue === null ? null : alone + Number(isTrue);
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

/** `null`: it takes more work for the contact than a rule may. */
function evaluated(condition: CompiledRule['condition'], evaluation: Evaluation): boolean | null {
  evaluation.refill(maxRuleWork);
  try {
    return condition(evaluation);
  } catch (error) {
    if (!isTooCostly(error)) throw error;
    evaluation.forget();
    return null;
  }
}
