/** Four figures: how much, how slow, how much of it failed, and how much of the limit is used. */
import type { ReactNode } from 'react';
import { useFormats } from '../../format/use-formats.ts';
import { Sparkline } from '../../parts/sparkline.tsx';
import { minutesOf, statusSums, sumOf } from './minutes.ts';
import styles from './overview.module.css';
import type { Overview } from './use-overview.ts';

interface FiguresParts {
  readonly overview: Overview;
  /** The minutes that are shown. */
  readonly minutes: number;
}

export function FiguresStrip({ overview, minutes }: FiguresParts) {
  return (
    <section className={styles.figures} aria-label="Look-ups now">
      <Requests overview={overview} minutes={minutes} />
      <Slowest overview={overview} minutes={minutes} />
      <NotOk overview={overview} minutes={minutes} />
      <LimitUsed overview={overview} minutes={minutes} />
    </section>
  );
}

function Requests({ overview, minutes }: FiguresParts) {
  const formats = useFormats();
  const { now, last_hour } = overview;
  const { counts } = minutesOf(overview, minutes);
  const { peak } = last_hour;
  return (
    <Figure
      label="Requests"
      chart={<Sparkline values={counts.map((minute) => minute?.requests ?? 0)} />}
      value={formats.decimal(now.requests_per_second, 1)}
      unit="per second"
      note={
        peak === null
          ? 'no whole minute yet'
          : `${formats.decimal(peak.requests_per_second, 1)} at the peak, ${formats.clock(peak.at)}`
      }
    />
  );
}

function Slowest({ overview, minutes }: FiguresParts) {
  const formats = useFormats();
  const latency = overview.now.latency ?? overview.last_hour.latency;
  const { counts } = minutesOf(overview, minutes);
  return (
    <Figure
      label="Slowest 1%"
      chart={<Sparkline values={counts.map((minute) => minute?.latency?.p99_ms ?? 0)} />}
      value={latency === null ? '–' : formats.decimal(latency.p99_ms, fine(latency.p99_ms))}
      unit={latency === null ? '' : 'ms'}
      note={
        latency === null
          ? 'nobody has called yet'
          : `half are under ${formats.decimal(latency.p50_ms, fine(latency.p50_ms))} ms`
      }
    />
  );
}

/** Times under a millisecond need more decimals. */
function fine(ms: number): number {
  return ms < 1 ? 2 : 1;
}

function NotOk({ overview, minutes }: FiguresParts) {
  const formats = useFormats();
  const own = minutesOf(overview, minutes);
  const share = failedShares(overview, own);
  return (
    <Figure
      label="Not OK"
      chart={<Sparkline values={own.counts.map((minute) => minute?.not_ok ?? 0)} />}
      value={formats.decimal(share.all * 100, 2)}
      unit="%"
      note={`${formats.decimal(share.unknown * 100, 2)} unknown · ${formats.decimal(share.limited * 100, 2)} limited`}
    />
  );
}

/** Of the minutes that are shown; before the first whole minute, of the last seconds. */
function failedShares({ now }: Overview, own: ReturnType<typeof minutesOf>) {
  const requests = sumOf(own, 'requests');
  const counts = new Map(Object.entries(requests === 0 ? now.statuses : {}));
  const statuses = requests === 0 ? counts : statusSums(own);
  const all = requests === 0 ? [...counts.values()].reduce((sum, one) => sum + one, 0) : requests;
  const failed =
    requests === 0
      ? now.not_ok_per_second / Math.max(now.requests_per_second, Number.MIN_VALUE)
      : sumOf(own, 'not_ok') / requests;
  const shareOf = (status: string) => (all === 0 ? 0 : (statuses.get(status) ?? 0) / all);
  return { all: failed, unknown: shareOf('404'), limited: shareOf('429') };
}

function LimitUsed({ overview: { limit } }: FiguresParts) {
  const formats = useFormats();
  const { units_per_second, used_per_second, free_per_second } = limit;
  const share = Math.min(1, used_per_second / units_per_second);
  return (
    <Figure
      label="Limit used"
      chart={
        <div className={styles.meter} aria-hidden>
          <span style={{ width: `${share * 100}%` }} />
        </div>
      }
      value={formats.decimal(share * 100, 0)}
      unit={`% of ${formats.count(units_per_second)}/s`}
      note={`${formats.decimal(free_per_second, 1)}/s left now`}
    />
  );
}

function Figure({
  label,
  chart,
  value,
  unit,
  note,
}: {
  readonly label: string;
  readonly chart: ReactNode;
  readonly value: string;
  readonly unit: string;
  readonly note: string;
}) {
  return (
    <div className={styles.figure}>
      <div className={styles.figureHead}>
        <span>{label}</span>
        {chart}
      </div>
      <p className={styles.value}>
        {value}
        <span>{unit}</span>
      </p>
      <p>{note}</p>
    </div>
  );
}
