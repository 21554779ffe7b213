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
  const { record, state } = await catalog.read(async (view) => {
    const found = await view.findDataset(organizationId, dataset);
    const states = await view.listScheduleStates();
    const known = states.find(
      (one) => one.organizationId === organizationId && one.datasetId === found?.id,
    );
    return { record: found, state: known };
  });
  if (record === undefined) {
    throw new UsherError('resource_not_found', `There is no dataset ${dataset}.`);
  }
  const fresh = {
    ...{ organizationId, datasetId: record.id },
    ...{ lastDueMs: null, attempts: 0, retryAtMs: null },
  };
  await catalog.putScheduleState({ ...fresh, ...state, pausedBy: by });
  return record.definition?.schedule !== null && record.definition?.schedule !== undefined;
}
