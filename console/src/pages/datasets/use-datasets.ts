/** The datasets and their runs, read again while something goes on. */
import { type QueryClient, useQuery } from '@tanstack/react-query';
import type { ApiProblem } from '../../api/api-problem.ts';
import { call } from '../../api/call.ts';
import { callPages } from '../../api/call-pages.ts';
import { useIsLive } from '../../api/live-events.ts';
import type { Page } from '../../api/operation-types.ts';
import type { DatasetStatus, Run } from '../../api/page-entries.ts';

/**
 * Events say when a run begins, goes on and ends. Without them, pages ask: soon if a run goes on,
 * else because somebody else may start one.
 */
export const pauseMs = { live: 60_000, running: 1_000, quiet: 5_000 } as const;

export function useDatasets() {
  const isLive = useIsLive();
  return useQuery<readonly DatasetStatus[], ApiProblem>({
    queryKey: ['dataset-status'],
    queryFn: ({ signal }) => callPages('GET /admin/v1/dataset-status', signal),
    refetchInterval: ({ state }) =>
      isLive ? pauseMs.live : pauseOf(state.data?.map(({ last_run }) => last_run)),
  });
}

/** The newest runs of a dataset. */
export function useRuns(dataset: string) {
  const isLive = useIsLive();
  return useQuery<Page<Run>, ApiProblem>({
    queryKey: ['runs', dataset],
    queryFn: ({ signal }) =>
      call(
        'GET /admin/v1/datasets/{name}/runs',
        { params: { name: dataset }, query: { limit: shownRuns } },
        signal,
      ),
    refetchInterval: ({ state }) => (isLive ? pauseMs.live : pauseOf(state.data?.data)),
  });
}

const shownRuns = 50;

function pauseOf(runs: readonly (Run | null)[] = []): number {
  return runs.some((run) => run !== null && isGoingOn(run)) ? pauseMs.running : pauseMs.quiet;
}

/** Whether the run writes, or will soon because somebody approved it. */
export function isGoingOn({ state, approved_by }: Run): boolean {
  return state === 'running' || (state === 'waiting' && approved_by !== null);
}

/** After something was started or decided. */
export async function readAgain(client: QueryClient, dataset: string): Promise<void> {
  await Promise.all([
    client.invalidateQueries({ queryKey: ['dataset-status'] }),
    client.invalidateQueries({ queryKey: ['runs', dataset] }),
    client.invalidateQueries({ queryKey: ['run-list'] }),
    client.invalidateQueries({ queryKey: ['dataset', dataset] }),
    client.invalidateQueries({ queryKey: ['overview'] }),
  ]);
}
