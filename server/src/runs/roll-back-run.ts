/** Rolls back the last run of a dataset, and pauses or resumes its schedule. */
import { authorOf } from '../administration/administration.ts';
import type { RollbackDependencies, RollbackReport } from '../sync/apply/roll-back.ts';
import { pauseSchedule } from '../sync/pause-schedule.ts';
import {
  type RunCaller,
  requireDataset,
  runDependencies,
  type WritingParts,
} from './run-caller.ts';

/**
 * Gives every contact back what it had before the dataset's last run, and pauses the schedule.
 * @throws UsherError `resource_not_found`, also where no run can be rolled back; `scope_missing`,
 *   `run_in_progress`, `storage_full`
 */
export async function rollBackRun(
  caller: RunCaller,
  parts: WritingParts & Pick<RollbackDependencies, 'onProgress'>,
  dataset: string,
): Promise<RollbackReport> {
  await requireDataset(caller, dataset);
  const { rollBackDataset } = await import('../sync/apply/roll-back.ts');
  const { onProgress } = parts;
  return rollBackDataset({ ...runDependencies(caller, parts), onProgress }, dataset);
}

/**
 * A dataset without a schedule cannot be paused.
 * @returns whether the dataset has a schedule
 * @throws UsherError `resource_not_found`, `scope_missing`
 */
export async function setSchedulePaused(
  caller: RunCaller,
  { dataset, isPaused }: { readonly dataset: string; readonly isPaused: boolean },
): Promise<boolean> {
  await requireDataset(caller, dataset);
  const { administration, organizationId } = caller;
  const by = isPaused ? authorOf(administration).actor : null;
  return pauseSchedule(administration.catalog, { organizationId, dataset, by });
}
