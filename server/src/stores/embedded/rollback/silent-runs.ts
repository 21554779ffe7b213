/**
 * Runs that changed nothing, or nothing but the ages of rows. They take no place among the runs
 * that can be rolled back: what they left is rolled back with the run before them.
 */
import type { DatasetPlace, RollbackRun, RunLease } from '../../run-lease.ts';
import type { IdentityKey } from '../../store.ts';
import { JoinLog } from '../contacts/join-log.ts';
import type { KeyedDatabase } from '../keyed-database.ts';
import { rollbackKey, type rollbackKinds, rollbackPrefix } from './rollback-entry.ts';
import { forgetRollbackRun, type KnownRollbackRun, readRollbackRuns } from './rollback-runs.ts';

interface RollbackData {
  readonly meta: KeyedDatabase;
  readonly rollback: KeyedDatabase;
  readonly log: KeyedDatabase;
}

/** A run with all of its attempts. */
export interface RollbackGroup {
  /** The newest attempt first. */
  readonly attempts: readonly KnownRollbackRun[];
  /** Whether it changed nothing but ages. */
  readonly isSilent: boolean;
}

/** Newest first. */
export function readRollbackGroups(data: RollbackData, place: DatasetPlace): RollbackGroup[] {
  const groups: KnownRollbackRun[][] = [];
  for (const known of readRollbackRuns(data.meta, place)) {
    const last = groups.at(-1);
    const version = last?.[0]?.run.version;
    if (version !== undefined && version === known.run.version) last?.push(known);
    else groups.push([known]);
  }
  return groups.map((attempts) => {
    return { attempts, isSilent: attempts.every((it) => isSilent(data, place, it)) };
  });
}

export function listRollbackRuns(data: RollbackData, place: DatasetPlace): readonly RollbackRun[] {
  return readRollbackGroups(data, place).flatMap(({ attempts, isSilent: changedNothing }) =>
    attempts.map(({ sourceVersion, run }) => {
      const { runId, atMs, contacts, version = null } = run;
      return { runId, sourceVersion, version, atMs, contacts, changedNothing };
    }),
  );
}

/** Call it when a run ends: if it wrote nothing at all, there is nothing to roll back. */
export function forgetSilentRun(data: RollbackData, lease: RunLease): void {
  const isOwn = (it: KnownRollbackRun) => it.run.version === `${lease.version}`;
  const own = readRollbackGroups(data, lease).find(({ attempts }) => attempts.some(isOwn));
  if (own === undefined || !own.isSilent) return;
  const places = own.attempts.map(({ sourceVersion }) => ({ ...lease, sourceVersion }));
  if (places.some((place) => hasNotes(data.rollback, place, 'row'))) return;
  for (const place of places) forgetRollbackRun(data.meta, place);
}

/** Changed identity rules may join and part contacts although no row changes. */
function isSilent(
  { rollback, log }: RollbackData,
  { organizationId, datasetId }: DatasetPlace,
  { sourceVersion, run: { hasOnlyAges = false, version } }: KnownRollbackRun,
): boolean {
  if (!hasOnlyAges) return false;
  const place = { organizationId, datasetId, sourceVersion };
  if (hasNotes(rollback, place, 'break', 'value') || hasNotes(rollback, place, 'mark'))
    return false;
  const joins = new JoinLog(log, organizationId);
  return joins.joinsOf(BigInt(version ?? sourceVersion), 1).length === 0;
}

/** Whether the run left entries of a kind from `first` on, and before `end` if that is given. */
function hasNotes(
  rollback: KeyedDatabase,
  place: Parameters<typeof rollbackKey>[0],
  first: keyof typeof rollbackKinds,
  end?: keyof typeof rollbackKinds,
): boolean {
  const range = {
    start: rollbackKey(place, first, lowest),
    end:
      end === undefined
        ? rollbackPrefix({ ...place, sourceVersion: place.sourceVersion + 1n })
        : rollbackKey(place, end, lowest),
  };
  return [...rollback.getRange({ ...range, limit: 1 })].length > 0;
}

const lowest: IdentityKey = { typeId: 0, digest: new Uint8Array(16) };
