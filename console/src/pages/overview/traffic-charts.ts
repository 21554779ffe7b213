/** What the charts of the traffic show: how many, how slow, and with which codes. */
import type { Formats } from '../../format/formats.ts';
import type { ChartSeries, TimeChartParts } from '../../parts/time-chart-parts.ts';
import { type Periods, ratesOf, statusSums } from './periods.ts';

export const views = ['Requests', 'Latency', 'Codes'] as const;

export type View = (typeof views)[number];

export interface ChartSource {
  /** Units per second. */
  readonly limit: number;
  readonly periods: Periods;
  readonly formats: Formats;
}

export function chartOf(view: View, source: ChartSource): TimeChartParts {
  const { periods, formats } = source;
  const common = {
    times: periods.times,
    timeWords: (seconds: number) => periods.timeWords(seconds, formats),
  };
  if (view === 'Latency') return { ...common, ...latencyChart(source) };
  return { ...common, ...(view === 'Codes' ? codesChart(source) : requestsChart(source)) };
}

type ChartBody = Omit<TimeChartParts, 'times' | 'timeWords'>;

function requestsChart({ limit, periods, formats }: ChartSource): ChartBody {
  const all = ratesOf(periods, ({ requests }) => requests);
  const isNear = Math.max(...all.map(Number)) > limit / 20;
  return {
    label: `Look-ups per second ${periods.words}. The limit is ${limit}.`,
    series: [
      { label: 'All', colour: '--series-first', values: all, isArea: true },
      {
        label: 'Not OK',
        colour: '--series-second',
        values: ratesOf(periods, ({ not_ok }) => not_ok),
      },
    ],
    // A limit far above would press the lines to the ground.
    limit: isNear ? { value: limit, label: `Limit ${formats.count(limit)}/s` } : undefined,
    valueWords: rateWords(formats),
  };
}

function latencyChart({ periods, formats }: ChartSource): ChartBody {
  const line = (label: string, colour: string, member: 'p50_ms' | 'p95_ms' | 'p99_ms') => ({
    label,
    colour,
    values: periods.counts.map((one) => one?.latency?.[member] ?? null),
  });
  return {
    label: `The time of look-ups ${periods.words}, of 50, 95 and 99 of 100.`,
    series: [
      line('99%', '--series-second', 'p99_ms'),
      line('95%', '--series-third', 'p95_ms'),
      line('50%', '--series-first', 'p50_ms'),
    ],
    valueWords: (value) => `${formats.decimal(value, 2)} ms`,
  };
}

/** The most frequent code is at the bottom, and what has no colour of its own at the top. */
function codesChart({ periods, formats }: ChartSource): ChartBody {
  const codes = [...statusSums(periods)].toSorted((one, other) => other[1] - one[1]);
  const names = codes.map(([code]) => code);
  const own = names.length > colours.length ? names.slice(0, colours.length - 1) : names;
  const others = names.slice(own.length);
  const rates = (wanted: readonly string[]) =>
    ratesOf(periods, ({ statuses }) =>
      wanted.reduce((sum, code) => sum + Number(statuses[code] ?? 0), 0),
    );
  const groups: readonly (readonly [label: string, codes: readonly string[]])[] = [
    ...own.map((code) => [code, [code]] as const),
    ...(others.length > 0 ? [['others', others] as const] : []),
  ];
  const series = groups.map(
    ([label, wanted], place): ChartSeries => ({
      ...{ label, values: rates(wanted), isArea: true },
      colour: colours[place] ?? '--series-held',
    }),
  );
  return {
    label: `Answers per second by code ${periods.words}: ${groups.map(([label]) => label).join(', ')}.`,
    series,
    isStacked: true,
    valueWords: rateWords(formats),
  };
}

function rateWords(formats: Formats): (value: number) => string {
  return (value) => `${formats.decimal(value, value < 0.1 ? 4 : value < 10 ? 2 : 1)}/s`;
}

const colours = ['--series-first', '--series-second', '--series-third', '--series-held'];
