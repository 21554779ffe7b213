/** When datasets were last synced, kept for a moment, so that batches ask the store once. */
import type { Awaitable, ContactReader } from '../stores/store.ts';
import type { LookupPlan } from './lookup-plan.ts';

/**
 * Runs of a dataset end seconds apart, so it does no harm to learn of one a few milliseconds late.
 */
const keptMs = 5;

/** How many datasets are kept at most, over all organizations. */
const maxKept = 10_000;

interface KnownAge {
  readonly asOfMs: number | undefined;
  readonly readAtMs: number;
}

export class DatasetAges {
  readonly #reader: Pick<ContactReader, 'asOf'>;
  readonly #elapsedMs: () => number;
  readonly #known = new Map<number, KnownAge>();

  /** @param elapsedMs a monotonic clock */
  constructor(reader: Pick<ContactReader, 'asOf'>, elapsedMs: () => number) {
    this.#reader = reader;
    this.#elapsedMs = elapsedMs;
  }

  /** When the dataset of each section of the plan was last synced; `undefined`: unknown. */
  ofPlan(
    organizationId: number,
    plan: Pick<LookupPlan, 'sections'>,
  ): Awaitable<readonly (number | undefined)[]> {
    const ages = plan.sections.map(({ datasetId }) => this.#asOf(organizationId, datasetId));
    return ages.some((age) => age instanceof Promise)
      ? Promise.all(ages)
      : (ages as readonly (number | undefined)[]);
  }

  #asOf(organizationId: number, datasetId: number): Awaitable<number | undefined> {
    const key = organizationId * 65_536 + datasetId;
    const known = this.#known.get(key);
    const nowMs = this.#elapsedMs();
    if (known !== undefined && nowMs - known.readAtMs < keptMs) return known.asOfMs;
    const keep = (asOfMs: number | undefined) => {
      if (this.#known.size >= maxKept) this.#known.clear();
      this.#known.set(key, { asOfMs, readAtMs: nowMs });
      return asOfMs;
    };
    const read = this.#reader.asOf(organizationId, datasetId);
    return read instanceof Promise ? read.then(keep) : keep(read);
  }
}
