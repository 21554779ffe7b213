/** Reads what decides a slot: the contact's id, or an identity type. */
import { nearestHint } from '../../domain/nearest-word.ts';
import type { DefinitionProblems } from '../dataset/definition-problems.ts';
import type { RuleBook } from '../rule/rule-book.ts';
import { contactUnit } from './flow-view.ts';

/** The id of the identity type; 0 for the contact's id. A fault goes to `problems`. */
export function settleUnit(
  given: string | undefined,
  known: number | undefined,
  {
    book: { identityTypes },
    problems,
  }: { readonly book: RuleBook; readonly problems: DefinitionProblems },
): number {
  if (given === undefined) return known ?? 0;
  if (given === contactUnit) return 0;
  const types = identityTypes.filter(({ normalisation }) => normalisation !== 'contact-id');
  const type = types.find(({ name }) => name === given);
  if (type !== undefined) return type.id;
  const names = [contactUnit, ...types.map(({ name }) => name)];
  const hint = nearestHint(given, names, `Give one of ${names.join(', ')}.`);
  problems.add('/unit', `There is no identity type ${given}. ${hint}`);
  return 0;
}
