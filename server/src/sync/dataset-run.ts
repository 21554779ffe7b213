/** Runs work under a dataset's lease, which it renews, and notes the run's end in the catalog. */
import { randomUUID } from 'node:crypto';
import type {
  Catalog,
  ChangeAuthor,
  DatasetRecord,
  NewRun,
  Run,
  RunCounts,
  RunEnd,
  RunKind,
  RunState,
} from '../catalog/catalog.ts';
import { identityRulesOf } from '../catalog/identity-rules-of.ts';
import type { IdentityRules } from '../domain/contact/identity-rules.ts';
import { typeNamesOf } from '../domain/contact/identity-type.ts';
import { noPeople } from '../domain/dataset/people-counts.ts';
import { UsherError } from '../domain/errors.ts';
import { maxRowsPerBatch } from '../domain/limits.ts';
import type { RollbackRetention, RunLease } from '../stores/run-lease.ts';
import type { ContactReader, ContactWriter } from '../stores/store.ts';
import { keptRollbackMs, keptRollbackRuns } from './limits.ts';
import { releaseAmendments } from './release-amendments.ts';

export interface RunDependencies {
  readonly catalog: Catalog;
  readonly organizationId: number;
  /** Called once, when there is something to write. The reader is opened after the writer. */
  readonly openWriter: () => Promise<ContactWriter>;
  readonly openReader: () => Promise<ContactReader>;
  readonly author: () => ChangeAuthor;
  readonly interrupted: AbortSignal;
  /** Whether the run has every row of the dataset, so that those which it lacks are gone. */
  readonly isSnapshot?: boolean;
  /** Looks, under the lease, for a reason not to begin. The catalog does not note a refused run. */
  readonly refusal?: (run: DatasetRun) => Promise<UsherError | undefined>;
}

/** What a run uses while it has the lease. */
export interface DatasetRun {
  readonly id: string;
  /** Milliseconds since the epoch; the values that the run applies are at least as fresh. */
  readonly startedAtMs: number;
  readonly lease: RunLease;
  /** What decides which contact a row belongs to. */
  readonly rules: IdentityRules;
  /** Names of identity types by id, as of the beginning. */
  readonly typeNames: ReadonlyMap<number, string>;
  readonly writer: ContactWriter;
  readonly reader: ContactReader;
  /** The baseline that the dataset's sections reflected at the beginning; `undefined`: unknown. */
  readonly baselineId: string | undefined;
}

/** What the catalog notes when a run begins. */
export type RunStart = Omit<NewRun, 'id' | 'organizationId' | 'startedAtMs'>;

/** A run that a command begins. */
export function commandRun(
  { id: datasetId, definitionVersion }: Pick<DatasetRecord, 'id' | 'definitionVersion'>,
  kind: RunKind,
): RunStart {
  return { datasetId, kind, trigger: 'command', definitionVersion, approvalOf: null };
}

/** How a run ended without a failure. */
export interface RunOutcome<Result> {
  readonly state: Exclude<RunState, 'running' | 'failed' | 'interrupted'>;
  readonly counts: RunCounts;
  readonly result: Result;
}

export const noCounts: RunCounts = {
  ...{ rowsRead: 0, added: 0, changed: 0, unchanged: 0, stale: 0, cleared: 0 },
  ...{ rejected: 0, rejections: {}, bytes: 0, people: noPeople },
};

/** The lease ends after 30 s without a sign of life. */
const renewEveryMs = 10_000;

/** @throws UsherError `run_in_progress`, and errors of `work`: the run is then noted as failed */
export async function runDataset<Result>(
  dependencies: RunDependencies,
  about: RunStart,
  work: (run: DatasetRun) => Promise<RunOutcome<Result>>,
): Promise<Result> {
  return withOpenStore(dependencies, (open) => holdDataset(open, about, work));
}

/** What a run uses before it has the lease. */
export interface OpenDependencies extends RunDependencies {
  readonly writer: ContactWriter;
  readonly reader: ContactReader;
}

export async function withOpenStore<Dependencies extends RunDependencies, Result>(
  dependencies: Dependencies,
  work: (open: Dependencies & OpenDependencies) => Promise<Result>,
): Promise<Result> {
  const writer = await dependencies.openWriter();
  try {
    const reader = await dependencies.openReader();
    try {
      return await work({ ...dependencies, writer, reader });
    } finally {
      await reader.close();
    }
  } finally {
    await writer.close();
  }
}

/** Does what `runDataset` does, with a store that is already open. */
export async function holdDataset<Result>(
  dependencies: OpenDependencies,
  about: RunStart,
  work: (run: DatasetRun) => Promise<RunOutcome<Result>>,
): Promise<Result> {
  const { writer, reader, organizationId, catalog, author } = dependencies;
  const { datasetId } = about;
  const id = randomUUID();
  const startedAtMs = author().atMs;
  const { rules, typeNames } = await readIdentities(catalog, organizationId);
  const lease = await writer.beginRun({
    ...{ runId: id, organizationId, datasetId, rules },
    isSnapshot: dependencies.isSnapshot ?? false,
    // A rollback need not be rolled back: a sync brings the rows in again.
    canRollBack: about.kind !== 'rollback',
  });
  const renewal = setInterval(() => {
    // If the lease cannot be renewed, the next batch fails.
    writer.renewRun(lease).catch(() => undefined);
  }, renewEveryMs);
  try {
    const baselineId = (await reader.appliedRun(organizationId, datasetId))?.baselineId;
    await endForgottenRuns(dependencies, datasetId);
    const run = { id, startedAtMs, lease, rules, typeNames, writer, reader, baselineId };
    const refusal = await dependencies.refusal?.(run);
    if (refusal !== undefined) throw refusal;
    await catalog.startRun({ ...about, id, organizationId, startedAtMs });
    const outcome = await work(run);
    // A waiting run gives the lease back; for a run that has ended this does nothing.
    await writer.abandonRun(lease);
    await endRun(dependencies, id, { ...outcome, errorCode: null, errorDetail: null });
    await endSupersededRuns(dependencies, { ...about, id });
    await dropLeftovers(dependencies, datasetId);
    return outcome.result;
  } catch (cause) {
    await giveUp(dependencies, lease, cause);
    throw cause;
  } finally {
    clearInterval(renewal);
  }
}

function readIdentities(
  catalog: Catalog,
  organizationId: number,
): Promise<Pick<DatasetRun, 'rules' | 'typeNames'>> {
  return catalog.read(async (view) => {
    const types = await view.listIdentityTypes(organizationId);
    return { rules: await identityRulesOf(view, organizationId), typeNames: typeNamesOf(types) };
  });
}

/** Errors do not matter: the next run drops what is left over. */
async function dropLeftovers(
  { catalog, writer, organizationId, author }: OpenDependencies,
  datasetId: number,
): Promise<void> {
  const kept = { runs: keptRollbackRuns, sinceMs: author().atMs - keptRollbackMs };
  try {
    await dropRollback(writer, { organizationId, datasetId }, kept);
    await releaseAmendments(catalog, writer, organizationId);
  } catch (error) {
    if (!(error instanceof UsherError)) throw error;
  }
}

/** Drops the rollback data of a dataset, except of the runs that are kept. */
export async function dropRollback(
  writer: ContactWriter,
  { organizationId, datasetId }: Pick<RunLease, 'organizationId' | 'datasetId'>,
  kept: RollbackRetention,
): Promise<void> {
  for (;;) {
    const drop = writer.dropRollbackData(organizationId, datasetId, kept, maxRowsPerBatch);
    if ((await drop).isDone) return;
  }
}

/**
 * Ends the runs that the catalog still notes as running: they have died, since this run has the
 * lease.
 */
async function endForgottenRuns(dependencies: OpenDependencies, datasetId: number): Promise<void> {
  for (const run of await listEarlierRuns(dependencies, datasetId)) {
    if (run.state !== 'running') continue;
    await noteInterrupted(dependencies, run, { endedAtMs: dependencies.author().atMs });
  }
}

/** Ends waiting runs that were not carried out: they are out of date once a later run has ended. */
async function endSupersededRuns(
  dependencies: OpenDependencies,
  { datasetId, id }: { readonly datasetId: number; readonly id: string },
): Promise<void> {
  const runs = await listEarlierRuns(dependencies, datasetId);
  const carriedOut = new Set(runs.map(({ approvalOf }) => approvalOf));
  for (const run of runs) {
    if (run.state !== 'waiting' || run.id === id || carriedOut.has(run.id)) continue;
    const endedAtMs = run.endedAtMs ?? run.startedAtMs;
    const errorDetail =
      run.approvedBy === null
        ? 'Nobody decided on it before a later run took its place.'
        : 'It was approved, but a later run took its place before it was carried out.';
    await noteInterrupted(dependencies, run, {
      ...{ endedAtMs, errorDetail },
      errorCode: 'run_in_progress',
    });
  }
}

/** The newest runs first. A run that carries another one out is newer than that. */
function listEarlierRuns(
  { catalog, organizationId }: OpenDependencies,
  datasetId: number,
): Promise<readonly Run[]> {
  return catalog.read((view) => view.listRuns(organizationId, { datasetId, limit: 20 }));
}

async function noteInterrupted(
  { catalog }: OpenDependencies,
  run: Run,
  end: Pick<RunEnd, 'endedAtMs'> & Partial<Pick<RunEnd, 'errorCode' | 'errorDetail'>>,
): Promise<void> {
  const detail = { errorCode: null, errorDetail: null, ...end };
  await catalog.endRun(run.id, { state: 'interrupted', counts: run, ...detail });
}

/** Ignores errors here: they have the same cause as the run's failure, which the caller throws. */
async function giveUp(
  dependencies: OpenDependencies,
  lease: RunLease,
  cause: unknown,
): Promise<void> {
  const state = dependencies.interrupted.aborted ? 'interrupted' : 'failed';
  const unknown = state === 'failed' ? 'internal' : null;
  const errorCode = cause instanceof UsherError ? cause.code : unknown;
  const errorDetail = cause instanceof UsherError ? cause.detail : null;
  await dependencies.writer.abandonRun(lease).catch(() => undefined);
  const end = { state, errorCode, errorDetail, counts: noCounts } as const;
  await endRun(dependencies, lease.runId, end).catch(() => undefined);
}

async function endRun(
  { catalog, author }: OpenDependencies,
  runId: string,
  end: Omit<RunEnd, 'endedAtMs'>,
): Promise<void> {
  await catalog.endRun(runId, { ...end, endedAtMs: author().atMs });
}
