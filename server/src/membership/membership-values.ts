/**
 * Reads built-in fields from contacts that the store lends, as JSON: the memberships that rules
 * compute, and those that other tools reported. Look-ups answer the same.
 */
import type { BuiltInFieldName } from '../domain/contact/field.ts';
import { packedMembership, packedMembershipFields } from '../domain/membership/membership.ts';
import type { ContactParts, LentContact } from '../stores/store.ts';
import type { CompiledDefinitions } from './compiled-definitions.ts';
import { type MembershipAnswer, membershipAnswers, wantedBy } from './membership-answers.ts';
import { RecordEvaluator, type WalkMoment } from './record-evaluator.ts';

export class MembershipValues {
  readonly parts: ContactParts;
  readonly #names: readonly BuiltInFieldName[];
  readonly #answers: readonly (MembershipAnswer | undefined)[];
  /** `null`: rules compute nothing of these fields. */
  readonly #evaluator: RecordEvaluator | null;

  constructor(
    compiled: CompiledDefinitions,
    names: readonly BuiltInFieldName[],
    moment: WalkMoment,
  ) {
    const answers = membershipAnswers(compiled, names);
    const wanted = names
      .filter((name) => answers.has(name))
      .map((name) => wantedBy(compiled, name));
    const reach = compiled.reach({
      segmentIds: wanted.flatMap(({ segmentIds }) => segmentIds),
      flowIds: wanted.flatMap(({ flowIds }) => flowIds),
    });
    this.#names = names;
    this.#answers = names.map((name) => answers.get(name));
    this.#evaluator = wanted.length === 0 ? null : new RecordEvaluator(compiled, reach, moment);
    const identities = this.#evaluator?.parts.identities ?? false;
    this.parts = { memberships: names.length > 0, identities };
  }

  /** The JSON of each field, in their order. */
  read(contact: LentContact): readonly string[] {
    const evaluation = this.#evaluator?.begin(contact);
    try {
      return this.#names.map((name, place) => {
        const answer = this.#answers[place];
        return answer === undefined || evaluation === undefined
          ? reportedOf(contact, name)
          : `${answer(evaluation) ?? '[]'}`;
      });
    } finally {
      evaluation?.end();
    }
  }
}

const packedNames: readonly string[] = packedMembershipFields;

function reportedOf({ memberships }: LentContact, name: BuiltInFieldName): string {
  const place = packedNames.indexOf(name);
  if (memberships === undefined || place < 0) return '[]';
  return Buffer.from(packedMembership(memberships.bytes, place), 'latin1').toString();
}
