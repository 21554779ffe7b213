/**
 * Counts the contacts that a change moves into, out of or within flows: of all contacts if there
 * are few, otherwise of a random sample.
 */
import type { Dataset } from '../../domain/catalog-state.ts';
import type { ContactSample, FlowMoves, PlannedMoves } from '../../domain/flow/planned-moves.ts';
import type { RuleSource } from '../../membership/compiled-definitions.ts';
import type { WalkMoment } from '../../membership/record-evaluator.ts';
import type { ContactReader, LentContact } from '../../stores/store.ts';
import { drawContacts, isWhole } from '../contact/draw-contacts.ts';
import { readWithholding } from '../contact/walk-moment.ts';
import { contactsForMoves, maxMovesAgainMs, maxWholeMovesMs } from '../limits.ts';
import { FlowOutcomes, type Outcome } from './flow-outcomes.ts';

/** Flows that are live before and after, and the definitions that decide then. */
export interface Comparison {
  readonly before: RuleSource;
  readonly after: RuleSource;
  readonly flows: readonly { readonly id: number; readonly name: string }[];
}

export interface CountRequest {
  readonly organizationId: number;
  readonly comparisons: readonly Comparison[];
  /** All identity types of the organization. */
  readonly typeIds: readonly number[];
  /** All datasets of the organization: some withhold values that are too old. */
  readonly datasets: Iterable<Dataset>;
  readonly nowMs: number;
  /** The sample to read again, or the seed of a new one. */
  readonly sample: ContactSample | { readonly seed: number };
}

/** `undefined`: there are no contacts. Takes as long as `drawContacts`. */
export async function countMoves(
  reader: ContactReader,
  request: CountRequest,
): Promise<Pick<PlannedMoves, 'sample' | 'contacts' | 'flows'> | undefined> {
  const { contacts } = await reader.counts(request.organizationId);
  if (contacts === 0) return undefined;
  const withholding = await readWithholding(reader, request.organizationId, request.datasets);
  const count = new MoveCount(request, { nowMs: request.nowMs, withholding });
  const { organizationId, typeIds, sample: wanted } = request;
  const draw = {
    ...{ organizationId, typeIds, memberships: count.readsMemberships },
    longest: { wholeMs: maxWholeMovesMs, againMs: maxMovesAgainMs },
    sample: 'share' in wanted ? wanted : { ...wanted, wanted: contactsForMoves, contacts },
  };
  const sample = await drawContacts(reader, draw, (contact) => count.read(contact));
  return { sample, contacts, flows: count.flows(isWhole(sample) ? null : contacts) };
}

type Counter = 'members' | 'joined' | 'left' | 'changed';

class MoveCount {
  readonly readsMemberships: boolean;
  readonly #flows: Comparison['flows'];
  readonly #pairs: readonly (readonly [before: FlowOutcomes, after: FlowOutcomes])[];
  readonly #counts: readonly Record<Counter, number>[];
  #contacts = 0;

  constructor({ comparisons }: CountRequest, moment: WalkMoment) {
    this.#flows = comparisons.flatMap(({ flows }) => flows);
    this.#pairs = comparisons.map(({ before, after, flows }) => {
      const ids = flows.map(({ id }) => id);
      return [new FlowOutcomes(before, ids, moment), new FlowOutcomes(after, ids, moment)];
    });
    this.readsMemberships = this.#pairs.flat().some(({ readsMemberships }) => readsMemberships);
    this.#counts = this.#flows.map(() => ({ members: 0, joined: 0, left: 0, changed: 0 }));
  }

  read(contact: LentContact): undefined {
    this.#contacts += 1;
    let place = 0;
    for (const [before, after] of this.#pairs) {
      const was = before.read(contact);
      const is = after.read(contact);
      for (const [index, outcome] of was.entries()) {
        const counts = this.#counts[place];
        if (counts !== undefined) addOutcomes(counts, outcome, is[index] ?? null);
        place += 1;
      }
    }
  }

  /** @param contacts how many there are; `null`: all of them were read */
  flows(contacts: number | null): readonly FlowMoves[] {
    const scale = contacts === null ? 1 : contacts / Math.max(1, this.#contacts);
    return this.#flows.map(({ id, name }, place) => {
      const counts = this.#counts[place] ?? { members: 0, joined: 0, left: 0, changed: 0 };
      const [members, joined, left, changed] = [
        ...[counts.members, counts.joined, counts.left, counts.changed],
      ].map((count) => Math.round(count * scale)) as [number, number, number, number];
      const moved = joined + left + changed;
      const found = counts.joined + counts.left + counts.changed;
      const margin = contacts === null ? 0 : Math.ceil(scale * deviations(found, this.#contacts));
      return { id, name, members, moved, joined, left, changed, margin };
    });
  }
}

/** Half of a 95 % interval of a count in a sample. */
function deviations(found: number, contacts: number): number {
  const share = found / Math.max(1, contacts);
  // Of no contacts, or of all, three more may differ (the rule of three).
  return Math.max(3, 1.96 * Math.sqrt(found * (1 - share)));
}

function addOutcomes(counts: Record<Counter, number>, before: Outcome, after: Outcome): void {
  if (before !== null) counts.members += 1;
  if (before === after) return;
  if (before === null) counts.joined += 1;
  else if (after === null) counts.left += 1;
  else counts.changed += 1;
}
