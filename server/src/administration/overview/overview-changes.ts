/** What changed of an overview since it was looked at before. Data are small. */
import type { Catalog, Run } from '../../catalog/catalog.ts';
import type { OrganizationState } from '../../domain/catalog-state.ts';
import { planLifeMs } from '../../domain/limits.ts';
import { maxShownWaiting, maxWatchedRuns } from '../limits.ts';
import { viewShortRun } from './read-overview.ts';

/** The parts of an overview that are worth reading again. */
export type ChangedPart = 'definitions' | 'settings' | 'datasets' | 'waiting';

export type OverviewEvent =
  | { readonly name: 'run'; readonly data: ReturnType<typeof viewShortRun> }
  | { readonly name: 'changed'; readonly data: { readonly parts: readonly ChangedPart[] } };

export interface OverviewSnapshot {
  /** By id, the newest first. */
  readonly runs: ReadonlyMap<string, ReturnType<typeof viewShortRun>>;
  /** The ids of open plans, as one text. */
  readonly plans: string;
  readonly revision: number;
  readonly definitionsRevision: number;
}

/** The newest runs, and those that are still running. */
export async function readSnapshot(
  catalog: Pick<Catalog, 'read'>,
  { organization, revision, datasets, definitions }: OrganizationState,
  nowMs: number,
): Promise<OverviewSnapshot> {
  const { id } = organization;
  const { runs, plans } = await catalog.read(async (view) => ({
    runs: [
      ...(await view.listRuns(id, { limit: maxWatchedRuns })),
      ...(await view.listRuns(id, { states: ['running'], limit: maxWatchedRuns })),
    ],
    plans: await view.listOpenPlans(id, { sinceMs: nowMs - planLifeMs, limit: maxShownWaiting }),
  }));
  const names = new Map([...datasets.values()].map((dataset) => [dataset.id, dataset.name]));
  const view = (run: Run) => viewShortRun(run, names.get(run.datasetId) ?? '');
  return {
    runs: new Map(runs.map((run) => [run.id, view(run)])),
    plans: plans.map((plan) => plan.id).join(),
    revision,
    definitionsRevision: definitions.revision,
  };
}

export function changesBetween(before: OverviewSnapshot, now: OverviewSnapshot): OverviewEvent[] {
  const changed = [...now.runs.values()].filter((run) => {
    const known = before.runs.get(run.run_id);
    // A run that is not among the newest any more is not new when it comes back.
    return known === undefined ? isNew(run, before) : !isSame(known, run);
  });
  const runs = changed.toReversed().map((data) => ({ name: 'run', data }) as const);
  const isWaiting = (run: { readonly state: string } | undefined) => run?.state === 'waiting';
  const decides = changed.some((run) => isWaiting(run) || isWaiting(before.runs.get(run.run_id)));
  const parts: readonly (readonly [ChangedPart, boolean])[] = [
    ['definitions', now.definitionsRevision !== before.definitionsRevision],
    ['settings', now.revision !== before.revision],
    ['datasets', changed.some(({ state }) => state === 'succeeded' || state === 'rolled_back')],
    ['waiting', decides || now.plans !== before.plans],
  ];
  const told = parts.flatMap(([part, holds]) => (holds ? [part] : []));
  return told.length === 0 ? runs : [...runs, { name: 'changed', data: { parts: told } }];
}

type ShortRun = ReturnType<typeof viewShortRun>;

function isNew(run: ShortRun, { runs }: OverviewSnapshot): boolean {
  const oldest = [...runs.values()].at(-1);
  return oldest === undefined || run.started_at >= oldest.started_at || run.state === 'running';
}

function isSame(one: ShortRun, other: ShortRun): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
