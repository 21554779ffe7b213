/**
 * Which runs can be taken back: a few marks in `meta`, each made by the first batch of its run. A
 * run that finds its dataset empty leaves no entries for what it fills, since taking it back
 * empties the dataset again.
 */
import { UsherError } from '../../../domain/errors.ts';
import type { RollbackRun, RunLease } from '../../run-lease.ts';
import type { KeyedDatabase } from '../keyed-database.ts';
import {
  metaKeys,
  readFinishedRun,
  readMeta,
  readMetaRange,
  type StoredFinish,
  writeMeta,
} from '../meta.ts';
import { readDatasetCounts } from '../writer/dataset-tally.ts';
import type { DatasetPlace } from '../writer/run-leases.ts';
import type { RollbackPlace } from './rollback-entry.ts';

/** As `meta` keeps it. */
export interface StoredRollbackRun {
  readonly runId: string;
  readonly atMs: number;
  /** The dataset had no sections when the run began to write. */
  readonly isFirst: boolean;
  /** It filled contacts without an entry for each: taking it back looks at all contacts. */
  readonly isSwept: boolean;
  /** The clock just before the run wrote: contacts that came later have ids of later revisions. */
  readonly sinceRevision: string;
  /** Contacts that the run changed. */
  readonly contacts: number;
  /** While the dataset is emptied: the last contact that was looked at, in hexadecimal. */
  readonly sweptTo: string | null;
  /** What the run before had left; `null`: there was none. */
  readonly before: StoredFinish | null;
}

export interface KnownRollbackRun {
  readonly sourceVersion: bigint;
  readonly run: StoredRollbackRun;
}

/** Newest first. */
export function readRollbackRuns(
  meta: KeyedDatabase,
  { organizationId, datasetId }: DatasetPlace,
): KnownRollbackRun[] {
  const start = metaKeys.rollbackRun(organizationId, datasetId);
  const end = metaKeys.rollbackRun(organizationId, datasetId, 0xffff_ffff_ffff_ffffn);
  const runs = readMetaRange<StoredRollbackRun>(meta, start, end);
  return runs
    .map(({ key, value }) => ({
      sourceVersion: Buffer.from(key).readBigUInt64BE(start.length),
      run: value,
    }))
    .reverse();
}

/**
 * The run of a source version, if it can be taken back now. Throws `revision_conflict` where a
 * later one must go first.
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
    'A later run of this dataset can still be taken back, and must be first. Take back the newest one.',
  );
}

export function listRollbackRuns(meta: KeyedDatabase, place: DatasetPlace): readonly RollbackRun[] {
  return readRollbackRuns(meta, place).map(({ sourceVersion, run: { runId, atMs, contacts } }) => ({
    runId,
    sourceVersion,
    atMs,
    contacts,
  }));
}

/** The run's mark, made where it has none yet. */
export function openRollbackRun(
  meta: KeyedDatabase,
  place: RollbackPlace & { readonly runId: string },
  now: { readonly ms: number; readonly revision: bigint },
): StoredRollbackRun {
  const { organizationId, datasetId, sourceVersion, runId } = place;
  const known = readMeta<StoredRollbackRun>(
    meta,
    metaKeys.rollbackRun(organizationId, datasetId, sourceVersion),
  );
  if (known !== undefined) return known;
  const { sections } = readDatasetCounts(meta, organizationId, datasetId);
  return {
    runId,
    atMs: now.ms,
    isFirst: sections === 0,
    isSwept: false,
    sinceRevision: `${now.revision}`,
    contacts: 0,
    sweptTo: null,
    before: readFinishedRun(meta, organizationId, datasetId) ?? null,
  };
}

export function saveRollbackRun(
  meta: KeyedDatabase,
  { organizationId, datasetId, sourceVersion }: RollbackPlace,
  run: StoredRollbackRun,
): void {
  writeMeta(meta, metaKeys.rollbackRun(organizationId, datasetId, sourceVersion), run);
}

/**
 * After a run that keeps no undo wrote, none before it can be taken back; what they left is for
 * `drop-rollback-data.ts`.
 */
export function forgetRollbackRuns(meta: KeyedDatabase, place: DatasetPlace): void {
  for (const { sourceVersion } of readRollbackRuns(meta, place)) {
    forgetRollbackRun(meta, { ...place, sourceVersion });
  }
}

export function forgetRollbackRun(
  meta: KeyedDatabase,
  { organizationId, datasetId, sourceVersion }: RollbackPlace,
): void {
  meta.remove(metaKeys.rollbackRun(organizationId, datasetId, sourceVersion));
}
