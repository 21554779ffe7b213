/** What the subcommands of `usher sync` do, in words for people and as JSON for machines. */
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { Run, RunTrigger } from '../../catalog/catalog.ts';
import {
  composeDefinedSource,
  composeReader,
  composeSecrets,
  composeWriter,
} from '../../compose.ts';
import { dataFiles } from '../../domain/data-files.ts';
import { decideRun } from '../../runs/decide-run.ts';
import { findOneRun } from '../../runs/find-run.ts';
import { rollBackRun, setSchedulePaused } from '../../runs/roll-back-run.ts';
import type { RunCaller, RunParts, WritingParts } from '../../runs/run-caller.ts';
import { carryOutRun, startRun, tryRun } from '../../runs/start-run.ts';
import type { SyncReport } from '../../sync/run-sync.ts';
import type { CommandSession } from '../command-frame.ts';
import { exitCodeOfApplied, exitCodes, InterruptedError } from '../exit-code.ts';
import { catalogVisibleMs } from '../limits.ts';
import { ProgressReport } from '../terminal/progress-report.ts';
import { keepNewObjectsFew, letServersGoFirst } from '../walk-files.ts';
import { withOrganization } from '../with-administration.ts';
import { rollbackWords, syncData, syncWords, trialData, trialWords } from './sync-words.ts';

interface RunOptions {
  readonly dryRun?: boolean;
  readonly full?: boolean;
  readonly trigger: RunTrigger;
  readonly approval?: string;
}

/** @returns 1 for a run that waits for approval, 4 for one that rejected rows */
export async function runSyncCommand(
  session: CommandSession,
  dataset: string,
  { dryRun, full: isFull = false, trigger, approval }: RunOptions,
): Promise<number> {
  return asCaller(session, async (caller) => {
    if (dryRun === true) {
      const trial = await withParts(session, (parts) => tryRun(caller, parts, { dataset, isFull }));
      session.output.data(trialData(trial), () => trialWords(trial));
      return exitCodes.done;
    }
    const request = { dataset, trigger, isFull, approval };
    return reportSync(session, (parts) => startRun(caller, parts, request));
  });
}

export async function approveRun(session: CommandSession, reference: string): Promise<number> {
  return asCaller(session, (caller) =>
    reportSync(session, (parts) => carryOutRun(caller, parts, reference)),
  );
}

export async function rejectRun(session: CommandSession, reference: string): Promise<void> {
  await asCaller(session, async (caller) => {
    const { id }: Run = await findOneRun(caller, reference);
    await decideRun(caller, { runId: id, verdict: 'rejected' });
    const data = { run_id: id, state: 'rejected' };
    session.output.data(data, () => `Rejected the run ${id}. None of its changes were applied.`);
  });
}

export async function rollBack(session: CommandSession, dataset: string): Promise<void> {
  await asCaller(session, async (caller) => {
    const progress = new ProgressReport(session.io, session.quiet);
    const parts = {
      ...writingParts(session),
      onProgress: (done: number, total: number) =>
        progress.update({ phase: 'restoring', done, total, unit: 'rows' }),
    };
    const report = await rollBackRun(caller, parts, dataset).finally(() => progress.end());
    const data = {
      run_id: report.runId,
      dataset,
      rolled_back: report.rolledBackRunId,
      restored: report.restored,
      removed: report.removed,
      schedule_paused: report.isPaused,
    };
    session.output.data(data, () => rollbackWords(dataset, report, session.suggest.next));
  });
}

export async function setPaused(
  session: CommandSession,
  dataset: string,
  isPaused: boolean,
): Promise<void> {
  const { next } = session.suggest;
  await asCaller(session, async (caller) => {
    const hasSchedule = await setSchedulePaused(caller, { dataset, isPaused });
    const data = { dataset, paused: isPaused && hasSchedule, has_schedule: hasSchedule };
    session.output.data(data, () => {
      if (!hasSchedule) {
        return (
          `The dataset ${dataset} has no schedule, so there is nothing to pause or resume. ` +
          `Give it one in the catalog file: ${next('apply', '-f', 'usher.yaml')}`
        );
      }
      if (!isPaused) return `Resumed the schedule of ${dataset}.`;
      return `Paused the schedule of ${dataset}. To resume it: ${next('sync', 'resume', dataset)}`;
    });
  });
}

async function reportSync(
  session: CommandSession,
  run: (parts: RunParts) => Promise<SyncReport>,
): Promise<number> {
  const report = await withParts(session, run).catch((error: unknown) => {
    if (!session.io.interrupted.aborted) throw error;
    throw new InterruptedError(
      'interrupted. What was applied stays. The next sync applies the rest.',
    );
  });
  // The next call to a running server must see what this command says was done.
  await setTimeout(catalogVisibleMs);
  const { next } = session.suggest;
  session.output.data(syncData(report, next), () => syncWords(report, next));
  return report.state === 'waiting' ? exitCodes.failed : exitCodeOfApplied(report);
}

async function withParts<Result>(
  session: CommandSession,
  run: (parts: RunParts) => Promise<Result>,
): Promise<Result> {
  letServersGoFirst();
  keepNewObjectsFew();
  const progress = new ProgressReport(session.io, session.quiet);
  return run(runParts(session, progress)).finally(() => progress.end());
}

export function writingParts({ settings, io }: CommandSession): WritingParts {
  return {
    dataFolder: settings.dataFolder,
    openWriter: () => composeWriter(settings),
    openReader: () => composeReader(settings),
    interrupted: io.interrupted,
  };
}

export function runParts(session: CommandSession, progress: ProgressReport): RunParts {
  const { settings, io, output } = session;
  const { dataFolder, sourceAddresses } = settings;
  return {
    ...writingParts(session),
    onNotes: (notes) => {
      progress.end();
      for (const note of notes) output.message(`note: ${note}`);
    },
    onProgress: ({ phase, done, total }) => {
      const unit = phase === 'fetching' || phase === 'reading' ? 'bytes' : 'rows';
      progress.update({ phase, done, total, unit });
    },
    sourcesIn: (folder) => async (definition, options) =>
      composeDefinedSource(
        definition,
        {
          folder,
          allowedFolders: [dataFiles.baselines, dataFiles.references].map((name) =>
            join(dataFolder, name),
          ),
          threads: io.machine.cores,
        },
        {
          ...options,
          secrets: await composeSecrets(io.environment),
          allowedAddresses: sourceAddresses,
          interrupted: io.interrupted,
        },
      ),
  };
}

function asCaller<Result>(
  session: CommandSession,
  work: (caller: RunCaller) => Promise<Result>,
): Promise<Result> {
  return withOrganization(session, (administration, organizationId) =>
    work({ administration, organizationId }),
  );
}
