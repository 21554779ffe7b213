/**
 * What the store knows of itself: a few small JSON values under short keys, one `meta` database. All of it is written inside
 * the transactions of what it tells of.
 */
import type { KeyedDatabase } from './keyed-database.ts';

/** u8 kind, then the organization u16, then the dataset u16, as far as they apply. */
export const metaKeys = {
  /** `{ version, storeId }` */
  format: Uint8Array.of(1),
  /** `{ revision }`: the highest revision given, as text */
  clock: Uint8Array.of(2),
  /** `StoreCounts` */
  counts: (organizationId: number) => key(3, organizationId),
  /** `RunLease` and who holds it */
  lease: (organizationId: number, datasetId: number) => key(4, organizationId, datasetId),
  /** `{ sourceVersion }`: the highest one given, as text */
  sourceVersion: (organizationId: number, datasetId: number) => key(5, organizationId, datasetId),
  /** `{ snapshotId, runId }`: the applied snapshot and the run that ended with it */
  appliedSnapshot: (organizationId: number, datasetId: number) => key(6, organizationId, datasetId),
} as const;

function key(kind: number, ...numbers: readonly number[]): Uint8Array {
  return Uint8Array.from([kind, ...numbers.flatMap((number) => [number >>> 8, number & 0xff])]);
}

export function readMeta<T>(meta: KeyedDatabase, at: Uint8Array): T | undefined {
  const bytes = meta.getBinaryFast(at);
  if (bytes === undefined) return undefined;
  return JSON.parse(bytes.toString('utf8', 0, meta.lastSize)) as T;
}

export function writeMeta(meta: KeyedDatabase, at: Uint8Array, value: unknown): void {
  meta.put(at, Buffer.from(JSON.stringify(value)));
}
