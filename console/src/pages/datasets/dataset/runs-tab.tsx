/** The run that waits or goes on, then all runs. */
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import type { DatasetStatus } from '../../../api/page-entries.ts';
import { RunsCard } from '../runs-card.tsx';
import { isGoingOn, useRuns } from '../use-datasets.ts';
import styles from './dataset.module.css';
import { GuardPanel } from './guard-panel.tsx';
import { ProgressPanel } from './progress-panel.tsx';
import { PushCard } from './push-card.tsx';

export function RunsTab({ status }: { readonly status: DatasetStatus }) {
  const { dataset: name, source } = status;
  const { state } = useSearch({ from: '/inside/datasets/$name' });
  const navigate = useNavigate({ from: '/datasets/$name' });
  const newest = useRuns(name).data?.data[0];
  const isWaiting = newest?.state === 'waiting' && newest.approved_by === null;
  // Runs of before the source was changed show, too.
  if (source === 'push' && newest === undefined) {
    return (
      <div className={styles.cards}>
        <PushCard status={status} />
      </div>
    );
  }
  return (
    <div className={styles.cards}>
      {source === 'push' && <PushCard status={status} />}
      {newest !== undefined && isGoingOn(newest) && <ProgressPanel run={newest} />}
      {newest !== undefined && isWaiting && <GuardPanel run={newest} />}
      <RunsCard
        title="Runs"
        dataset={name}
        state={state}
        onState={(next) =>
          void navigate({
            search: next === undefined ? {} : { state: next },
            replace: true,
          })
        }
        actions={
          <Link to="/datasets" search={{ tab: 'runs' }}>
            All runs
          </Link>
        }
      />
    </div>
  );
}
