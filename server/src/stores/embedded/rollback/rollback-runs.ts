/**
 * The runs that can be rolled back: one value in `meta` each, written by the first batch. A run
 * that finds its dataset empty needs no entries, since its rollback empties the dataset.
 */
import { UsherError } from '../../../domain/errors.ts';
import type { DatasetPlace, RollbackPlace, RunLease } from '../../run-lease.ts';
import type { KeyedDatabase } from '../keyed-database.ts';
import {
  metaKeys,
  readFinishedRun,
  readMeta,
  readMetaUnder,
  type StoredFinish,
  writeMeta,
} from '../meta.ts';
import { readDatasetCounts } from '../writer/dataset-tally.ts';

/** As stored in `meta`. */
export interface StoredRollbackRun {
  readonly runId: string;
  readonly atMs: number;
  /** The dataset had no sections when the run began to write. */
  readonly isFirst: boolean;
  /**
   * The run left no entries for contacts that it filled, so rolling it back looks at all contacts.
   */
  readonly isSwept: boolean;
  /** Whether it gave values to identities that were known by their hash alone. */
  readonly hasValued?: boolean;
  /** The clock before the run's first write: contacts created later have ids of later revisions. */
  readonly sinceRevision: string;
  /** Contacts that the run changed. */
  readonly contacts: number;
  /** Whether its rows say what they said before, and only got another age. */
  readonly hasOnlyAges?: boolean;
  /** The version since which its rows claim; missing: an older release stored the run. */
  readonly version?: string;
  /** While the dataset is emptied: the last contact that was checked, in hexadecimal. */
  readonly sweptTo: string | null;
  /** What the previous run left; `null`: there was none. */
  readonly before: StoredFinish | null;
}

export interface KnownRollbackRun {
  readonly sourceVersion: bigint;
  readonly run: StoredRollbackRun;
}

/** Newest first. */
export function readRollbackRuns(meta: KeyedDatabase, place: DatasetPlace): KnownRollbackRun[] {
  const prefix = metaKeys.rollbackRuns(place);
  const runs = readMetaUnder<StoredRollbackRun>(meta, prefix).map(({ key, value }) => ({
    sourceVersion: Buffer.from(key).readBigUInt64BE(prefix.length),
    run: value,
  }));
  return runs.reverse();
}

/** The runs of all datasets of an organization. */
export function readAllRollbackRuns(
  meta: KeyedDatabase,
  organizationId: number,
): { readonly place: RollbackPlace; readonly run: StoredRollbackRun }[] {
  const prefix = metaKeys.allRollbackRuns(organizationId);
  return readMetaUnder<StoredRollbackRun>(meta, prefix).map(({ key, value }) => {
    const rest = Buffer.from(key).subarray(prefix.length);
    const [datasetId, sourceVersion] = [rest.readUInt16BE(0), rest.readBigUInt64BE(2)];
    return { place: { organizationId, datasetId, sourceVersion }, run: value };
  });
}

/**
 * `undefined` if the run cannot be rolled back. Throws `revision_conflict` if a later run must be
 * rolled back first.
 */
export function findRollbackRun(
  meta: KeyedDatabase,
  lease: RunLease,
  sourceVersion: bigint,
): StoredRollbackRun | undefined {
  const others = readRollbackRuns(meta, lease).filter(
    (it) => it.sourceVersion !== lease.sourceVersion,
  );
  const place = others.findIndex((it) => it.sourceVersion === sourceVersion);
  if (place <= 0) return others[place]?.run;
  throw new UsherError(
    'revision_conflict',
    'A later run of this dataset must be rolled back first. Roll back the newest run.',
  );
}

/** The stored run, or a new one if this is its first batch. */
export function openRollbackRun(
  meta: KeyedDatabase,
  place: RollbackPlace & { readonly runId: string; readonly version: bigint },
  now: { readonly ms: number; readonly revision: bigint },
): StoredRollbackRun {
  const known = readMeta<StoredRollbackRun>(meta, metaKeys.rollbackRun(place));
  if (known !== undefined) return known;
  return {
    runId: place.runId,
    atMs: now.ms,
    isFirst: readDatasetCounts(meta, place).sections === 0,
    isSwept: false,
    sinceRevision: `${now.revision}`,
    contacts: 0,
    hasOnlyAges: true,
    version: `${place.version}`,
    sweptTo: null,
    before: readFinishedRun(meta, place) ?? null,
  };
}

export function saveRollbackRun(
  meta: KeyedDatabase,
  place: RollbackPlace,
  run: StoredRollbackRun,
): void {
  writeMeta(meta, metaKeys.rollbackRun(place), run);
}

/** Forgets all runs: none can be rolled back after a run that keeps no rollback data. */
export function forgetRollbackRuns(meta: KeyedDatabase, place: DatasetPlace): void {
  for (const { sourceVersion } of readRollbackRuns(meta, place)) {
    forgetRollbackRun(meta, { ...place, sourceVersion });
  }
}

export function forgetRollbackRun(meta: KeyedDatabase, place: RollbackPlace): void {
  meta.remove(metaKeys.rollbackRun(place));
}
