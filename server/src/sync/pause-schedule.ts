/** Holds a dataset's schedule, or lets it go on. What was due meanwhile is made up for by one run. */
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
  await catalog.putScheduleState({ organizationId, datasetId: record.id, pausedBy: by });
  return record.definition?.schedule !== null && record.definition?.schedule !== undefined;
}
