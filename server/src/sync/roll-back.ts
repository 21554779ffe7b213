/**
 * Takes the last run of a dataset back: every contact that it changed gets what it had before. That is a run of its own, so that it survives being
 * killed and is seen in the list. The schedule is paused, since the source still says what was taken back.
 */
import { UsherError } from '../domain/errors.ts';
import { maxRowsPerBatch } from '../domain/limits.ts';
import { noCounts, type RunDependencies, runDataset } from './dataset-run.ts';
import { pauseSchedule } from './pause-schedule.ts';

export interface RollbackDependencies extends RunDependencies {
  readonly onProgress: (contactsDone: number, contactsTotal: number) => void;
}

export interface RollbackReport {
  readonly runId: string;
  readonly undoneRunId: string;
  /** Contacts that have again what they had. */
  readonly restored: number;
  /** Contacts that the run had made. */
  readonly removed: number;
  readonly isPaused: boolean;
}

/** @throws UsherError `resource_not_found`: no such dataset, or no run that can be taken back; `run_in_progress`, `storage_full` */
export async function rollBackDataset(
  dependencies: RollbackDependencies,
  dataset: string,
): Promise<RollbackReport> {
  const { catalog, organizationId, author, interrupted, onProgress } = dependencies;
  const record = await catalog.read((view) => view.findDataset(organizationId, dataset));
  if (record === undefined) {
    throw new UsherError('resource_not_found', `There is no dataset ${dataset}.`);
  }
  const about = {
    datasetId: record.id,
    kind: 'rollback',
    trigger: 'command',
    definitionVersion: record.definitionVersion,
    approvalOf: null,
  } as const;
  return runDataset(dependencies, about, async (run) => {
    const [newest] = await run.reader.listUndo(organizationId, record.id);
    if (newest === undefined) throw nothingToUndo(dataset);
    // Before anything is taken back, since a scheduled run would bring it in again, and not before it is sure that something will be: a rollback
    // that is refused leaves the schedule as it was.
    const isPaused = await pauseSchedule(catalog, { organizationId, dataset, by: author().actor });
    const { sourceVersion, contacts } = newest;
    let restored = 0;
    let removed = 0;
    for (;;) {
      const batch = await run.writer.undoBatch(run.lease, { sourceVersion }, maxRowsPerBatch);
      restored += batch.restored;
      removed += batch.removed;
      onProgress(restored + removed, contacts);
      if (batch.isDone) break;
      interrupted.throwIfAborted();
    }
    await run.writer.flush();
    const verdict = { runId: newest.runId, verdict: 'rolled_back' } as const;
    await catalog.decideRun(author(), organizationId, verdict);
    const counts = { ...noCounts, changed: restored, cleared: removed };
    const result = { runId: run.id, undoneRunId: newest.runId, restored, removed, isPaused };
    return { state: 'succeeded', counts, result };
  });
}

function nothingToUndo(dataset: string): UsherError {
  return new UsherError(
    'resource_not_found',
    `No run of ${dataset} can be taken back: what the last three runs changed is kept for seven days.`,
  );
}
