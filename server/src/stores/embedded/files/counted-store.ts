/** Counts the entries of a whole store, and compares them with the counts that the writer keeps. */
import { isContact } from '../../read-record.ts';
import type { StoreCounts } from '../../store.ts';
import type { Environment } from '../environment.ts';
import type { KeyedDatabase } from '../keyed-database.ts';
import { metaKeys, metaKinds, readMeta, readMetaUnder } from '../meta.ts';
import { hasDatasetCounts, tallySections } from '../store-format.ts';
import { DatasetTallies, type StoredDatasetCounts } from '../writer/dataset-tally.ts';

export class CountedStore {
  readonly #environment: Environment;
  readonly #revision: string;
  readonly #tallies = new DatasetTallies();
  readonly #organizations = new Map<number, { contacts: number; identities: number }>();

  constructor(environment: Environment) {
    this.#environment = environment;
    this.#revision = this.#readRevision();
  }

  /** Counts a record, which must be sound. */
  addRecord(key: Uint8Array, record: Uint8Array): void {
    if (isContact(record)) this.#of(key).contacts += 1;
    tallySections(this.#tallies, key, record);
  }

  addIdentities(key: Uint8Array, count: number): void {
    this.#of(key).identities += count;
  }

  /**
   * How many organizations and datasets have wrong counts in `meta`; 0 if something was written
   * while this object counted.
   */
  wrongCounts(): number {
    const { root, meta } = this.#environment;
    if (this.#readRevision() !== this.#revision) return 0;
    root.resetReadTxn();
    const wrong = compare(this.#organizations, readKind<StoreCounts>(meta, 'counts'));
    if (!hasDatasetCounts(meta)) return wrong;
    const kept = readKind<StoredDatasetCounts>(meta, 'datasetCounts');
    return wrong + compare(this.#tallies.counts(), kept);
  }

  #of(key: Uint8Array): { contacts: number; identities: number } {
    const organizationId = ((key[0] ?? 0) << 8) | (key[1] ?? 0);
    const counts = this.#organizations.get(organizationId) ?? { contacts: 0, identities: 0 };
    this.#organizations.set(organizationId, counts);
    return counts;
  }

  #readRevision(): string {
    const { root, meta } = this.#environment;
    root.resetReadTxn();
    return readMeta<{ revision: string }>(meta, metaKeys.clock)?.revision ?? '';
  }
}

/** Keyed by organization, or by organization and dataset. */
function readKind<T>(meta: KeyedDatabase, kind: 'counts' | 'datasetCounts'): Map<number, T> {
  const all = readMetaUnder<T>(meta, Uint8Array.of(metaKinds[kind]));
  const numberOf = (key: Uint8Array) => key.subarray(1).reduce((sum, byte) => sum * 256 + byte, 0);
  return new Map(all.map(({ key, value }) => [numberOf(key), value]));
}

/** How many counts differ. A count of zero may be stored or left out. */
function compare(found: ReadonlyMap<number, object>, kept: ReadonlyMap<number, object>): number {
  const keys = new Set([...found.keys(), ...kept.keys()]);
  return [...keys].filter((key) => asText(found.get(key)) !== asText(kept.get(key))).length;
}

function asText(counts: object | undefined): string | undefined {
  const isNothing =
    counts === undefined ||
    Object.values(counts).every((value) => value === 0 || (Array.isArray(value) && !value.length));
  return isNothing ? undefined : JSON.stringify(counts);
}
