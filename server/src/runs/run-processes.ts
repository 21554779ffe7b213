/**
 * Starts runs as child processes for a thread of the server. Closing stops them; the next run of a
 * dataset applies the rest.
 */
import { setTimeout } from 'node:timers/promises';
import { authorOf, openOrganization } from '../administration/administration.ts';
import { findSeenDataset } from '../administration/token/actor-sight.ts';
import type { Run } from '../catalog/catalog.ts';
import { UsherError } from '../domain/errors.ts';
import { findNewestRun } from './find-run.ts';
import { giveUpload } from './give-upload.ts';
import { maxStartedRuns, runBeginsMs, runPollMs } from './limits.ts';
import type { RunCaller } from './run-caller.ts';
import { type StartedSync, type SyncEnd, startSync } from './sync-process.ts';
import { type RunView, viewRun } from './view-run.ts';

export interface RunProcessesOptions {
  readonly dataFolder: string;
  /** Called when a process has ended. */
  readonly onEnd: (dataset: string, end: SyncEnd) => void;
}

export class RunProcesses {
  readonly #options: RunProcessesOptions;
  readonly #closing = new AbortController();
  /**
   * Datasets whose run was started and has not begun yet. Once it has begun, its lease refuses
   * others.
   */
  readonly #starting = new Set<string>();
  readonly #processes = new Set<StartedSync>();

  constructor(options: RunProcessesOptions) {
    this.#options = options;
  }

  get dataFolder(): string {
    return this.#options.dataFolder;
  }

  /** Aborted when the server closes. */
  get interrupted(): AbortSignal {
    return this.#closing.signal;
  }

  /**
   * Resolves when the run has begun. The audit log names the caller as the author.
   * @param uploadId the uploaded file that the run reads; without it, the one that waits
   * @throws `resource_not_found`, `scope_missing`, `definition_invalid` for a dataset without a
   *   source or a file, `run_in_progress`, `overloaded`
   */
  async start(caller: RunCaller, name: string, uploadId?: string): Promise<RunView> {
    const { administration, organizationId } = caller;
    const { catalog, actor } = administration;
    const { organization, dataset } = await catalog.read(async (view) => ({
      organization: await openOrganization(view, actor, organizationId, 'admin:write'),
      dataset: await findSeenDataset(view, actor, organizationId, name),
    }));
    const { readPulledDataset } = await import('../sync/pulled-source.ts');
    const { source } = await readPulledDataset({ catalog, organizationId }, name);
    const key = `${organizationId}/${dataset.id}`;
    if (this.#starting.has(key)) {
      throw new UsherError('run_in_progress', `A run of ${name} is starting. Wait until it ends.`);
    }
    this.#starting.add(key);
    try {
      const findNewest = () => findNewestRun(catalog, organizationId, dataset.id);
      const before = await findNewest();
      const target = { name, source, datasetId: dataset.id, newest: before };
      await giveUpload(caller, { ...target, dataFolder: this.dataFolder, uploadId });
      await noteRequest(caller, name);
      const sync = this.#begin({ organization: organization.name, dataset: name });
      return viewRun(
        await awaitRun(sync, findNewest, { dataset: name, idBefore: before?.id }),
        name,
      );
    } finally {
      this.#starting.delete(key);
    }
  }

  /** Stops the runs cleanly. */
  async close(): Promise<void> {
    this.#closing.abort();
    await Promise.all([...this.#processes].map((sync) => sync.stop()));
  }

  #begin(about: { readonly organization: string; readonly dataset: string }): StartedSync {
    if (this.#processes.size >= maxStartedRuns || this.interrupted.aborted) {
      throw new UsherError('overloaded', 'The server starts no more runs now. Try again later.');
    }
    const { dataFolder, onEnd } = this.#options;
    const sync = startSync({ dataFolder, ...about, trigger: 'api', approval: null });
    this.#processes.add(sync);
    void sync.ended.then((end) => {
      this.#processes.delete(sync);
      onEnd(about.dataset, end);
    });
    return sync;
  }
}

async function noteRequest({ administration, organizationId }: RunCaller, dataset: string) {
  const record = { organizationId, action: 'run.start', target: dataset };
  await administration.catalog.change(authorOf(administration), async () => ({
    result: undefined,
    audit: [{ ...record, before: null, after: null }],
  }));
}

/** Resolves with the run once its process has noted it in the catalog. */
async function awaitRun(
  { ended }: StartedSync,
  findNewest: () => Promise<Run | undefined>,
  { dataset, idBefore }: { readonly dataset: string; readonly idBefore: string | undefined },
): Promise<Run> {
  const lastMs = performance.now() + runBeginsMs;
  let end: SyncEnd | null = null;
  while (performance.now() < lastMs) {
    const run = await findNewest();
    const refusal = end === null ? undefined : refusalOf(end);
    if (refusal !== undefined) throw refusal;
    if (run !== undefined && run.id !== idBefore) return run;
    if (end !== null) throw noRun();
    end = await Promise.race([ended, setTimeout(runPollMs, null)]);
  }
  throw new UsherError(
    'overloaded',
    `The run has not begun within 30 seconds. It may still begin. To see whether it did: usher sync list ${dataset}`,
  );
}

/** The error of a process that ended before its run began. */
function refusalOf({ outcome, report }: SyncEnd): UsherError | undefined {
  if (outcome !== 'failed' || report === null || typeof report !== 'object') return undefined;
  const { code, detail } = report as { readonly code?: unknown; readonly detail?: unknown };
  return code === 'run_in_progress' ? new UsherError(code, String(detail)) : undefined;
}

function noRun(): UsherError {
  return new UsherError(
    'store_unavailable',
    'The run could not begin. To see why, read the log of the server.',
  );
}
