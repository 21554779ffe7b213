/** Removes the rollback data of runs that are not kept any longer. */
import { maxSilentRuns } from '../../limits.ts';
import type { DatasetPlace, RollbackRetention } from '../../run-lease.ts';
import type { WriteSession } from '../writer/write-session.ts';
import { rollbackPrefix } from './rollback-entry.ts';
import { forgetRollbackRun } from './rollback-runs.ts';
import { type RollbackGroup, readRollbackGroups } from './silent-runs.ts';

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
  const groups = readRollbackGroups(session.environment, place);
  const count = countKept(groups, keep, liveVersion);
  const versionsOf = (some: readonly RollbackGroup[]) =>
    some.flatMap(({ attempts }) => attempts.map(({ sourceVersion }) => sourceVersion));
  for (const sourceVersion of versionsOf(groups.slice(count))) {
    forgetRollbackRun(meta, { ...place, sourceVersion });
  }
  const kept = new Set(versionsOf(groups.slice(0, count)));
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

/**
 * Runs are rolled back newest first, so dropping one drops all older ones too. A run that changed
 * nothing is kept for the sake of an older one that did.
 */
function countKept(
  groups: readonly RollbackGroup[],
  keep: RollbackRetention,
  liveVersion: bigint | undefined,
): number {
  let [kept, changing, silent] = [0, 0, 0];
  for (const [index, { attempts, isSilent }] of groups.entries()) {
    const isLive = attempts.some(({ sourceVersion }) => sourceVersion === liveVersion);
    if (isSilent) silent += 1;
    else changing += 1;
    const atMs = attempts[0]?.run.atMs ?? 0;
    const isOver = changing > keep.runs || silent > maxSilentRuns || atMs < keep.sinceMs;
    if (isOver && !isLive) break;
    if (!isSilent || isLive) kept = index + 1;
  }
  return kept;
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
