/** Rolls back the last run of a dataset, and pauses its schedule. */
import { authorOf } from '../administration/administration.ts';
import { UsherError } from '../domain/errors.ts';
import type { RollbackDependencies, RollbackReport } from '../sync/apply/roll-back.ts';
import type { OpenDependencies } from '../sync/dataset-run.ts';
import { pauseSchedule } from '../sync/pause-schedule.ts';
import { readRun } from './read-runs.ts';
import {
  type RunCaller,
  requireDataset,
  runDependencies,
  type WritingParts,
} from './run-caller.ts';
import type { RunView } from './view-run.ts';

/**
 * Rolls back the dataset's last run, and pauses the schedule.
 * @throws `resource_not_found` (also if no run can be rolled back), `scope_missing`,
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

/** The open store of a server, and the signal that ends its work. */
interface ServerParts
  extends Pick<WritingParts, 'dataFolder' | 'interrupted'>,
    Pick<OpenDependencies, 'reader' | 'writer'> {}

/** A run that broke off may have written rows before. It keeps its state. */
const writingStates: ReadonlySet<string> = new Set(['succeeded', 'failed', 'interrupted']);

/**
 * Rolls back a run, which must be the last of its dataset. A second call changes nothing.
 * @throws `resource_not_found`, `scope_missing`, `revision_conflict` for a run that is not the last
 *   or wrote nothing, `run_in_progress`, `storage_full`
 */
export async function rollBackLastRun(
  caller: RunCaller,
  parts: ServerParts,
  runId: string,
): Promise<RunView> {
  const run = await readRun(caller, runId, 'admin:write');
  if (run.state === 'rolled_back') return run;
  if (!writingStates.has(run.state)) {
    throw new UsherError(
      'revision_conflict',
      `This run cannot be rolled back: its state is ${run.state}. ` +
        'Only a run that wrote something can be rolled back.',
    );
  }
  const { rollBackOpened } = await import('../sync/apply/roll-back.ts');
  const { reader, writer } = parts;
  const open = { openReader: async () => reader, openWriter: async () => writer };
  const dependencies = runDependencies(caller, { ...parts, ...open });
  const store = { ...dependencies, reader, writer, onProgress: () => undefined };
  await rollBackOpened(store, { dataset: run.dataset, runId, trigger: 'api' });
  return readRun(caller, runId, 'admin:write');
}

/**
 * @returns whether the dataset has a schedule
 * @throws `resource_not_found`, `scope_missing`
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
