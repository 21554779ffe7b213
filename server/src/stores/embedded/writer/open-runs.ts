/**
 * The runs that have written and not ended, by dataset. All attempts since the last finished run of
 * a dataset share the version of the first one. While a run of the organization is open, joins that
 * it parted are not forgotten.
 */
import type { DatasetPlace } from '../../run-lease.ts';
import type { KeyedDatabase } from '../keyed-database.ts';
import { metaKeys, metaKinds, readMeta, readMetaUnder, writeMeta } from '../meta.ts';

interface StoredOpenRun {
  readonly version: string;
}

interface StoredQuiet {
  readonly version: string;
}

export class OpenRuns {
  readonly #meta: KeyedDatabase;
  readonly #known = new Map<number, Map<number, bigint>>();
  readonly #quietAt = new Map<number, bigint>();

  constructor(meta: KeyedDatabase) {
    this.#meta = meta;
  }

  /** Call it first in each transaction. */
  begin(): void {
    this.#known.clear();
    this.#quietAt.clear();
  }

  /** By dataset: the version of its open run. */
  of(organizationId: number): ReadonlyMap<number, bigint> {
    return this.#of(organizationId);
  }

  #of(organizationId: number): Map<number, bigint> {
    const known = this.#known.get(organizationId);
    if (known !== undefined) return known;
    const prefix = Uint8Array.of(metaKinds.openRun, organizationId >>> 8, organizationId & 0xff);
    const runs = readMetaUnder<StoredOpenRun>(this.#meta, prefix).map(
      ({ key, value }) => [((key[3] ?? 0) << 8) | (key[4] ?? 0), BigInt(value.version)] as const,
    );
    const found = new Map(runs);
    this.#known.set(organizationId, found);
    return found;
  }

  versionOf({ organizationId, datasetId }: DatasetPlace): bigint | undefined {
    return this.#of(organizationId).get(datasetId);
  }

  /** Call it before a run writes. */
  open(place: DatasetPlace, version: bigint): void {
    const runs = this.#of(place.organizationId);
    if (runs.has(place.datasetId)) return;
    runs.set(place.datasetId, version);
    writeMeta(this.#meta, metaKeys.openRun(place), { version: `${version}` });
  }

  /**
   * `WriteSession.endRun` calls it.
   * @param now the last version
   * @returns whether no run of the organization is open now
   */
  end(place: DatasetPlace, now: bigint): boolean {
    const runs = this.#of(place.organizationId);
    if (!runs.delete(place.datasetId)) return false;
    this.#meta.remove(metaKeys.openRun(place));
    if (runs.size > 0) return false;
    writeMeta(this.#meta, metaKeys.quiet(place.organizationId), { version: `${now}` });
    this.#quietAt.set(place.organizationId, now);
    return true;
  }

  /** The last version at which no run was open, and a run had just ended. */
  quietAt(organizationId: number): bigint {
    const known = this.#quietAt.get(organizationId);
    if (known !== undefined) return known;
    const stored = readMeta<StoredQuiet>(this.#meta, metaKeys.quiet(organizationId));
    const version = BigInt(stored?.version ?? 0);
    this.#quietAt.set(organizationId, version);
    return version;
  }
}
