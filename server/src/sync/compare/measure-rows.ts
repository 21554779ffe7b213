/**
 * Counts, for a dry run, rows that a run counts as changed although its plan does not: plans are
 * about values that change or go, and a run counts each row that is stored with something new.
 */
import type { ContactChange, ContactReader, IdentityKey, RowState } from '../../stores/store.ts';

export interface MeasuredDataset {
  readonly reader: ContactReader;
  readonly organizationId: number;
  readonly datasetId: number;
}

/** What a plan says of a row: `counted`: a value changes or goes; `gained`: it only gets values. */
export type PlannedRow = 'added' | 'counted' | 'gained' | 'same';

export interface RowCounts {
  /** Rows that the dataset has, that get a value where they had none, or name other identities. */
  readonly alsoChanged: number;
  /** Rows that are new to the dataset, and new marks of a list, of contacts that are known. */
  readonly ofKnownContacts: number;
}

export class RowMeasure {
  readonly #dataset: MeasuredDataset;
  #alsoChanged = 0;
  #ofKnownContacts = 0;

  constructor(dataset: MeasuredDataset) {
    this.#dataset = dataset;
  }

  get counts(): RowCounts {
    return { alsoChanged: this.#alsoChanged, ofKnownContacts: this.#ofKnownContacts };
  }

  /** @param planned what the plan says of each */
  async add(changes: readonly ContactChange[], planned: readonly PlannedRow[]): Promise<void> {
    if (changes[0]?.kind === 'list') {
      for (const { identities } of changes) await this.#addMark(identities);
      return;
    }
    const states = await this.#statesOf(changes.map(({ identities }) => identities));
    for (const [place, state] of states.entries()) {
      const says = planned[place];
      if (changes[place]?.kind === 'clear' || says === 'counted') continue;
      if (says === 'added') this.#ofKnownContacts += state === 'unknown' ? 0 : 1;
      else if (says === 'gained' || state === 'other') this.#alsoChanged += 1;
    }
  }

  /** The first identity that leads to a contact decides. */
  async #addMark(identities: readonly IdentityKey[]): Promise<void> {
    const states = await this.#statesOf(identities.map((it) => [it]));
    if (states.find((it) => it !== 'unknown') === 'known') this.#ofKnownContacts += 1;
  }

  async #statesOf(rows: readonly (readonly IdentityKey[])[]): Promise<readonly RowState[]> {
    const { reader, organizationId, datasetId } = this.#dataset;
    return reader.findRowStates(organizationId, datasetId, rows);
  }
}
