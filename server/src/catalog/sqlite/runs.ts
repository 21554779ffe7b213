/** Writes of runs; they move no revision and leave no audit entry. */
import type { Kysely } from 'kysely';
import type { NewRun, RunCounts, RunEnd } from '../catalog.ts';
import type { CatalogTables } from './schema.ts';

export async function startRun(database: Kysely<CatalogTables>, run: NewRun): Promise<void> {
  await database
    .insertInto('runs')
    .values({
      id: run.id,
      organization_id: run.organizationId,
      dataset_id: run.datasetId,
      kind: run.kind,
      state: 'running',
      started_at: run.startedAtMs,
    })
    .onConflict((known) => known.column('id').doNothing())
    .execute();
}

export async function noteRun(
  database: Kysely<CatalogTables>,
  runId: string,
  counts: RunCounts,
): Promise<void> {
  await database
    .updateTable('runs')
    .set(countColumns(counts))
    .where('id', '=', runId)
    .where('state', '=', 'running')
    .execute();
}

export async function endRun(
  database: Kysely<CatalogTables>,
  runId: string,
  end: RunEnd,
): Promise<void> {
  await database
    .updateTable('runs')
    .set({
      ...countColumns(end.counts),
      state: end.state,
      ended_at: end.endedAtMs,
      error_code: end.errorCode,
    })
    .where('id', '=', runId)
    .execute();
}

function countColumns(counts: RunCounts) {
  return {
    rows_read: counts.rowsRead,
    added: counts.added,
    changed: counts.changed,
    unchanged: counts.unchanged,
    stale: counts.stale,
    cleared: counts.cleared,
    rejected: counts.rejected,
    bytes: counts.bytes,
  };
}
