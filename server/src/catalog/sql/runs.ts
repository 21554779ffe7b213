/** Runs and schedule states. Writing them does not change the revision. */
import type { ExpressionBuilder, Kysely } from 'kysely';
import type { RunPlan } from '../../domain/dataset/run-plan.ts';
import type { RunProgress } from '../../domain/dataset/run-progress.ts';
import type { NewRun, Run, RunDecision, RunEnd, RunFilter, ScheduleChange } from '../catalog.ts';
import { phasesBefore, type RunPhase } from '../run-states.ts';
import { forgetExamples } from './plan-examples.ts';
import { runOf } from './rows.ts';
import type { CatalogTables } from './schema.ts';

export async function startRun(database: Kysely<CatalogTables>, run: NewRun): Promise<void> {
  const { organizationId, datasetId } = run;
  await forgetExamples(database, { organizationId, datasetId });
  await database
    .insertInto('runs')
    .values({
      id: run.id,
      organization_id: run.organizationId,
      dataset_id: run.datasetId,
      kind: run.kind,
      state: 'running',
      started_at: run.startedAtMs,
      trigger_kind: run.trigger,
      definition_version: run.definitionVersion,
      approval_of: run.approvalOf,
    })
    .onConflict((known) => known.column('id').doNothing())
    .execute();
}

/** Newest first. */
export async function listRuns(
  database: Kysely<CatalogTables>,
  organizationId: number,
  filter: RunFilter,
): Promise<readonly Run[]> {
  const { datasetId, states, afterId } = filter;
  let query = database
    .selectFrom('runs')
    .selectAll()
    .where('organization_id', '=', organizationId)
    .orderBy('started_at', 'desc')
    .orderBy('id', 'desc')
    .limit(filter.limit);
  if (datasetId !== undefined) query = query.where('dataset_id', '=', datasetId);
  if (states !== undefined) query = query.where('state', 'in', states);
  if (afterId !== undefined) {
    const after = await database
      .selectFrom('runs')
      .select(['started_at', 'id'])
      .where('id', '=', afterId)
      .executeTakeFirst();
    if (after !== undefined) {
      query = query.where((is) =>
        is.or([
          is('started_at', '<', after.started_at),
          is.and([is('started_at', '=', after.started_at), is('id', '<', after.id)]),
        ]),
      );
    }
  }
  return (await query.execute()).map(runOf);
}

/** The newest run of a dataset that succeeded. */
function lastSucceeded(database: Kysely<CatalogTables>, organizationId: number, datasetId: number) {
  return database
    .selectFrom('runs')
    .selectAll()
    .where('organization_id', '=', organizationId)
    .where('dataset_id', '=', datasetId)
    .where('state', '=', 'succeeded')
    .orderBy('started_at', 'desc')
    .orderBy('id', 'desc')
    .limit(1);
}

export async function findLastApplied(
  database: Kysely<CatalogTables>,
  organizationId: number,
  datasetId: number,
): Promise<Run | undefined> {
  const row = await lastSucceeded(database, organizationId, datasetId)
    .where('kind', 'in', ['import', 'sync'])
    .where('rows_read', '>', 0)
    .executeTakeFirst();
  return row && runOf(row);
}

export async function findRunAt(
  database: Kysely<CatalogTables>,
  { organizationId, datasetId }: Pick<Run, 'organizationId' | 'datasetId'>,
  atMs: number,
): Promise<Run | undefined> {
  const row = await database
    .selectFrom('runs')
    .selectAll()
    .where('organization_id', '=', organizationId)
    .where('dataset_id', '=', datasetId)
    .where('started_at', '<=', atMs)
    .orderBy('started_at', 'desc')
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst();
  const run = row && runOf(row);
  return run === undefined || (run.endedAtMs ?? atMs) < atMs ? undefined : run;
}

export async function findLastFiles(
  database: Kysely<CatalogTables>,
  organizationId: number,
  datasetId: number,
): Promise<ReadonlySet<string>> {
  const row = await lastSucceeded(database, organizationId, datasetId)
    .where('kind', '=', 'sync')
    .executeTakeFirst();
  return new Set(JSON.parse(row?.files ?? '[]') as string[]);
}

export async function endRun(
  database: Kysely<CatalogTables>,
  runId: string,
  end: RunEnd,
): Promise<void> {
  const { rowsRead, added, changed, unchanged, stale, cleared, rejected, bytes } = end.counts;
  await database
    .updateTable('runs')
    .set({
      ...{ rows_read: rowsRead, added, changed, unchanged, stale, cleared, rejected, bytes },
      rejections: JSON.stringify(end.counts.rejections),
      people: JSON.stringify(end.counts.people),
      ...{ state: end.state, ended_at: end.endedAtMs },
      ...{ error_code: end.errorCode, error_detail: end.errorDetail },
    })
    .where('id', '=', runId)
    .where(isBefore(end.state))
    .execute();
}

/** The condition that a run is in a phase from which some event leads to the given phase. */
function isBefore(phase: Exclude<RunPhase, 'none'>) {
  const before = phasesBefore(phase);
  return (is: ExpressionBuilder<CatalogTables, 'runs'>) =>
    before.includes('waiting') && !before.includes('approved')
      ? is.and([is('state', 'in', before), is('approved_by', 'is', null)])
      : is('state', 'in', before);
}

/** Stores what a run would do, or the keys of the files that it read. */
export async function saveToRun(
  database: Kysely<CatalogTables>,
  runId: string,
  saved: { readonly plan: RunPlan } | { readonly files: readonly string[] },
): Promise<void> {
  const [[column, value] = []] = Object.entries(saved);
  await database
    .updateTable('runs')
    .set({ [column as 'plan' | 'files']: JSON.stringify(value) })
    .where('id', '=', runId)
    .execute();
}

/** Ignored for a run that has ended. */
export async function saveRunProgress(
  database: Kysely<CatalogTables>,
  runId: string,
  progress: RunProgress,
): Promise<void> {
  await database
    .updateTable('runs')
    .set({ progress: JSON.stringify(progress) })
    .where('id', '=', runId)
    .where('state', '=', 'running')
    .execute();
}

/** @returns the name of the run's dataset; `undefined` if its state does not allow this decision */
export async function decideRun(
  database: Kysely<CatalogTables>,
  organizationId: number,
  decision: RunDecision & { readonly actor: string },
): Promise<string | undefined> {
  const { runId, verdict, actor } = decision;
  await forgetExamples(database, { organizationId, runId });
  const found = await database
    .updateTable('runs')
    .set(verdict === 'approved' ? { approved_by: actor } : { state: verdict })
    .where('id', '=', runId)
    .where('organization_id', '=', organizationId)
    .where(isBefore(verdict))
    .returning('dataset_id')
    .executeTakeFirst();
  if (found === undefined) return undefined;
  const { name } = await database
    .selectFrom('datasets')
    .select('name')
    .where('organization_id', '=', organizationId)
    .where('id', '=', found.dataset_id)
    .executeTakeFirstOrThrow();
  return name;
}

export async function putScheduleState(
  database: Kysely<CatalogTables>,
  change: ScheduleChange,
): Promise<void> {
  const { organizationId, datasetId, pausedBy, lastDueMs, attempts, retryAtMs } = change;
  const columns = {
    ...(pausedBy !== undefined && { paused_by: pausedBy }),
    ...(lastDueMs !== undefined && { last_due_at: lastDueMs }),
    ...(attempts !== undefined && { attempts }),
    ...(retryAtMs !== undefined && { retry_at: retryAtMs }),
  };
  const own = { organization_id: organizationId, dataset_id: datasetId };
  const fresh = { paused_by: null, last_due_at: null, attempts: 0, retry_at: null };
  await database
    .insertInto('schedule_states')
    .values({ ...own, ...fresh, ...columns })
    .onConflict((known) =>
      known.columns(['organization_id', 'dataset_id']).doUpdateSet({ ...own, ...columns }),
    )
    .execute();
}
