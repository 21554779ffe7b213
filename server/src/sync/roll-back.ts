/**
 * Takes the last run of a dataset back: every contact that it changed gets what it had before; of reference rows those count again that did before. That is a run of its own, so that it survives being
 * killed and is seen in the list. The schedule is paused, since the source still says what was taken back.
 */
import { UsherError } from '../domain/errors.ts';
import { maxRowsPerBatch } from '../domain/limits.ts';
import { type DatasetRun, noCounts, type RunDependencies, runDataset } from './dataset-run.ts';
import { takeLookupBack } from './lookup-history.ts';
import { pauseSchedule } from './pause-schedule.ts';

export interface RollbackDependencies extends RunDependencies {
  readonly dataFolder: string;
  readonly onProgress: (contactsDone: number, contactsTotal: number) => void;
}

export interface RollbackReport {
  readonly runId: string;
  readonly undoneRunId: string;
  /** Contacts, or reference rows, that have again what they had. */
  readonly restored: number;
  /** Those that the run had made. */
  readonly removed: number;
  /** What they are. */
  readonly unit: 'contacts' | 'rows';
  readonly isPaused: boolean;
}

/** @throws UsherError `resource_not_found`: no such dataset, or no run that can be taken back; `run_in_progress`, `storage_full` */
export async function rollBackDataset(
  dependencies: RollbackDependencies,
  dataset: string,
): Promise<RollbackReport> {
  const { catalog, organizationId, author } = dependencies;
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
  const isLookup = record.definition?.kind === 'lookup';
  return runDataset(dependencies, about, async (run) => {
    let isPaused = false;
    // Before anything is taken back, since a scheduled run would bring it in again, and not before it is sure that something will be: a rollback
    // that is refused leaves the schedule as it was.
    const pause = async () => {
      const by = author().actor;
      isPaused = await pauseSchedule(catalog, { organizationId, dataset, by });
    };
    const taking = { ...dependencies, pause };
    const taken = await (isLookup ? takeRowsBack : takeContactsBack)(taking, run);
    if (taken === undefined) throw nothingToUndo(dataset);
    await run.writer.flush();
    const { undoneRunId, restored, removed } = taken;
    const verdict = { runId: undoneRunId, verdict: 'rolled_back' } as const;
    await catalog.decideRun(author(), organizationId, verdict);
    const counts = { ...noCounts, changed: restored, cleared: removed };
    const unit = isLookup ? 'rows' : 'contacts';
    const result = { runId: run.id, ...taken, unit, isPaused } as const;
    return { state: 'succeeded', counts, result };
  });
}

interface Taking extends RollbackDependencies {
  /** To be called before anything is taken back. */
  readonly pause: () => Promise<void>;
}

/** `undefined`: no run can be. */
type Taken = Pick<RollbackReport, 'undoneRunId' | 'restored' | 'removed'> | undefined;

async function takeContactsBack(
  { interrupted, onProgress, pause }: Taking,
  { reader, writer, lease }: DatasetRun,
): Promise<Taken> {
  const [newest] = await reader.listUndo(lease.organizationId, lease.datasetId);
  if (newest === undefined) return undefined;
  await pause();
  const { runId, sourceVersion, contacts } = newest;
  let restored = 0;
  let removed = 0;
  for (;;) {
    const batch = await writer.undoBatch(lease, { sourceVersion }, maxRowsPerBatch);
    restored += batch.restored;
    removed += batch.removed;
    onProgress(restored + removed, contacts);
    if (batch.isDone) return { undoneRunId: runId, restored, removed };
    interrupted.throwIfAborted();
  }
}

async function takeRowsBack({ dataFolder, pause }: Taking, run: DatasetRun): Promise<Taken> {
  const { organizationId, datasetId } = run.lease;
  const step = await takeLookupBack(run, { dataFolder, organizationId, datasetId }, pause);
  if (step === undefined) return undefined;
  return { undoneRunId: step.runId, restored: step.restores, removed: step.removes };
}

function nothingToUndo(dataset: string): UsherError {
  return new UsherError(
    'resource_not_found',
    `No run of ${dataset} can be taken back: what the last three runs changed is kept for seven days.`,
  );
}
