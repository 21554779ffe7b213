/** Removes the rollback data of runs that are not kept any longer. */
import type { DatasetPlace, RollbackRetention } from '../../run-lease.ts';
import type { WriteSession } from '../writer/write-session.ts';
import { rollbackPrefix } from './rollback-entry.ts';
import { forgetRollbackRun, type KnownRollbackRun, readRollbackRuns } from './rollback-runs.ts';

interface Dropping {
  readonly keep: RollbackRetention;
  /** The run of this version keeps its data in any case. */
  readonly liveVersion: bigint | undefined;
  readonly limit: number;
}

/**
 * Forgets all outdated runs at once, so that none is offered with half of its entries. Then removes
 * up to `limit` of their entries. `true`: all are gone.
 */
export function dropRollbackData(
  session: WriteSession,
  place: DatasetPlace,
  { keep, liveVersion, limit }: Dropping,
): boolean {
  const { meta } = session.environment;
  const runs = readRollbackRuns(meta, place);
  const dropped = runs.slice(countKept(runs, keep, liveVersion));
  for (const { sourceVersion } of dropped) forgetRollbackRun(meta, { ...place, sourceVersion });
  const kept = new Set(runs.filter((run) => !dropped.includes(run)).map((it) => it.sourceVersion));
  let left = limit;
  let from = 0n;
  for (;;) {
    const keys = nextKeys(session, place, from, Math.max(left, 1));
    const first = keys[0];
    if (first === undefined) return true;
    if (left <= 0) return false;
    const version = versionOf(first);
    from = version + 1n;
    if (kept.has(version)) continue;
    const ofRun = keys.filter((key) => versionOf(key) === version);
    for (const key of ofRun) session.environment.rollback.remove(key);
    left -= ofRun.length;
    // The run may have more entries.
    from = version;
  }
}

/** Runs are rolled back newest first, so dropping one drops all older ones too. */
function countKept(
  runs: readonly KnownRollbackRun[],
  keep: RollbackRetention,
  liveVersion: bigint | undefined,
): number {
  const place = runs.findIndex(({ sourceVersion, run }, index) => {
    if (sourceVersion === liveVersion) return false;
    return index >= keep.runs || run.atMs < keep.sinceMs;
  });
  return place < 0 ? runs.length : place;
}

function nextKeys(
  session: WriteSession,
  place: DatasetPlace,
  from: bigint,
  limit: number,
): Uint8Array[] {
  const start = rollbackPrefix({ ...place, sourceVersion: from });
  const end = rollbackPrefix({ ...place, sourceVersion: 0xffff_ffff_ffff_ffffn });
  const range = { start, end, limit };
  return [...session.environment.rollback.getRange(range)].map(({ key }) => Uint8Array.from(key));
}

function versionOf(key: Uint8Array): bigint {
  return Buffer.from(key).readBigUInt64BE(4);
}
