/** Answers the question of an overview: is all well, and does anything wait for a decision? */
import type { CatalogView, DatasetRecord, Run } from '../../catalog/catalog.ts';
import { planLifeMs } from '../../domain/limits.ts';
import type { ContactReader } from '../../stores/store.ts';
import { type Administration, readIn, rfc3339 } from '../administration.ts';
import { readAuthorNames } from '../author-names.ts';
import { maxShownRuns, maxShownWaiting } from '../limits.ts';
import { requireWholeSight } from '../token/actor-sight.ts';
import { viewDatasetState } from './dataset-states.ts';
import { type StatedDataset, viewTroubles } from './troubled-datasets.ts';
import { type UsageBook, viewLastHour, viewLimit, viewNow } from './usage-figures.ts';
import { viewEndingTokens, viewWaitingPlan, viewWaitingRun } from './waiting-decisions.ts';

export interface OverviewSources {
  readonly reader: Pick<ContactReader, 'asOf' | 'datasetCounts'>;
  readonly usage: UsageBook;
}

export type Overview = Awaited<ReturnType<typeof readOverview>>;

/**
 * @throws UsherError `scope_missing`, also for a token that may not see every dataset, because the
 *   overview names all of them
 */
export async function readOverview(
  administration: Administration,
  organizationId: number,
  { reader, usage }: OverviewSources,
) {
  requireWholeSight(administration.actor);
  const nowMs = administration.clock();
  const read = await readCatalog(administration, organizationId, nowMs);
  const { organization, datasets, runs, waiting, plans, tokens, schedules } = read;
  const names = new Map(datasets.map(({ dataset: { id, name } }) => [id, name]));
  const nameOf = (run: Run) => names.get(run.datasetId) ?? '';
  const sources = {
    ...{ reader, organizationId, schedules, nowMs },
    waiting: new Set(waiting.map(({ datasetId }) => datasetId)),
  };
  const stated: StatedDataset[] = [];
  for (const { dataset, lastRun } of datasets) {
    stated.push({ state: await viewDatasetState(dataset, sources), lastRun });
  }
  // Who approves a change has to know who asked, also without the right to see all users.
  const authorNames =
    plans.length > 0 ? await readAuthorNames(administration, organizationId) : new Map();
  const recent = usage.recent(organizationId);
  return {
    at: rfc3339(nowMs),
    now: viewNow(recent),
    last_hour: viewLastHour(usage.lastHour(organizationId), usage.countedSinceMs),
    limit: viewLimit(organization, recent, tokens),
    datasets: stated.map(({ state }) => state),
    runs: runs.map((run) => viewShortRun(run, nameOf(run))),
    waiting: {
      runs: waiting.slice(0, maxShownWaiting).map((run) => viewWaitingRun(run, nameOf(run))),
      plans: plans.map((plan) => viewWaitingPlan(plan, authorNames)),
      datasets: viewTroubles(stated).slice(0, maxShownWaiting),
      tokens: viewEndingTokens(tokens, nowMs),
    },
  };
}

/** All as of one moment. */
function readCatalog(administration: Administration, organizationId: number, nowMs: number) {
  return readIn(administration, organizationId, async (view, organization) => ({
    organization,
    datasets: await listWithLastRun(view, organizationId),
    runs: await view.listRuns(organizationId, { limit: maxShownRuns }),
    waiting: await listUndecided(view, organizationId),
    plans: await view.listOpenPlans(organizationId, {
      sinceMs: nowMs - planLifeMs,
      limit: maxShownWaiting,
    }),
    tokens: await view.listTokens(organizationId),
    schedules: new Map(
      (await view.listScheduleStates())
        .filter((state) => state.organizationId === organizationId)
        .map((state) => [state.datasetId, state]),
    ),
  }));
}

async function listWithLastRun(view: CatalogView, organizationId: number) {
  const found: { readonly dataset: DatasetRecord; readonly lastRun: Run | undefined }[] = [];
  for (const dataset of await view.listDatasets(organizationId)) {
    const filter = { datasetId: dataset.id, limit: 1 };
    const [lastRun] = await view.listRuns(organizationId, filter);
    found.push({ dataset, lastRun });
  }
  return found;
}

/** Runs that nobody has approved yet. */
async function listUndecided(view: CatalogView, organizationId: number): Promise<readonly Run[]> {
  const runs = await view.listRuns(organizationId, { states: ['waiting'], limit: 200 });
  return runs.filter(({ approvedBy }) => approvedBy === null);
}

/** Without its plan; `GET /admin/v1/runs/{id}` shows everything. */
export function viewShortRun(run: Run, dataset: string) {
  const { added, changed, cleared, rejected } = run;
  return {
    ...{ run_id: run.id, dataset, kind: run.kind, trigger: run.trigger, state: run.state },
    started_at: rfc3339(run.startedAtMs),
    ended_at: run.endedAtMs === null ? null : rfc3339(run.endedAtMs),
    ...{ rows_read: run.rowsRead, added, changed, cleared, rejected },
    error_code: run.errorCode,
    progress: run.state === 'running' ? run.progress : null,
    is_approved: run.approvedBy !== null,
  };
}
