/** Four figures: how much, how slow, how much of it failed, and how much of the limit is used. */
import type { ReactNode } from 'react';
import type { Formats } from '../../format/formats.ts';
import { useFormats } from '../../format/use-formats.ts';
import { Sparkline } from '../../parts/sparkline.tsx';
import type { Overview } from '../../parts/use-overview.ts';
import styles from './overview.module.css';
import { type Periods, ratesOf, statusSums, sumOf } from './periods.ts';

interface FiguresParts {
  readonly overview: Overview;
  /** The time that is shown; `undefined`: not read yet. */
  readonly periods: Periods | undefined;
}

export function FiguresStrip({ overview, periods }: FiguresParts) {
  return (
    <section className={styles.figures} aria-label="Look-ups now">
      <Requests overview={overview} periods={periods} />
      <Slowest overview={overview} periods={periods} />
      <NotOk overview={overview} periods={periods} />
      <LimitUsed overview={overview} periods={periods} />
    </section>
  );
}

function Requests({ overview, periods }: FiguresParts) {
  const formats = useFormats();
  const rates = periods && ratesOf(periods, ({ requests }) => requests);
  return (
    <Figure
      label="Requests"
      chart={<Sparkline values={rates ?? []} />}
      value={formats.decimal(overview.now.requests_per_second, 1)}
      unit="per second"
      note={peakWords(periods, formats)}
    />
  );
}

function peakWords(periods: Periods | undefined, formats: Formats): string {
  if (periods === undefined) return '…';
  const rates = ratesOf(periods, ({ requests }) => requests).map(Number);
  const peak = Math.max(0, ...rates);
  if (peak === 0) return `none ${periods.words}`;
  const at = periods.timeWords(periods.times[rates.indexOf(peak)] ?? 0, formats);
  return `${formats.decimal(peak, peak < 0.1 ? 3 : 1)} at the peak, ${at.replace(/^Today /, '')}`;
}

function Slowest({ overview, periods }: FiguresParts) {
  const formats = useFormats();
  const latency = overview.now.latency ?? overview.last_hour.latency;
  return (
    <Figure
      label="Slowest 1%"
      chart={<Sparkline values={periods?.counts.map((one) => one?.latency?.p99_ms ?? 0) ?? []} />}
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

function NotOk({ overview, periods }: FiguresParts) {
  const formats = useFormats();
  const share = failedShares(overview, periods);
  const rates = periods && ratesOf(periods, ({ not_ok }) => not_ok);
  return (
    <Figure
      label="Not OK"
      chart={<Sparkline values={rates ?? []} />}
      value={formats.decimal(share.all * 100, 2)}
      unit="%"
      note={`${formats.decimal(share.unknown * 100, 2)} unknown · ${formats.decimal(share.limited * 100, 2)} limited`}
    />
  );
}

/** Of the time that is shown; before its first look-up, of the last seconds. */
function failedShares({ now }: Overview, periods: Periods | undefined) {
  const requests = periods === undefined ? 0 : sumOf(periods, 'requests');
  const isKnown = periods !== undefined && requests > 0;
  const statuses = isKnown ? statusSums(periods) : new Map(Object.entries(now.statuses));
  const all = isKnown
    ? requests
    : [...statuses.values()].reduce((sum: number, one) => sum + Number(one), 0);
  const failed = isKnown
    ? sumOf(periods, 'not_ok') / requests
    : now.not_ok_per_second / Math.max(now.requests_per_second, Number.MIN_VALUE);
  const shareOf = (status: string) => (all === 0 ? 0 : Number(statuses.get(status) ?? 0) / all);
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
