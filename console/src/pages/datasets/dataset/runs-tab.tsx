/** The run that waits or goes on, then all runs. */
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import type { DatasetStatus } from '../../../api/page-entries.ts';
import { RunsCard } from '../runs-card.tsx';
import { isGoingOn, useRuns } from '../use-datasets.ts';
import styles from './dataset.module.css';
import { GuardPanel } from './guard-panel.tsx';
import { ProgressPanel } from './progress-panel.tsx';

export function RunsTab({ status }: { readonly status: DatasetStatus }) {
  const { dataset: name } = status;
  const { state } = useSearch({ from: '/inside/datasets/$name' });
  const navigate = useNavigate({ from: '/datasets/$name' });
  const newest = useRuns(name).data?.data[0];
  const isWaiting = newest?.state === 'waiting' && newest.approved_by === null;
  return (
    <div className={styles.cards}>
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
