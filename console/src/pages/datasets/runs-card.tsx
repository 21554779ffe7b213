/** Runs, the newest first: of one dataset or of all, and in one state or in any. */
import { Button, Select } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import type { ApiProblem } from '../../api/api-problem.ts';
import { call } from '../../api/call.ts';
import { useIsLive } from '../../api/live-events.ts';
import type { CallParts, Page } from '../../api/operation-types.ts';
import type { Run } from '../../api/page-entries.ts';
import { Card } from '../../parts/card.tsx';
import { EmptyState } from '../../parts/empty-state.tsx';
import { NoMatch } from '../../parts/no-match.tsx';
import { NoRuns } from '../../parts/no-runs.tsx';
import { ProblemCard } from '../../parts/problem-card.tsx';
import { SkeletonRows } from '../../parts/skeleton.tsx';
import { stateWords } from './run-state.tsx';
import { RunsTable } from './runs-table.tsx';
import { pauseMs, useDatasets } from './use-datasets.ts';

type State = NonNullable<NonNullable<CallParts<'GET /admin/v1/runs'>['query']>['state']>;

interface RunsCardParts {
  readonly title: string;
  /** `undefined`: of all datasets. */
  readonly dataset: string | undefined;
  /** The state of the address; `undefined`: any. */
  readonly state: string | undefined;
  readonly onState: (state: string | undefined) => void;
  /** Before the choice of a state. */
  readonly actions?: ReactNode;
}

export function RunsCard({ title, dataset, state, onState, actions }: RunsCardParts) {
  const { data, error, refetch, fetchNextPage, hasNextPage, isFetchingNextPage } = useRunList(
    dataset,
    state,
  );
  const runs = data?.pages.flatMap((page) => page.data);
  return (
    <Card
      title={title}
      actions={
        <>
          {actions}
          <Select
            aria-label="Runs in which state"
            w={190}
            data={[{ value: '', label: 'All states' }, ...states]}
            value={state ?? ''}
            onChange={(next) => onState(next === null || next === '' ? undefined : next)}
          />
        </>
      }
      foot={
        hasNextPage ? (
          <Button loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>
            Show more
          </Button>
        ) : undefined
      }
    >
      {error !== null && <ProblemCard error={error} onRetry={() => void refetch()} />}
      {runs === undefined && error === null && <SkeletonRows count={5} />}
      {runs?.length === 0 && <NoRun dataset={dataset} state={state} onState={onState} />}
      {runs !== undefined && runs.length > 0 && (
        <RunsTable
          runs={runs}
          hasDataset={dataset === undefined}
          isWhole={dataset !== undefined && state === undefined}
        />
      )}
    </Card>
  );
}

function NoRun({ dataset, state, onState }: Pick<RunsCardParts, 'dataset' | 'state' | 'onState'>) {
  const { data } = useDatasets();
  if (state !== undefined) {
    return <NoMatch title="No run is in this state" onClear={() => onState(undefined)} />;
  }
  if (dataset !== undefined) {
    return <EmptyState title="No run yet">A run brings in the rows of a source.</EmptyState>;
  }
  return data !== undefined && <NoRuns hasDatasets={data.length > 0} />;
}

const states = Object.entries(stateWords).map(([value, label]) => ({ value, label }));

function useRunList(dataset: string | undefined, state: string | undefined) {
  const isLive = useIsLive();
  return useInfiniteQuery<Page<Run>, ApiProblem>({
    queryKey: ['run-list', dataset ?? '', state ?? ''],
    queryFn: ({ pageParam, signal }) => {
      const cursor = typeof pageParam === 'string' ? pageParam : undefined;
      const query = {
        limit: 50,
        ...(dataset !== undefined && { dataset }),
        // The server refuses a state that it does not know.
        ...(state !== undefined && { state: state as State }),
        ...(cursor !== undefined && { cursor }),
      };
      return call('GET /admin/v1/runs', { query }, signal);
    },
    initialPageParam: undefined,
    getNextPageParam: ({ next_cursor }) => next_cursor ?? undefined,
    refetchInterval: isLive ? pauseMs.live : pauseMs.quiet,
  });
}
