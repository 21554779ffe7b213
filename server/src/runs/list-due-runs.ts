/**
 * Lists the runs that are due: scheduled runs, and approved runs that have not been carried out.
 */
import type { Catalog, Run, ScheduleState } from '../catalog/catalog.ts';
import type { SyncSchedule } from '../domain/dataset/dataset-definition.ts';
import {
  type DueRun,
  findDueRun,
  type SchedulePosition,
  settlePosition,
} from '../sync/sync-schedule.ts';
import { maxWaitingRuns, newestRuns } from './limits.ts';

export interface ScheduledDataset {
  readonly organizationId: number;
  readonly organization: string;
  readonly datasetId: number;
  readonly dataset: string;
  readonly schedule: SyncSchedule | null;
}

export interface ScheduleCheck {
  readonly due: DueRun | undefined;
  /** The position to save; set if the schedule is new or the clock was set back. */
  readonly moved: SchedulePosition | undefined;
}

/** Every dataset of every organization, scheduled or not. */
export async function listScheduledDatasets(catalog: Catalog): Promise<ScheduledDataset[]> {
  return catalog.read(async (view) => {
    const found: ScheduledDataset[] = [];
    for (const { id, name } of await view.listOrganizations()) {
      for (const dataset of await view.listDatasets(id)) {
        found.push({
          ...{ organizationId: id, organization: name },
          ...{ datasetId: dataset.id, dataset: dataset.name },
          schedule: dataset.definition?.schedule ?? null,
        });
      }
    }
    return found;
  });
}

/** Whether a run of the dataset is due. Never if the dataset has no schedule, or is paused. */
export function checkSchedule(
  { schedule }: ScheduledDataset,
  state: ScheduleState | undefined,
  nowMs: number,
): ScheduleCheck {
  if (schedule === null || state?.pausedBy != null) return { due: undefined, moved: undefined };
  // A schedule that was never seen before begins now.
  const { lastDueMs = null, attempts = 0, retryAtMs = null } = state ?? {};
  const position = { lastDueMs: lastDueMs ?? nowMs, attempts, retryAtMs };
  const settled = settlePosition(schedule, position, nowMs);
  const isMoved = lastDueMs === null || settled !== position;
  return { due: findDueRun(schedule, settled, nowMs), moved: isMoved ? settled : undefined };
}

/** Runs that are approved, whether or not they are carried out. */
export async function listApprovedRuns(
  catalog: Catalog,
  organizationId: number,
): Promise<readonly Run[]> {
  const filter = { states: ['waiting'], limit: maxWaitingRuns } as const;
  const waiting = await catalog.read((view) => view.listRuns(organizationId, filter));
  return waiting.filter(({ approvedBy }) => approvedBy !== null);
}

/** `busy`: another run of the dataset is under way. If it ends well, it takes the place of this. */
export type ApprovedFate = 'due' | 'busy' | 'carried_out';

export async function fateOfApproved(
  catalog: Catalog,
  { id, organizationId, datasetId }: Run,
): Promise<ApprovedFate> {
  const newest = await catalog.read((view) =>
    view.listRuns(organizationId, { datasetId, limit: newestRuns }),
  );
  const isAmong = newest.some((one) => one.id === id);
  if (!isAmong || newest.some(({ approvalOf }) => approvalOf === id)) return 'carried_out';
  return newest.some(({ state }) => state === 'running') ? 'busy' : 'due';
}
