/** The last runs of all datasets, and how each ended. */
import {
  IconArrowBackUp,
  IconCircleCheck,
  IconCircleX,
  IconClock,
  IconProgress,
  type TablerIcon,
} from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useFormats, useNow } from '../../format/use-formats.ts';
import { Card } from '../../parts/card.tsx';
import { NoRuns } from '../../parts/no-runs.tsx';
import type { Overview } from '../../parts/use-overview.ts';
import { useMay } from '../../session/session-context.tsx';
import { DatasetLink } from './dataset-link.tsx';
import { failureWords } from './failure-words.ts';
import styles from './overview.module.css';

type Run = Overview['runs'][number];

export function LastRunsCard({ overview: { runs, datasets } }: { readonly overview: Overview }) {
  return (
    <Card title="Last runs" actions={<AllLink />}>
      {runs.length === 0 && <NoRuns hasDatasets={datasets.length > 0} isSecond />}
      {runs.map((run) => (
        <RunLine run={run} key={run.run_id} />
      ))}
    </Card>
  );
}

function AllLink() {
  const mayOpen = useMay('datasets:read');
  return (
    mayOpen && (
      <Link to="/datasets" search={{ tab: 'runs' }}>
        All runs
      </Link>
    )
  );
}

function RunLine({ run }: { readonly run: Run }) {
  const formats = useFormats();
  const nowMs = useNow();
  const { icon: Icon, tone, words } = lookOf(run);
  const { started_at, ended_at } = run;
  return (
    <div className={styles.run}>
      <Icon className={styles.runIcon} data-tone={tone} size={17} stroke={1.6} aria-hidden />
      <div className={styles.what}>
        <DatasetLink name={run.dataset} />
        <p className={styles.second}>{words(run, formats.count)}</p>
      </div>
      <div className={styles.runTime}>
        <p>{formats.when(started_at, nowMs).replace(/^Today /, '')}</p>
        <p className={styles.second}>
          {ended_at === null ? '' : formats.took(Date.parse(ended_at) - Date.parse(started_at))}
        </p>
      </div>
    </div>
  );
}

interface Look {
  readonly icon: TablerIcon;
  readonly tone: 'good' | 'bad' | 'decide' | 'quiet';
  readonly words: (run: Run, count: (value: number) => string) => string;
}

function lookOf({ state, is_approved: isApproved }: Run): Look {
  if (state === 'waiting' && isApproved) return approved;
  return looks[state] ?? { icon: IconClock, tone: 'quiet', words: () => state };
}

/** Another run applies it. */
const approved: Look = { icon: IconCircleCheck, tone: 'quiet', words: () => 'Approved' };

const looks: Readonly<Record<string, Look>> = {
  succeeded: { icon: IconCircleCheck, tone: 'good', words: changeWords },
  running: { icon: IconProgress, tone: 'quiet', words: () => 'Runs now' },
  waiting: { icon: IconClock, tone: 'decide', words: () => 'Waits for approval' },
  failed: { icon: IconCircleX, tone: 'bad', words: failedWords },
  interrupted: { icon: IconCircleX, tone: 'bad', words: () => 'Interrupted' },
  rejected: { icon: IconCircleX, tone: 'quiet', words: () => 'Rejected' },
  rolled_back: { icon: IconArrowBackUp, tone: 'quiet', words: () => 'Rolled back' },
};

function failedWords({ error_code: code }: Run): string {
  const why = failureWords(code);
  return why === undefined ? 'Failed' : `Failed: ${why}`;
}

function changeWords({ changed, added, cleared }: Run, count: (value: number) => string): string {
  const parts = [
    ...(changed > 0 ? [`${count(changed)} changed`] : []),
    ...(added > 0 ? [`${count(added)} new`] : []),
    ...(cleared > 0 ? [`${count(cleared)} cleared`] : []),
  ];
  return parts.length === 0 ? 'No change' : parts.join(', ');
}
