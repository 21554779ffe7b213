/** How datasets are: how fresh, when they are synced, their last run, and the run that waits. */
import { readIn, rfc3339 } from '../administration/administration.ts';
import { findSeenDataset, listSeenDatasets } from '../administration/token/actor-sight.ts';
import type { CatalogView, DatasetRecord, PushedRows, ScheduleState } from '../catalog/catalog.ts';
import type { DatasetDefinition } from '../domain/dataset/dataset-definition.ts';
import type { ContactReader } from '../stores/store.ts';
import { nextDueMs } from '../sync/sync-schedule.ts';
import type { RunCaller } from './run-caller.ts';
import { viewRun } from './view-run.ts';

export type DatasetStatus = Awaited<ReturnType<typeof statusOf>>;

/**
 * The datasets that the caller may see, in order of creation.
 * @throws UsherError `scope_missing`, `store_unavailable`
 */
export async function listDatasetStatus(
  { administration, organizationId }: RunCaller,
  reader: ContactReader,
): Promise<readonly DatasetStatus[]> {
  const facts = await readIn(administration, organizationId, async (view) => {
    const datasets = await listSeenDatasets(view, administration.actor, organizationId);
    const schedules = await view.listScheduleStates();
    const pushes = await view.listPushes(organizationId);
    return Promise.all(
      datasets.map((dataset) => factsOf(view, dataset, { organizationId, schedules, pushes })),
    );
  });
  const nowMs = administration.clock();
  return Promise.all(facts.map((one) => statusOf(one, { organizationId, reader, nowMs })));
}

/** @throws UsherError `resource_not_found`, `scope_missing`, `store_unavailable` */
export async function readDatasetStatus(
  { administration, organizationId }: RunCaller,
  reader: ContactReader,
  name: string,
): Promise<DatasetStatus> {
  const facts = await readIn(administration, organizationId, async (view) => {
    const dataset = await findSeenDataset(view, administration.actor, organizationId, name);
    const schedules = await view.listScheduleStates();
    const pushes = await view.listPushes(organizationId);
    return factsOf(view, dataset, { organizationId, schedules, pushes });
  });
  return statusOf(facts, { organizationId, reader, nowMs: administration.clock() });
}

type Facts = Awaited<ReturnType<typeof factsOf>>;

async function factsOf(
  view: CatalogView,
  dataset: DatasetRecord,
  at: {
    readonly organizationId: number;
    readonly schedules: readonly ScheduleState[];
    readonly pushes: readonly PushedRows[];
  },
) {
  const { organizationId, schedules } = at;
  const pushed = at.pushes.find(({ datasetId }) => datasetId === dataset.id);
  const filter = { datasetId: dataset.id, limit: 1 };
  const [last] = await view.listRuns(organizationId, filter);
  const schedule = schedules.find(
    (one) => one.organizationId === organizationId && one.datasetId === dataset.id,
  );
  return { dataset, last, schedule, pushed };
}

async function statusOf(
  { dataset, last, schedule, pushed }: Facts,
  at: { readonly organizationId: number; readonly reader: ContactReader; readonly nowMs: number },
) {
  const { organizationId, reader, nowMs } = at;
  const { definition } = dataset;
  const { sections } = await reader.datasetCounts(organizationId, dataset.id);
  const asOfMs = await reader.asOf(organizationId, dataset.id);
  const isWaiting = last?.state === 'waiting' && last.approvedBy === null;
  return {
    dataset: dataset.name,
    kind: definition?.kind ?? 'contact',
    source: definition?.source?.kind ?? null,
    contacts: sections,
    as_of: asOfMs === undefined ? null : rfc3339(asOfMs),
    age: ageOf(definition, asOfMs, nowMs),
    max_age_seconds: definition?.maxAge == null ? null : Math.ceil(definition.maxAge.ms / 1_000),
    next_run_at: nextRunAt(definition, schedule, nowMs),
    paused_by: schedule?.pausedBy ?? null,
    pushed: pushed === undefined ? null : viewPushed(pushed),
    last_run: last === undefined ? null : viewRun(last, dataset.name),
    waiting_run: isWaiting ? last.id : null,
  };
}

function viewPushed({ lastAtMs, day, received, rejected }: PushedRows) {
  const date = rfc3339(day * 86_400_000).slice(0, 10);
  return { last_at: rfc3339(lastAtMs), day: date, received, rejected };
}

function ageOf(definition: DatasetDefinition | null, asOfMs: number | undefined, nowMs: number) {
  if (definition?.source?.kind === 'push') return 'pushed';
  if (asOfMs === undefined) return 'never';
  const { maxAge = null } = definition ?? {};
  if (maxAge === null || nowMs - asOfMs <= maxAge.ms) return 'current';
  return maxAge.policy === 'withhold' ? 'withheld' : 'stale';
}

function nextRunAt(
  definition: DatasetDefinition | null,
  state: ScheduleState | undefined,
  nowMs: number,
): string | null {
  const { schedule = null } = definition ?? {};
  if (schedule === null || state?.pausedBy != null) return null;
  const dueMs = state?.retryAtMs ?? nextDueMs(schedule, nowMs);
  return dueMs === undefined ? null : rfc3339(dueMs);
}
