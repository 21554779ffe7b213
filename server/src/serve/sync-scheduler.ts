/**
 * Runs due syncs and approved runs, a few at a time, and ends runs whose process has died.
 * `sync/sync-schedule.ts` decides what is due. The catalog keeps the state of each schedule, so a
 * server that was down catches up.
 */
import type { Run } from '../catalog/catalog.ts';
import type { Log } from '../observe/log.ts';
import { DeadRuns, type DeadRunsOptions } from '../runs/end-dead-runs.ts';
import {
  checkSchedule,
  fateOfApproved,
  listApprovedRuns,
  listScheduledDatasets,
  type ScheduledDataset,
} from '../runs/list-due-runs.ts';
import { type StartedSync, type SyncCall, type SyncEnd, startSync } from '../runs/sync-process.ts';
import { afterFailure, type DueRun, type SchedulePosition } from '../sync/sync-schedule.ts';
import { approvalGraceMs, maxScheduledSyncs, scheduleCheckMs } from './limits.ts';

export interface SchedulerOptions extends DeadRunsOptions {
  readonly dataFolder: string;
  readonly log: Log;
}

interface RunningSync {
  readonly sync: StartedSync;
  /** Resolves when the end of the sync is stored. */
  readonly noted: Promise<void>;
}

export class SyncScheduler {
  readonly #options: SchedulerOptions;
  readonly #deadRuns: DeadRuns;
  readonly #running = new Map<string, RunningSync>();
  /** When a run was first seen approved and not carried out. */
  readonly #approvedSince = new Map<string, number>();
  /** Approved runs that need no second look. */
  readonly #carriedOut = new Set<string>();
  /** Approved runs that were tried: a schedule no longer waits for them. */
  readonly #tried = new Set<string>();
  /** Datasets whose schedule lets an approved run go first. */
  #reserved: ReadonlySet<string> = new Set();
  #datasets: readonly ScheduledDataset[] = [];
  #revision = 0;
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> = Promise.resolve();
  #isClosing = false;

  constructor(options: SchedulerOptions) {
    this.#options = options;
    this.#deadRuns = new DeadRuns(options);
  }

  start(): void {
    this.#timer = setInterval(() => {
      // One check at a time, however long the catalog takes.
      this.#looking = this.#looking.then(() => this.#look());
    }, scheduleCheckMs);
  }

  /** Stops running syncs cleanly. The next server does what was left. No sync starts after this. */
  async close(): Promise<void> {
    this.#isClosing = true;
    clearInterval(this.#timer);
    await this.#looking;
    const running = [...this.#running.values()];
    await Promise.all(running.map(({ sync }) => sync.stop()));
    await Promise.all(running.map(({ noted }) => noted));
  }

  async #look(): Promise<void> {
    if (this.#isClosing) return;
    try {
      await this.#loadDatasets();
      await this.#endDead();
      await this.#startApproved();
      await this.#startDue();
    } catch (error) {
      this.#options.log.error({ error }, 'the schedules of syncs could not be checked');
    }
  }

  async #loadDatasets(): Promise<void> {
    const { catalog } = this.#options;
    const revision = await catalog.readRevision();
    if (revision === this.#revision) return;
    this.#datasets = await listScheduledDatasets(catalog);
    this.#revision = revision;
  }

  async #endDead(): Promise<void> {
    for (const { id, organizationId, datasetId } of await this.#deadRuns.end(this.#organizations)) {
      const about = { run: id, organizationId, datasetId };
      this.#options.log.warn(about, 'the process of a run has died: the run is interrupted');
    }
  }

  get #organizations(): ReadonlySet<number> {
    return new Set(this.#datasets.map((it) => it.organizationId));
  }

  async #startDue(): Promise<void> {
    const { catalog, clock } = this.#options;
    const states = await catalog.read((view) => view.listScheduleStates());
    const byKey = new Map(states.map((state) => [keyOf(state), state]));
    for (const dataset of this.#datasets) {
      const key = keyOf(dataset);
      if (this.#running.has(key) || this.#reserved.has(key)) continue;
      const { due, moved } = checkSchedule(dataset, byKey.get(key), clock());
      if (due === undefined) {
        if (moved !== undefined) await this.#keep(dataset, moved);
        continue;
      }
      if (this.#isClosing || this.#running.size >= maxScheduledSyncs) return;
      await this.#startScheduled(dataset, due);
    }
  }

  async #startScheduled(dataset: ScheduledDataset, due: DueRun): Promise<void> {
    const { clock } = this.#options;
    // Recorded as a failure in advance, so that the next server retries if this one dies meanwhile.
    await this.#keep(dataset, afterFailure(due.position, clock()));
    this.#begin(dataset, { trigger: due.trigger, approval: null }, async ({ outcome }) => {
      const nowMs = clock();
      if (outcome === 'failed') await this.#keep(dataset, afterFailure(due.position, nowMs));
      else if (outcome === 'interrupted') {
        await this.#keep(dataset, { ...due.position, retryAtMs: nowMs });
      } else await this.#keep(dataset, { ...due.position, attempts: 0, retryAtMs: null });
    });
  }

  /** Carries out runs approved over HTTP. A command that approves carries out its run itself. */
  async #startApproved(): Promise<void> {
    const { catalog, clock } = this.#options;
    const reserved = new Set<string>();
    for (const organizationId of this.#organizations) {
      for (const run of await listApprovedRuns(catalog, organizationId)) {
        if (this.#carriedOut.has(run.id)) continue;
        const fate = await fateOfApproved(catalog, run);
        if (fate === 'carried_out') this.#carriedOut.add(run.id);
        if (fate !== 'due') continue;
        const since = this.#approvedSince.get(run.id) ?? clock();
        this.#approvedSince.set(run.id, since);
        if (!this.#tried.has(run.id)) reserved.add(keyOf(run));
        if (clock() - since >= approvalGraceMs) this.#carryOut(run);
      }
    }
    this.#reserved = reserved;
  }

  #carryOut(run: Run): void {
    const dataset = this.#datasets.find((it) => keyOf(it) === keyOf(run));
    if (dataset === undefined || this.#running.has(keyOf(run))) return;
    if (this.#isClosing || this.#running.size >= maxScheduledSyncs) return;
    const approved = { trigger: 'approval', approval: run.id } as const;
    this.#begin(dataset, approved, async () => void this.#tried.add(run.id));
  }

  #begin(
    dataset: ScheduledDataset,
    call: Pick<SyncCall, 'trigger' | 'approval'>,
    onEnd: (end: SyncEnd) => Promise<void>,
  ): void {
    const { log, dataFolder } = this.#options;
    const about = { organization: dataset.organization, dataset: dataset.dataset };
    const sync = startSync({ dataFolder, ...about, ...call });
    log.info({ ...about, trigger: call.trigger }, 'a sync begins');
    const ended = sync.ended.then(async (end) => {
      const level = end.outcome === 'failed' ? 'error' : 'info';
      log[level]({ ...about, outcome: end.outcome, report: end.report }, 'a sync ended');
      await onEnd(end);
    });
    const noted = ended
      .catch((error: unknown) =>
        log.error({ error, ...about }, 'the end of a sync was not recorded'),
      )
      .finally(() => this.#running.delete(keyOf(dataset)));
    this.#running.set(keyOf(dataset), { sync, noted });
  }

  async #keep(dataset: ScheduledDataset, position: SchedulePosition): Promise<void> {
    const { catalog } = this.#options;
    const { organizationId, datasetId } = dataset;
    await catalog.putScheduleState({ organizationId, datasetId, ...position });
  }
}

function keyOf(of: { readonly organizationId: number; readonly datasetId: number }): string {
  return `${of.organizationId}/${of.datasetId}`;
}
