/**
 * Pauses or resumes a dataset's schedule. After a pause, one run makes up for all missed times. A
 * dataset without a schedule cannot be paused: a schedule that it gets later must run.
 */
import type { Catalog } from '../catalog/catalog.ts';
import { UsherError } from '../domain/errors.ts';

export interface SchedulePause {
  readonly organizationId: number;
  readonly dataset: string;
  /** The actor who pauses it, as in the audit log; `null`: resume it. */
  readonly by: string | null;
}

/**
 * @returns whether the dataset has a schedule
 * @throws UsherError `resource_not_found`
 */
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
