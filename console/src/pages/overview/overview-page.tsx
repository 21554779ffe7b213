/** Is all well, and does anything wait for me? */
import { SegmentedControl } from '@mantine/core';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useAway } from '../../api/server-away.ts';
import { useFormats, useNow } from '../../format/use-formats.ts';
import { Dot } from '../../parts/badge.tsx';
import { PageHead } from '../../parts/page-head.tsx';
import { ProblemCard } from '../../parts/problem-card.tsx';
import { type Overview, useOverview } from '../../parts/use-overview.ts';
import { useMay } from '../../session/session-context.tsx';
import { FiguresStrip } from './figures-strip.tsx';
import { FreshnessCard } from './freshness-card.tsx';
import { LastRunsCard } from './last-runs-card.tsx';
import styles from './overview.module.css';
import { OverviewSkeleton } from './overview-skeleton.tsx';
import { type RangeName, rangeOf } from './periods.ts';
import { ShareCard } from './share-card.tsx';
import { TrafficCard } from './traffic-card.tsx';
import { usePeriods } from './use-periods.ts';
import { WaitingCard } from './waiting-card.tsx';

export function OverviewPage() {
  const seesUsage = useMay('usage:read');
  const { data, error, refetch, isPending } = useOverview();
  return (
    <>
      <PageHead
        title="Overview"
        facts={<Live isStale={useAway() !== undefined} at={data?.at} />}
        actions={seesUsage && <RangeControl />}
      />
      {data === undefined && error !== null && (
        <ProblemCard error={error} onRetry={() => void refetch()} />
      )}
      {isPending && seesUsage && error === null && <OverviewSkeleton />}
      {data !== undefined && <Cards overview={data} />}
    </>
  );
}

function Cards({ overview }: { readonly overview: Overview }) {
  const { range } = useSearch({ from: '/inside/' });
  const { periods, error, refetch } = usePeriods(overview, rangeOf(range));
  return (
    <div className={styles.cards}>
      <WaitingCard overview={overview} />
      <FiguresStrip overview={overview} periods={periods} />
      <div className={styles.wide}>
        {error !== null && periods === undefined ? (
          <ProblemCard error={error} onRetry={() => void refetch()} />
        ) : (
          <TrafficCard overview={overview} periods={periods} />
        )}
        <ShareCard overview={overview} />
      </div>
      <div className={styles.wide}>
        <FreshnessCard overview={overview} />
        <LastRunsCard overview={overview} />
      </div>
    </div>
  );
}

function Live({ isStale, at }: { readonly isStale: boolean; readonly at: string | undefined }) {
  const formats = useFormats();
  const nowMs = useNow();
  return (
    <>
      <span className={styles.live}>
        <Dot tone={isStale ? 'decide' : 'good'} />
        {isStale ? `as of ${at === undefined ? 'earlier' : formats.clockSeconds(at)}` : 'Live'}
      </span>
      <span>{formats.now(nowMs)}</span>
    </>
  );
}

const ranges: readonly { readonly value: RangeName; readonly label: string }[] = [
  { value: '15m', label: '15 min' },
  { value: '1h', label: '1 h' },
  { value: '24h', label: '24 h' },
  { value: '30d', label: '30 days' },
];

function RangeControl() {
  const navigate = useNavigate();
  const { range } = useSearch({ from: '/inside/' });
  return (
    <SegmentedControl
      aria-label="The time that is shown"
      data={[...ranges]}
      value={rangeOf(range)}
      onChange={(next) =>
        void navigate({ to: '/', search: next === '1h' ? {} : { range: next }, replace: true })
      }
    />
  );
}
