/**
 * Rolls back a dataset's last run. A rollback is a run of its own, so that it survives a kill and
 * is listed. It pauses the schedule, since the source still has the bad rows.
 */
import type { RunTrigger } from '../../catalog/catalog.ts';
import { UsherError } from '../../domain/errors.ts';
import { maxRowsPerBatch } from '../../domain/limits.ts';
import { keeping } from '../../stores/kept-words.ts';
import type { RollbackRun } from '../../stores/run-lease.ts';
import {
  commandRun,
  type DatasetRun,
  holdDataset,
  noCounts,
  type OpenDependencies,
  type RunDependencies,
  withOpenStore,
} from '../dataset-run.ts';
import { pauseSchedule } from '../pause-schedule.ts';
import { findReferenceStep, rollBackReference } from '../reference/reference-history.ts';

export interface RollbackDependencies extends RunDependencies {
  readonly dataFolder: string;
  readonly onProgress: (contactsDone: number, contactsTotal: number) => void;
}

export interface RollbackReport {
  readonly runId: string;
  readonly rolledBackRunId: string;
  /** Contacts, or reference rows, that have their old values again. */
  readonly restored: number;
  /** Contacts, or reference rows, that the run had made. */
  readonly removed: number;
  readonly unit: 'contacts' | 'rows';
  readonly isPaused: boolean;
}

/** @throws UsherError `resource_not_found` (dataset or run), `run_in_progress`, `storage_full` */
export async function rollBackDataset(
  dependencies: RollbackDependencies,
  dataset: string,
): Promise<RollbackReport> {
  return withOpenStore(dependencies, (open) =>
    rollBackOpened(open, { dataset, trigger: 'command' }),
  );
}

/**
 * Rolls back with a store that is already open.
 * @throws UsherError as `rollBackDataset`; `revision_conflict` if `runId` is not the last run
 */
export async function rollBackOpened(
  dependencies: OpenDependencies & RollbackDependencies,
  request: { readonly dataset: string; readonly runId?: string; readonly trigger: RunTrigger },
): Promise<RollbackReport> {
  const { catalog, organizationId, author } = dependencies;
  const { dataset, runId, trigger } = request;
  const record = await catalog.read((view) => view.findDataset(organizationId, dataset));
  if (record === undefined) {
    throw new UsherError('resource_not_found', `There is no dataset ${dataset}.`);
  }
  const isReference = record.definition?.kind === 'reference';
  const find = isReference ? findRowsStep(dependencies) : findContactsStep(dependencies);
  let step: RollbackStep | undefined;
  const refusal = async (run: DatasetRun) => {
    step = await find(run);
    if (step === undefined) return nothingToRollback(dataset);
    return runId === undefined || runId === step.rolledBackRunId ? undefined : notTheLast(step);
  };
  const about = { ...commandRun(record, 'rollback'), trigger };
  return holdDataset({ ...dependencies, refusal }, about, async (run) => {
    if (step === undefined) throw nothingToRollback(dataset);
    // The schedule is paused first, since a scheduled run would bring the rows in again.
    const by = author().actor;
    const isPaused = await pauseSchedule(catalog, { organizationId, dataset, by });
    const { restored, removed } = await keeping(rolledBackStays, step.take);
    await run.writer.flush();
    const verdict = { runId: step.rolledBackRunId, verdict: 'rolled_back' } as const;
    await catalog.decideRun(author(), organizationId, verdict);
    const counts = { ...noCounts, changed: restored, cleared: removed };
    const unit = isReference ? 'rows' : 'contacts';
    const { rolledBackRunId } = step;
    const result = { runId: run.id, rolledBackRunId, restored, removed, unit, isPaused } as const;
    return { state: 'succeeded', counts, result };
  });
}

const rolledBackStays =
  'What was rolled back stays rolled back, and the same command or request goes on.';

/** A run that can be rolled back, and how. */
interface RollbackStep {
  readonly rolledBackRunId: string;
  readonly take: () => Promise<Pick<RollbackReport, 'restored' | 'removed'>>;
}

type FindStep = (run: DatasetRun) => Promise<RollbackStep | undefined>;

function findContactsStep({ interrupted, onProgress }: RollbackDependencies): FindStep {
  return async ({ reader, writer, lease }) => {
    const runs = await reader.listRollbackRuns(lease.organizationId, lease.datasetId);
    const newest = runs.find(({ changedNothing }) => !changedNothing);
    if (newest === undefined) return undefined;
    const attempts = attemptsOf(runs, newest);
    const contacts = attempts.reduce((sum, it) => sum + it.contacts, 0);
    const take = async () => {
      let restored = 0;
      let removed = 0;
      for (const { sourceVersion } of attempts) {
        for (let isDone = false; !isDone; ) {
          interrupted.throwIfAborted();
          const batch = await writer.rollBackBatch(lease, { sourceVersion }, maxRowsPerBatch);
          restored += batch.restored;
          removed += batch.removed;
          isDone = batch.isDone;
          onProgress(restored + removed, contacts);
        }
      }
      return { restored, removed };
    };
    const { runId } = newest;
    return { rolledBackRunId: runId, take };
  };
}

/**
 * The attempts of the run, newest first: one that was killed has written rows, too. Before them
 * come later runs in which rows only got another age.
 */
function attemptsOf(runs: readonly RollbackRun[], run: RollbackRun): RollbackRun[] {
  const place = runs.indexOf(run);
  const isOfRun = (it: RollbackRun) => it.version !== null && it.version === run.version;
  const other = runs.findIndex((it, at) => at > place && !isOfRun(it));
  return runs.slice(0, other < 0 ? runs.length : other);
}

function findRowsStep({ dataFolder }: RollbackDependencies): FindStep {
  return async (run) => {
    const { organizationId, datasetId } = run.lease;
    const step = await findReferenceStep(run, { dataFolder, organizationId, datasetId });
    if (step === undefined) return undefined;
    const take = async () => {
      await rollBackReference(run, step);
      return { restored: step.restores, removed: step.removes };
    };
    return { rolledBackRunId: step.runId, take };
  };
}

function notTheLast({ rolledBackRunId }: RollbackStep): UsherError {
  return new UsherError(
    'revision_conflict',
    `Only the last run of a dataset that changed anything can be rolled back. That is ${rolledBackRunId}.`,
  );
}

function nothingToRollback(dataset: string): UsherError {
  return new UsherError(
    'resource_not_found',
    `No run of ${dataset} can be rolled back. Only the last three runs that changed anything can be, and only for seven days.`,
  );
}
