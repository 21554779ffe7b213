/** The run that waits or goes on, then all runs. */

import type { DatasetStatus } from '../../../api/page-entries.ts';
import { Card } from '../../../parts/card.tsx';
import { EmptyState } from '../../../parts/empty-state.tsx';
import { ProblemCard } from '../../../parts/problem-card.tsx';
import { SkeletonRows } from '../../../parts/skeleton.tsx';
import { isGoingOn, useRuns } from '../use-datasets.ts';
import styles from './dataset.module.css';
import { GuardPanel } from './guard-panel.tsx';
import { ProgressPanel } from './progress-panel.tsx';
import { RunsTable } from './runs-table.tsx';

export function RunsTab({ status }: { readonly status: DatasetStatus }) {
  const { dataset: name } = status;
  const { data, error, refetch } = useRuns(name);
  if (data === undefined) {
    if (error !== null) return <ProblemCard error={error} onRetry={() => void refetch()} />;
    return (
      <Card title="Runs">
        <SkeletonRows count={5} />
      </Card>
    );
  }
  const [newest] = data.data;
  const isWaiting = newest?.state === 'waiting' && newest.approved_by === null;
  return (
    <div className={styles.cards}>
      {newest !== undefined && isGoingOn(newest) && <ProgressPanel run={newest} />}
      {newest !== undefined && isWaiting && <GuardPanel run={newest} />}
      <Card title="Runs">
        {data.data.length === 0 ? (
          <EmptyState title="No run yet">A run brings in the rows of the source.</EmptyState>
        ) : (
          <RunsTable runs={data.data} />
        )}
      </Card>
    </div>
  );
}
