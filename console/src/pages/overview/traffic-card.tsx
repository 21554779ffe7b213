/** Look-ups over time: how many, how slow, and with which codes. */
import { SegmentedControl } from '@mantine/core';
import { lazy, Suspense, useMemo, useState } from 'react';
import type { Formats } from '../../format/formats.ts';
import { useFormats } from '../../format/use-formats.ts';
import { Card } from '../../parts/card.tsx';
import type { TimeChartParts } from '../../parts/time-chart-parts.ts';
import { type Minutes, minutesOf, statusSums } from './minutes.ts';
import styles from './overview.module.css';
import type { Overview } from './use-overview.ts';

/** The charts come after the figures, which say the same in short. */
const TimeChart = lazy(async () => {
  const { TimeChart: chart } = await import('../../parts/time-chart.tsx');
  return { default: chart };
});

type View = 'Requests' | 'Latency' | 'Codes';

const titles: Readonly<Record<View, string>> = {
  Requests: 'Requests per second',
  Latency: 'Latency in milliseconds',
  Codes: 'Answers per second by code',
};

export function TrafficCard({
  overview,
  minutes,
}: {
  readonly overview: Overview;
  readonly minutes: number;
}) {
  const [view, setView] = useState<View>('Requests');
  const formats = useFormats();
  const chart = useMemo(
    () => chartOf(view, { overview, minutes: minutesOf(overview, minutes), formats }),
    [formats, minutes, overview, view],
  );
  return (
    <Card
      title={titles[view]}
      actions={
        <>
          <span className={styles.legend}>
            {chart.series.map(({ label, colour }) => (
              <span key={label}>
                <i style={{ background: `var(${colour})` }} />
                {label}
              </span>
            ))}
          </span>
          <SegmentedControl
            aria-label="What the chart shows"
            data={['Requests', 'Latency', 'Codes']}
            value={view}
            onChange={(next) => setView(next as View)}
          />
        </>
      }
    >
      <Suspense fallback={<div style={{ height: 244 }} />}>
        <TimeChart {...chart} />
      </Suspense>
    </Card>
  );
}

interface ChartSource {
  readonly overview: Overview;
  readonly minutes: Minutes;
  readonly formats: Formats;
}

function chartOf(view: View, source: ChartSource): TimeChartParts {
  const { minutes, formats } = source;
  const common = {
    times: minutes.times,
    timeWords: (seconds: number) => formats.clock(new Date(seconds * 1_000).toISOString()),
  };
  if (view === 'Latency') return { ...common, ...latencyChart(source) };
  return { ...common, ...(view === 'Codes' ? codesChart(source) : requestsChart(source)) };
}

type ChartBody = Omit<TimeChartParts, 'times' | 'timeWords'>;

function requestsChart({ overview, minutes: { counts }, formats }: ChartSource): ChartBody {
  const limit = overview.limit.units_per_second;
  const all = counts.map((minute) => (minute?.requests ?? 0) / 60);
  const isNear = Math.max(...all) > limit / 20;
  return {
    label: `Look-ups per second in the last ${counts.length} minutes. The limit is ${limit}.`,
    series: [
      { label: 'All', colour: '--series-first', values: all, isArea: true },
      {
        label: 'Not OK',
        colour: '--series-second',
        values: counts.map((minute) => (minute?.not_ok ?? 0) / 60),
      },
    ],
    // A limit far above would press the lines to the ground.
    limit: isNear ? { value: limit, label: `Limit ${formats.count(limit)}/s` } : undefined,
    valueWords: (value) => `${formats.decimal(value, value < 10 ? 2 : 1)}/s`,
  };
}

function latencyChart({ minutes: { counts }, formats }: ChartSource): ChartBody {
  const line = (label: string, colour: string, member: 'p50_ms' | 'p95_ms' | 'p99_ms') => ({
    label,
    colour,
    values: counts.map((minute) => minute?.latency?.[member] ?? null),
  });
  return {
    label: `The time of look-ups in the last ${counts.length} minutes, of 50, 95 and 99 of 100.`,
    series: [
      line('99%', '--series-second', 'p99_ms'),
      line('95%', '--series-third', 'p95_ms'),
      line('50%', '--series-first', 'p50_ms'),
    ],
    valueWords: (value) => `${formats.decimal(value, 2)} ms`,
  };
}

/** Stacked: each line stands on those before it. */
function codesChart({ minutes, formats }: ChartSource): ChartBody {
  const codes = [...statusSums(minutes)].toSorted((one, other) => other[1] - one[1]);
  const shown = codes.slice(0, colours.length).map(([code]) => code);
  const series = shown.map((code, place) => ({
    label: code,
    colour: colours[place] ?? '--series-held',
    values: minutes.counts.map((minute) => Number(minute?.statuses[code] ?? 0) / 60),
  }));
  return {
    label: `Answers by code in the last ${minutes.counts.length} minutes: ${shown.join(', ')}.`,
    series,
    valueWords: (value) => `${formats.decimal(value, 2)}/s`,
  };
}

const colours = ['--series-first', '--series-second', '--series-third', '--series-held'];
