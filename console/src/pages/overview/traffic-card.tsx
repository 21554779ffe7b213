/** Look-ups over time: how many, how slow, and with which codes. */
import { SegmentedControl } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { lazy, Suspense, useMemo, useState } from 'react';
import { useFormats } from '../../format/use-formats.ts';
import { Card } from '../../parts/card.tsx';
import { SkeletonRows } from '../../parts/skeleton.tsx';
import type { TimeChartParts } from '../../parts/time-chart-parts.ts';
import type { Overview } from '../../parts/use-overview.ts';
import styles from './overview.module.css';
import type { Periods } from './periods.ts';
import { chartOf, type View, views } from './traffic-charts.ts';

/** The charts come after the figures, which say the same in short. */
const TimeChart = lazy(async () => {
  const { TimeChart: chart } = await import('../../parts/time-chart.tsx');
  return { default: chart };
});

const titles: Readonly<Record<View, string>> = {
  Requests: 'Requests per second',
  Latency: 'Latency in milliseconds',
  Codes: 'Answers per second by code',
};

interface TrafficParts {
  readonly overview: Overview;
  /** `undefined`: not read yet. */
  readonly periods: Periods | undefined;
}

export function TrafficCard({ overview, periods }: TrafficParts) {
  const [view, setView] = useState<View>('Requests');
  const formats = useFormats();
  const limit = overview.limit.units_per_second;
  const chart = useMemo(
    () => periods && chartOf(view, { limit, periods, formats }),
    [formats, limit, periods, view],
  );
  return (
    <Card
      title={titles[view]}
      actions={
        <>
          {chart !== undefined && <Legend chart={chart} />}
          <SegmentedControl
            aria-label="What the chart shows"
            data={[...views]}
            value={view}
            onChange={(next) => setView(next as View)}
          />
        </>
      }
    >
      <Suspense fallback={<div style={{ height: 244 }} />}>
        {chart === undefined ? <SkeletonRows count={4} /> : <TimeChart {...chart} />}
      </Suspense>
      {periods?.counts.includes(null) === true && <CountedSince overview={overview} />}
    </Card>
  );
}

function Legend({ chart: { series } }: { readonly chart: TimeChartParts }) {
  return (
    <span className={styles.legend}>
      {series.map(({ label, colour }) => (
        <span key={label}>
          <i style={{ background: `var(${colour})` }} />
          {label}
        </span>
      ))}
    </span>
  );
}

/** Minutes are counted in memory, so they begin with the server. */
function CountedSince({ overview: { last_hour } }: { readonly overview: Overview }) {
  const formats = useFormats();
  return (
    <p className={styles.since}>
      {`Minutes are counted since the server started, at ${formats.clock(last_hour.counted_since)}. `}
      <Link to="/" search={{ range: '24h' }} replace>
        Hours before that
      </Link>
    </p>
  );
}
