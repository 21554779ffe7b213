/** How fresh each dataset is, and when it is synced next. */
import type { DatasetRecord, ScheduleState } from '../../catalog/catalog.ts';
import type { ContactReader } from '../../stores/store.ts';
import { nextDueMs } from '../../sync/sync-schedule.ts';
import { rfc3339 } from '../administration.ts';

export interface DatasetSources {
  readonly reader: Pick<ContactReader, 'asOf' | 'datasetCounts'>;
  readonly organizationId: number;
  /** By the dataset's id. */
  readonly schedules: ReadonlyMap<number, ScheduleState>;
  /** The ids of datasets with a run that waits for approval. */
  readonly waiting: ReadonlySet<number>;
  readonly nowMs: number;
}

export type DatasetState = Awaited<ReturnType<typeof viewDatasetState>>;

export async function viewDatasetState(dataset: DatasetRecord, sources: DatasetSources) {
  const { reader, organizationId, nowMs } = sources;
  const { id, name, definition } = dataset;
  const asOfMs = await reader.asOf(organizationId, id);
  const { sections } = await reader.datasetCounts(organizationId, id);
  const maxAge = definition?.maxAge ?? null;
  return {
    name,
    kind: definition?.kind ?? null,
    source: definition === null ? null : (definition.source?.kind ?? 'import'),
    contacts: sections,
    as_of: asOfMs === undefined ? null : rfc3339(asOfMs),
    age_seconds: asOfMs === undefined ? null : Math.max(0, Math.round((nowMs - asOfMs) / 1_000)),
    max_age_seconds: maxAge === null ? null : Math.round(maxAge.ms / 1_000),
    status: statusOf(asOfMs, maxAge, nowMs),
    ...viewSchedule(dataset, sources),
    is_waiting: sources.waiting.has(id),
  };
}

type MaxAge = NonNullable<DatasetRecord['definition']>['maxAge'];

function statusOf(asOfMs: number | undefined, maxAge: MaxAge, nowMs: number) {
  if (asOfMs === undefined) return 'unknown';
  if (maxAge === null || nowMs - asOfMs <= maxAge.ms) return 'fresh';
  return maxAge.policy === 'withhold' ? 'withheld' : 'stale';
}

function viewSchedule({ id, definition }: DatasetRecord, { schedules, nowMs }: DatasetSources) {
  const schedule = definition?.schedule ?? null;
  const state = schedules.get(id);
  const isPaused = state?.pausedBy != null;
  const retryAtMs = isPaused ? null : (state?.retryAtMs ?? null);
  const dueMs = schedule === null || isPaused ? undefined : nextDueMs(schedule, nowMs);
  return {
    next_sync_at: dueMs === undefined ? null : rfc3339(dueMs),
    retry_at: retryAtMs === null ? null : rfc3339(retryAtMs),
    paused_by: state?.pausedBy ?? null,
  };
}
