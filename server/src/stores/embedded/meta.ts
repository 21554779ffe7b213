/** Small JSON values in the database `meta`, each written in the transaction that it describes. */
import { scanEntriesPerTransaction } from '../limits.ts';
import type { KeyedDatabase } from './keyed-database.ts';

export const metaKinds = {
  format: 1,
  clock: 2,
  counts: 3,
  lease: 4,
  sourceVersion: 5,
  appliedRun: 6,
  finishedRun: 7,
  datasetCounts: 8,
  counting: 9,
  rollbackRun: 10,
  forgotten: 11,
} as const;

/** u8 kind, then the organization u16, then the dataset u16, as far as they apply. */
export const metaKeys = {
  /** `{ version, storeId }` */
  format: key(metaKinds.format),
  /** `{ revision }`: the highest revision given, as text */
  clock: key(metaKinds.clock),
  /** `StoreCounts` */
  counts: (organizationId: number) => key(metaKinds.counts, organizationId),
  /** `RunLease` and who holds it */
  lease: (organizationId: number, datasetId: number) =>
    key(metaKinds.lease, organizationId, datasetId),
  /** `{ sourceVersion }`: the highest one given, as text */
  sourceVersion: (organizationId: number, datasetId: number) =>
    key(metaKinds.sourceVersion, organizationId, datasetId),
  /** `StoredAppliedRun` */
  appliedRun: (organizationId: number, datasetId: number) =>
    key(metaKinds.appliedRun, organizationId, datasetId),
  /** `StoredDatasetCounts` */
  datasetCounts: (organizationId: number, datasetId: number) =>
    key(metaKinds.datasetCounts, organizationId, datasetId),
  /** The progress while datasets are counted for the first time */
  counting: key(metaKinds.counting),
  /** `StoredRollbackRun`, by its source version; without one, the prefix of all of a dataset. */
  rollbackRun: (organizationId: number, datasetId: number, sourceVersion?: bigint) =>
    key(
      metaKinds.rollbackRun,
      organizationId,
      datasetId,
      ...(sourceVersion === undefined ? [] : words(sourceVersion)),
    ),
  /** `{ sourceVersion }`, as text: the newest run that removed what earlier runs reported. */
  forgotten: (organizationId: number, datasetId: number) =>
    key(metaKinds.forgotten, organizationId, datasetId),
  /** `{ runId, asOfMs, watermark }` of the last run that finished */
  finishedRun: (organizationId: number, datasetId: number) =>
    key(metaKinds.finishedRun, organizationId, datasetId),
} as const;

function key(kind: number, ...numbers: readonly number[]): Uint8Array {
  return Uint8Array.from([kind, ...numbers.flatMap((number) => [number >>> 8, number & 0xff])]);
}

/** A u64 as four u16, the highest first. */
function words(value: bigint): number[] {
  return [48n, 32n, 16n, 0n].map((shift) => Number((value >> shift) & 0xffffn));
}

export function readMeta<T>(meta: KeyedDatabase, at: Uint8Array): T | undefined {
  const bytes = meta.getBinaryFast(at);
  if (bytes === undefined) return undefined;
  return JSON.parse(bytes.toString('utf8', 0, meta.lastSize)) as T;
}

export function writeMeta(meta: KeyedDatabase, at: Uint8Array, value: unknown): void {
  meta.put(at, Buffer.from(JSON.stringify(value)));
}

/** All values of one kind: one per running run for leases, one per dataset for counts. */
export function readMetaKind<T>(
  meta: KeyedDatabase,
  kind: number,
): { key: Uint8Array; value: T }[] {
  return readMetaRange(meta, Uint8Array.of(kind), Uint8Array.of(kind + 1));
}

/** The values from one key up to another. */
export function readMetaRange<T>(
  meta: KeyedDatabase,
  start: Uint8Array,
  end: Uint8Array,
): { key: Uint8Array; value: T }[] {
  const found: { key: Uint8Array; value: T }[] = [];
  for (let from = start, isFirst = true; ; isFirst = false) {
    const range = { start: from, end, exclusiveStart: !isFirst, limit: scanEntriesPerTransaction };
    const piece = [...meta.getRange(range)].map(({ key: at, value }) => ({
      key: Uint8Array.from(at),
      value: JSON.parse(Buffer.from(value).toString()) as T,
    }));
    found.push(...piece);
    if (piece.length < scanEntriesPerTransaction) return found;
    from = piece.at(-1)?.key ?? start;
  }
}

export interface StoredFinish {
  readonly runId: string;
  readonly asOfMs: number;
  readonly watermark: string | null;
}

export function readFinishedRun(
  meta: KeyedDatabase,
  organizationId: number,
  datasetId: number,
): StoredFinish | undefined {
  return readMeta<StoredFinish>(meta, metaKeys.finishedRun(organizationId, datasetId));
}
