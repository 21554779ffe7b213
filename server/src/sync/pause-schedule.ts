/**
 * Pauses a dataset's schedule, or resumes it. One run makes up for all times that were due
 * meanwhile. A dataset without a schedule cannot be paused: a schedule that it gets later must run.
 */
import type { Catalog } from '../catalog/catalog.ts';
import { UsherError } from '../domain/errors.ts';

export interface SchedulePause {
  readonly organizationId: number;
  readonly dataset: string;
  /** Who holds it, as the audit log names actors; `null` lets it go on. */
  readonly by: string | null;
}

/** @returns whether the dataset has a schedule @throws UsherError `resource_not_found` */
export async function pauseSchedule(
  catalog: Catalog,
  { organizationId, dataset, by }: SchedulePause,
): Promise<boolean> {
  const record = await catalog.read((view) => view.findDataset(organizationId, dataset));
  if (record === undefined) {
    throw new UsherError('resource_not_found', `There is no dataset ${dataset}.`);
  }
  const hasSchedule = record.definition?.schedule != null;
  if (hasSchedule || by === null) {
    await catalog.putScheduleState({ organizationId, datasetId: record.id, pausedBy: by });
  }
  return hasSchedule;
}
