/**
 * What `usher sync` does to datasets: runs them, decides on runs that wait, takes runs back, holds
 * schedules.
 */
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { setPriority, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { type Administration, authorOf } from '../administration/administration.ts';
import type { Run, RunTrigger } from '../catalog/catalog.ts';
import { composeDefinedSource, composeReader, composeSecrets, composeWriter } from '../compose.ts';
import { dataFiles } from '../domain/data-files.ts';
import { UsherError } from '../domain/errors.ts';
import { findOneRun } from '../runs/find-run.ts';
import { decideRun } from '../runs/read-runs.ts';
import { prepareWorkFolder } from '../runs/work-folder.ts';
import type { PullDependencies } from '../sync/pulled-source.ts';
import type { SyncDependencies, SyncReport } from '../sync/run-sync.ts';
import type { CommandSession } from './command-frame.ts';
import { exitCodeOfApplied, exitCodes, InterruptedError } from './exit-code.ts';
import { catalogVisibleMs } from './limits.ts';
import { ProgressReport } from './progress-report.ts';
import { rollbackWords, syncData, syncWords, trialData, trialWords } from './sync-words.ts';
import { withOrganization } from './with-administration.ts';

interface PlaceOptions {
  readonly organization: string;
}

interface RunOptions extends PlaceOptions {
  readonly dryRun?: boolean;
  readonly full?: boolean;
  readonly trigger: RunTrigger;
  readonly approval?: string;
}

/** A server beside it comes first. */
const lowPriority = 10;

/** @returns 1 for a run that waits for approval, 4 for one that rejected rows */
export async function runSyncCommand(
  session: CommandSession,
  options: RunOptions,
  dataset = '',
): Promise<number> {
  return withPlace(session, options, async (administration, organizationId) => {
    if (options.dryRun === true) {
      await tryDataset({ session, administration, organizationId }, dataset, options);
      return exitCodes.done;
    }
    const approved =
      options.approval === undefined
        ? null
        : await findOneRun(administration.catalog, organizationId, options.approval);
    const place = { session, administration, organizationId };
    return syncDataset(place, { dataset, approved, ...options });
  });
}

/** Approves, and carries it out at once. */
export async function approveRun(
  session: CommandSession,
  options: PlaceOptions,
  reference = '',
): Promise<number> {
  return withPlace(session, options, async (administration, organizationId) => {
    const { catalog } = administration;
    const run = await findOneRun(catalog, organizationId, reference);
    if (run.approvedBy === null) {
      await decideRun(administration, organizationId, { runId: run.id, verdict: 'approved' });
    }
    const approved = await findOneRun(catalog, organizationId, run.id);
    const dataset = await datasetName(administration, run);
    const place = { session, administration, organizationId };
    return syncDataset(place, { dataset, approved, trigger: 'approval' });
  });
}

export async function rejectRun(
  session: CommandSession,
  options: PlaceOptions,
  reference = '',
): Promise<void> {
  await withPlace(session, options, async (administration, organizationId) => {
    const run = await findOneRun(administration.catalog, organizationId, reference);
    await decideRun(administration, organizationId, { runId: run.id, verdict: 'rejected' });
    const data = { run_id: run.id, state: 'rejected' };
    session.output.data(data, () => `The run ${run.id} is rejected; nothing of it was applied.`);
  });
}

export async function rollBack(
  session: CommandSession,
  options: PlaceOptions,
  dataset = '',
): Promise<void> {
  const { rollBackDataset } = await import('../sync/apply/roll-back.ts');
  await withPlace(session, options, async (administration, organizationId) => {
    const progress = new ProgressReport(session.io, session.quiet);
    const report = await rollBackDataset(
      {
        ...runDependencies(session, administration, organizationId),
        dataFolder: session.settings.dataFolder,
        onProgress: (done, total) =>
          progress.update({ phase: 'restoring', done, total, unit: 'rows' }),
      },
      dataset,
    ).finally(() => progress.end());
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
  options: PlaceOptions,
  change: { readonly dataset: string; readonly isPaused: boolean },
): Promise<void> {
  const { dataset, isPaused } = change;
  const { pauseSchedule } = await import('../sync/pause-schedule.ts');
  const { next } = session.suggest;
  await withPlace(session, options, async (administration, organizationId) => {
    const { actor } = authorOf(administration);
    const by = isPaused ? actor : null;
    const hasSchedule = await pauseSchedule(administration.catalog, {
      ...{ organizationId, dataset, by },
    });
    const data = { dataset, paused: isPaused && hasSchedule, has_schedule: hasSchedule };
    session.output.data(data, () => {
      if (!hasSchedule) return noScheduleWords(dataset, next('apply', '-f', 'usher.yaml'));
      if (!isPaused) return `The schedule of ${dataset} goes on.`;
      return `The schedule of ${dataset} is paused. To resume it: ${next('sync', 'resume', dataset)}`;
    });
  });
}

function noScheduleWords(dataset: string, applyCommand: string): string {
  return (
    `The dataset ${dataset} has no schedule, so there is nothing to pause or resume. ` +
    `Give it one in the catalog file: ${applyCommand}`
  );
}

interface Place {
  readonly session: CommandSession;
  readonly administration: Administration;
  readonly organizationId: number;
}

async function syncDataset(
  { session, administration, organizationId }: Place,
  request: {
    readonly dataset: string;
    readonly approved: Run | null;
    readonly trigger: RunTrigger;
    readonly full?: boolean;
  },
): Promise<number> {
  const { runSync } = await import('../sync/run-sync.ts');
  setPriority(lowPriority);
  const folder = await prepareWorkFolder(session.settings.dataFolder);
  const progress = new ProgressReport(session.io, session.quiet);
  const dependencies: SyncDependencies = {
    ...runDependencies(session, administration, organizationId),
    ...pullDependencies(session, { folder, progress }),
  };
  let report: SyncReport;
  try {
    report = await runSync(dependencies, { ...request, isFull: request.full === true });
  } catch (error) {
    if (!session.io.interrupted.aborted) throw error;
    throw new InterruptedError(
      'interrupted: what was applied stays, the next sync brings in the rest.',
    );
  } finally {
    progress.end();
  }
  // What is said to be done is seen by whoever asks a running server next.
  await setTimeout(catalogVisibleMs);
  const { next } = session.suggest;
  session.output.data(syncData(report, next), () => syncWords(report, next));
  return report.state === 'waiting' ? exitCodes.failed : exitCodeOfApplied(report);
}

async function tryDataset(
  { session, administration, organizationId }: Place,
  dataset: string,
  options: RunOptions,
): Promise<void> {
  const { trySync } = await import('../sync/run-sync.ts');
  setPriority(lowPriority);
  const { settings } = session;
  if (!existsSync(join(settings.dataFolder, dataFiles.contacts))) {
    // Reading it needs it to be there; an empty one says the same as none.
    await (await composeWriter(settings)).close();
  }
  const reader = await composeReader(settings);
  const folder = await mkdtemp(join(tmpdir(), 'usher-sync-'));
  const progress = new ProgressReport(session.io, session.quiet);
  try {
    const trial = await trySync(
      {
        catalog: administration.catalog,
        organizationId,
        ...pullDependencies(session, { folder: join(folder, 'work'), progress }),
      },
      { dataset, isFull: options.full === true },
      reader,
    );
    progress.end();
    session.output.data(trialData(trial), () => trialWords(trial));
  } finally {
    progress.end();
    await reader.close();
    await rm(folder, { recursive: true, force: true });
  }
}

export function runDependencies(
  { settings, io }: CommandSession,
  administration: Administration,
  organizationId: number,
) {
  return {
    catalog: administration.catalog,
    organizationId,
    openWriter: () => composeWriter(settings),
    openReader: () => composeReader(settings),
    author: () => authorOf(administration),
    interrupted: io.interrupted,
  };
}

export function pullDependencies(
  { settings, io, output }: CommandSession,
  place: { readonly folder: string; readonly progress: ProgressReport },
): Omit<PullDependencies, 'catalog' | 'organizationId'> {
  const { folder, progress } = place;
  const { dataFolder, sourceAddresses } = settings;
  return {
    dataFolder,
    interrupted: io.interrupted,
    onNotes: (notes) => {
      progress.end();
      for (const note of notes) output.message(`note: ${note}`);
    },
    onProgress: ({ phase, done, total }) => {
      const unit = phase === 'fetching' || phase === 'reading' ? 'bytes' : 'rows';
      progress.update({ phase, done, total, unit });
    },
    openSource: async (definition, options) =>
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

function withPlace<T>(
  session: CommandSession,
  { organization }: PlaceOptions,
  work: (administration: Administration, organizationId: number) => Promise<T>,
): Promise<T> {
  return withOrganization(session, { name: organization, make: false }, work);
}

async function datasetName({ catalog }: Administration, run: Run): Promise<string> {
  const datasets = await catalog.read((view) => view.listDatasets(run.organizationId));
  const found = datasets.find(({ id }) => id === run.datasetId);
  if (found !== undefined) return found.name;
  throw new UsherError('resource_not_found', 'The dataset of this run is gone.');
}
