/** Finds the definition that takes most of the work, if there is too much of it. */
import type { OrganizationState } from '../domain/catalog-state.ts';
import type { CompiledDefinitions, Evaluation } from '../membership/compiled-definitions.ts';
import { maxSharedWork } from '../membership/limits.ts';
import { WorkNotes } from '../membership/rule-work.ts';

/**
 * Evaluates everything, as a look-up of all fields does, and allows the work to explain it.
 * @throws UsherError `rules_too_costly`, which names the definition
 */
export function noteWork(
  { definitions }: Pick<OrganizationState, 'definitions'>,
  { segments, computed, flows }: CompiledDefinitions,
  evaluation: Evaluation,
): void {
  const notes = new WorkNotes(evaluation);
  for (const { field, readJson } of computed.values()) {
    notes.note(`the field ${field.name}`, () => readJson(evaluation));
  }
  for (const [id, { condition }] of segments) {
    const name = definitions.segments.get(id)?.name;
    notes.note(`the segment ${name} (${id})`, () => condition(evaluation));
  }
  for (const { flow, outcome } of flows.values()) {
    notes.note(`the flow ${flow.name} (${flow.id})`, () => outcome(evaluation));
  }
  // Clauses are explained one by one, also those after a false one.
  evaluation.refill(maxSharedWork);
}
