/** Small JSON values in the database `meta`, each written in the transaction that it describes. */
import type { AppliedRun, DatasetPlace, RollbackPlace } from '../run-lease.ts';
import { type KeyedDatabase, rangeUnder } from './keyed-database.ts';

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
  openRun: 12,
  quiet: 13,
  identityRules: 14,
  converting: 15,
  versionClock: 16,
  runPeople: 17,
  suppression: 18,
  unwritten: 19,
} as const;

/** The id of an organization, or nothing: all of them. */
export type OneOrAll = readonly [] | readonly [organizationId: number];

/** u8 kind, then the organization u16, then the dataset u16, as far as they apply. */
export const metaKeys = {
  /** `{ version, storeId }` */
  format: key(metaKinds.format),
  /** `{ revision }`: the highest revision given, as text */
  clock: key(metaKinds.clock),
  /** `{ version }`: the highest version given, as text */
  versionClock: key(metaKinds.versionClock),
  /** `StoreCounts` */
  counts: (organizationId: number) => key(metaKinds.counts, organizationId),
  /** `StoredLease` */
  lease: ofDataset(metaKinds.lease),
  /** `{ sourceVersion }`: the highest one given, as text */
  sourceVersion: ofDataset(metaKinds.sourceVersion),
  /** `StoredAppliedRun` */
  appliedRun: ofDataset(metaKinds.appliedRun),
  /** What the keys of the applied runs begin with: of an organization, or of all */
  appliedRuns: (...organizationId: OneOrAll) => key(metaKinds.appliedRun, ...organizationId),
  /** What the keys of the leases begin with: of an organization, or of all */
  leases: (...organizationId: OneOrAll) => key(metaKinds.lease, ...organizationId),
  /** `StoredDatasetCounts` */
  datasetCounts: ofDataset(metaKinds.datasetCounts),
  /** The progress while datasets are counted for the first time */
  counting: key(metaKinds.counting),
  /** `StoredRollbackRun`, by its source version */
  rollbackRun: ({ organizationId, datasetId, sourceVersion }: RollbackPlace) =>
    key(metaKinds.rollbackRun, organizationId, datasetId, ...words(sourceVersion)),
  /** What the keys of the dataset's rollback runs begin with */
  rollbackRuns: ofDataset(metaKinds.rollbackRun),
  /** What the keys of all rollback runs of an organization begin with */
  allRollbackRuns: (organizationId: number) => key(metaKinds.rollbackRun, organizationId),
  /** `{ sourceVersion }`, as text: the newest run that removed what earlier runs reported. */
  forgotten: ofDataset(metaKinds.forgotten),
  /** `{ version }`, as text: the version of the dataset's open run (`writer/open-runs.ts`) */
  openRun: ofDataset(metaKinds.openRun),
  /** `{ version }`, as text: the last version when the last open run ended */
  quiet: (organizationId: number) => key(metaKinds.quiet, organizationId),
  /** `IdentityRules` as last given */
  identityRules: (organizationId: number) => key(metaKinds.identityRules, organizationId),
  /** `SuppressionNote` */
  suppression: key(metaKinds.suppression),
  /**
   * `{ sourceVersion }`, as text: nothing was ever written to the dataset, if this is the highest
   * source version given
   */
  unwritten: ofDataset(metaKinds.unwritten),
  /** The progress while a store of an older format is converted */
  converting: key(metaKinds.converting),
  /** What the open run did to people, as far as its end has looked (`writer/report-effects.ts`) */
  runPeople: ofDataset(metaKinds.runPeople),
  /** `StoredFinish` of the last run that finished */
  finishedRun: ofDataset(metaKinds.finishedRun),
} as const;

function ofDataset(kind: number): (place: DatasetPlace) => Uint8Array {
  return ({ organizationId, datasetId }) => key(kind, organizationId, datasetId);
}

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

/** The values whose keys begin with `prefix`. */
export function readMetaUnder<T>(
  meta: KeyedDatabase,
  prefix: Uint8Array,
  transaction?: unknown,
): { key: Uint8Array; value: T }[] {
  const range = { ...rangeUnder(prefix), limit: Number.MAX_SAFE_INTEGER, transaction };
  return [...meta.getRange(range)].map(({ key: at, value }) => ({
    key: Uint8Array.from(at),
    value: JSON.parse(Buffer.from(value).toString()) as T,
  }));
}

/** The highest version given to a run or push of the dataset; 0: none yet. */
export function lastSourceVersion(meta: KeyedDatabase, place: DatasetPlace): bigint {
  const stored = readMeta<StoredVersion>(meta, metaKeys.sourceVersion(place));
  return BigInt(stored?.sourceVersion ?? 0);
}

/**
 * Whether nothing was ever written to the dataset. `false` if it is not known: a release that does
 * not note it gave the last version, or wrote in a run that this one began.
 */
export function isUnwritten(meta: KeyedDatabase, place: DatasetPlace): boolean {
  const last = lastSourceVersion(meta, place);
  if (last === 0n) return true;
  if (readMeta(meta, metaKeys.openRun(place)) !== undefined) return false;
  if (readFinishedRun(meta, place) !== undefined) return false;
  return readMeta<StoredVersion>(meta, metaKeys.unwritten(place))?.sourceVersion === `${last}`;
}

interface StoredVersion {
  readonly sourceVersion: string;
}

export interface StoredFinish {
  readonly runId: string;
  readonly asOfMs: number;
  readonly watermark: string | null;
}

export function readFinishedRun(
  meta: KeyedDatabase,
  place: DatasetPlace,
): StoredFinish | undefined {
  return readMeta<StoredFinish>(meta, metaKeys.finishedRun(place));
}

/** As stored: `snapshotId` is the id of the baseline. The first release stored two ids. */
export interface StoredAppliedRun {
  readonly snapshotId: string;
  readonly runId: string;
  readonly asOfMs?: number;
  readonly watermark?: string | null;
}

export function packAppliedRun({ baselineId, ...rest }: AppliedRun): StoredAppliedRun {
  return { snapshotId: baselineId, ...rest };
}

export function unpackAppliedRun(stored: StoredAppliedRun): AppliedRun {
  const { snapshotId, runId, asOfMs = 0, watermark = null } = stored;
  return { baselineId: snapshotId, runId, asOfMs, watermark };
}
