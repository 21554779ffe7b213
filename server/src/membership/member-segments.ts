/** The segments that the current contact is in: found once for all answers that need them. */
import { RuleFilter } from './compile/rule-filter.ts';
import { type CompiledDefinitions, type Evaluation, falseRule } from './compiled-definitions.ts';
import { withRule } from './rule-work.ts';

export class MemberSegments {
  /** The segments that are looked for. */
  readonly ids: readonly number[];
  /** Places in `ids`, ascending: the first `count` are those of the contact. */
  readonly places: Uint32Array;
  count = 0;
  /** By place in `ids`: 1 if the contact is in the segment. */
  readonly isMember: Uint8Array;
  readonly #filter: RuleFilter;
  #evaluation: Evaluation | undefined;
  #stamp = 0;

  constructor(ids: readonly number[], segments: CompiledDefinitions['segments']) {
    this.ids = ids;
    this.places = new Uint32Array(ids.length);
    this.isMember = new Uint8Array(ids.length);
    this.#filter = new RuleFilter(ids.map((id) => segments.get(id) ?? falseRule));
  }

  find(evaluation: Evaluation): void {
    if (this.#evaluation === evaluation && this.#stamp === evaluation.stamp) return;
    const { places, isMember } = this;
    const filter = this.#filter;
    // Those of the contact before.
    for (let index = 0; index < this.count; index += 1) isMember[places[index] as number] = 0;
    this.count = 0;
    this.#evaluation = undefined;
    filter.find(evaluation);
    for (let place = filter.next(); place >= 0; place = filter.next()) {
      if (!this.#isTrue(place, evaluation)) continue;
      isMember[place] = 1;
      places[this.count] = place;
      this.count += 1;
    }
    this.#evaluation = evaluation;
    this.#stamp = evaluation.stamp;
  }

  #isTrue(place: number, evaluation: Evaluation): boolean {
    try {
      return this.#filter.isTrue(place, evaluation);
    } catch (error) {
      throw withRule(error, { segment: this.ids[place] });
    }
  }
}
