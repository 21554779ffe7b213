/** Leaves out, and counts, rows that the store would refuse because they name an erased person. */
import type { ChangeKind } from '../../stores/change-kind.ts';
import type { ContactChange, ContactReader } from '../../stores/store.ts';

export class SuppressedRows {
  readonly #reader: ContactReader;
  readonly #place: { readonly organizationId: number; readonly datasetId: number };
  #count = 0;

  /** @param place its dataset id is `undefined` if this run creates the dataset */
  constructor(
    reader: ContactReader,
    place: { readonly organizationId: number; readonly datasetId: number | undefined },
  ) {
    this.#reader = reader;
    this.#place = { ...place, datasetId: place.datasetId ?? noDataset };
  }

  /** How many were left out. */
  get count(): number {
    return this.#count;
  }

  /** Whether any row may be left out. */
  async mayRefuse(): Promise<boolean> {
    return (await this.#find([])) !== undefined;
  }

  /** The changes that the store would apply. */
  async without(changes: readonly ContactChange[]): Promise<readonly ContactChange[]> {
    const refused = await this.#find(changes);
    if (refused === undefined) return changes;
    const applied = changes.filter(({ kind }, place) => !brings[kind] || refused[place] !== true);
    this.#count += changes.length - applied.length;
    return applied;
  }

  async #find(changes: readonly ContactChange[]): Promise<readonly boolean[] | undefined> {
    const { organizationId, datasetId } = this.#place;
    const rows = changes.map(({ identities }) => identities);
    return this.#reader.findSuppressed(organizationId, datasetId, rows);
  }
}

/** Ids of datasets begin at 1. */
const noDataset = 0;

/** The other kinds bring no values and no identities, so that they may name whom they want. */
const brings: Readonly<Partial<Record<ChangeKind, true>>> = {
  replace: true,
  patch: true,
  membership: true,
  identity: true,
};
