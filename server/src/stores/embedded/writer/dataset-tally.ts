/** How one write transaction changes the counts of datasets: sections, and values of each field. */
import { readUint16, type SectionView } from '../../contact-codec.ts';
import type { DatasetPlace } from '../../run-lease.ts';
import type { DatasetCounts } from '../../store.ts';
import type { KeyedDatabase } from '../keyed-database.ts';
import { metaKeys, readMeta, writeMeta } from '../meta.ts';

/** Field ids are 16-bit. */
const fieldIdCount = 65_536;

/** As stored in `meta`. */
export interface StoredDatasetCounts {
  readonly sections: number;
  /** Pairs of field id and number of sections, ascending. */
  readonly filled: readonly (readonly [fieldId: number, sections: number])[];
}

const noCounts: StoredDatasetCounts = { sections: 0, filled: [] };

export class DatasetTally {
  sections = 0;
  readonly #filled = new Int32Array(fieldIdCount);
  #highest = 0;

  /** @param by 1 for a section that is written, -1 for one that is removed */
  add({ bytes, start, fieldCount }: SectionView, by: 1 | -1): void {
    const filled = this.#filled;
    const end = start + fieldCount * 2;
    this.sections += by;
    for (let at = start; at < end; at += 2) {
      const fieldId = (bytes[at] as number) | ((bytes[at + 1] as number) << 8);
      filled[fieldId] = (filled[fieldId] as number) + by;
    }
    // Ids ascend.
    if (fieldCount > 0) this.#highest = Math.max(this.#highest, readUint16(bytes, end - 2));
  }

  /** The counts after this transaction; `undefined`: unchanged. */
  addTo(counts: StoredDatasetCounts): StoredDatasetCounts | undefined {
    const filled = new Map(counts.filled);
    let isChanged = this.sections !== 0;
    for (let fieldId = 1; fieldId <= this.#highest; fieldId += 1) {
      const by = this.#filled[fieldId] as number;
      if (by === 0) continue;
      isChanged = true;
      filled.set(fieldId, (filled.get(fieldId) ?? 0) + by);
    }
    if (!isChanged) return undefined;
    return {
      sections: counts.sections + this.sections,
      filled: [...filled].filter(([, count]) => count !== 0).sort(([a], [b]) => a - b),
    };
  }

  clear(): void {
    this.sections = 0;
    this.#filled.fill(0, 0, this.#highest + 1);
    this.#highest = 0;
  }
}

/** The tallies of a transaction's datasets. Later transactions reuse the arrays. */
export class DatasetTallies {
  readonly #inUse = new Map<number, DatasetTally>();
  readonly #free: DatasetTally[] = [];

  of({ organizationId, datasetId }: DatasetPlace): DatasetTally {
    const key = organizationId * 65_536 + datasetId;
    const known = this.#inUse.get(key);
    if (known !== undefined) return known;
    const tally = this.#free.pop() ?? new DatasetTally();
    this.#inUse.set(key, tally);
    return tally;
  }

  clear(): void {
    for (const tally of this.#inUse.values()) {
      tally.clear();
      this.#free.push(tally);
    }
    this.#inUse.clear();
  }

  /** The counts by organization x 65,536 + dataset, for a store that began empty. */
  counts(): Map<number, StoredDatasetCounts> {
    const countsOf = (tally: DatasetTally) => tally.addTo(noCounts) ?? noCounts;
    return new Map([...this.#inUse].map(([key, tally]) => [key, countsOf(tally)]));
  }

  write(meta: KeyedDatabase): void {
    for (const [key, tally] of this.#inUse) {
      const place = { organizationId: Math.floor(key / 65_536), datasetId: key % 65_536 };
      const counts = tally.addTo(readStoredCounts(meta, place));
      if (counts !== undefined) writeMeta(meta, metaKeys.datasetCounts(place), counts);
    }
  }
}

function readStoredCounts(meta: KeyedDatabase, place: DatasetPlace): StoredDatasetCounts {
  return readMeta<StoredDatasetCounts>(meta, metaKeys.datasetCounts(place)) ?? noCounts;
}

export function readDatasetCounts(meta: KeyedDatabase, place: DatasetPlace): DatasetCounts {
  const { sections, filled } = readStoredCounts(meta, place);
  return { sections, filled: new Map(filled) };
}
