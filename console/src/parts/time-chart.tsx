/**
 * Lines and areas over time, drawn by uPlot. Arrow keys move the cursor; the same values can be
 * read as a table.
 */
import 'uplot/dist/uPlot.min.css';
import { useComputedColorScheme } from '@mantine/core';
import { type KeyboardEvent, memo, useEffect, useRef, useState } from 'react';
import UPlot from 'uplot';
import { ChartTable } from './chart-table.tsx';
import { reachable } from './reachable.ts';
import styles from './time-chart.module.css';
import { chartOptions } from './time-chart-options.ts';
import { drawnValues, type TimeChartParts } from './time-chart-parts.ts';

const height = 226;

/** Drawn anew only if its parts change, so that the cursor stays. */
export const TimeChart = memo(DrawnChart);

function DrawnChart(parts: TimeChartParts) {
  const place = useRef<HTMLElement>(null);
  const chart = useRef<UPlot>(undefined);
  const scheme = useComputedColorScheme('light');
  const [pointed, setPointed] = useState<number>();
  const [isTable, setTable] = useState(false);
  const { times, label } = parts;
  useEffect(() => {
    const at = place.current;
    if (at === null || isTable) return undefined;
    const data = [times, ...drawnValues(parts)] as UPlot.AlignedData;
    const options = chartOptions({ ...parts, width: at.clientWidth, height, scheme, setPointed });
    const drawn = new UPlot(options, data, at);
    chart.current = drawn;
    const watch = new ResizeObserver(() => drawn.setSize({ width: at.clientWidth, height }));
    watch.observe(at);
    return () => {
      watch.disconnect();
      drawn.destroy();
    };
  }, [isTable, parts, scheme, times]);
  const move = (event: KeyboardEvent) => {
    const step = event.key === 'ArrowLeft' ? -1 : event.key === 'ArrowRight' ? 1 : 0;
    const drawn = chart.current;
    if (step === 0 || drawn === undefined) return;
    event.preventDefault();
    const next = clamp((pointed ?? times.length - (step > 0 ? 1 : 0)) + step, times.length);
    drawn.setCursor({ left: drawn.valToPos(times[next] ?? 0, 'x'), top: 0 });
  };
  return (
    <div className={styles.chart}>
      {isTable ? (
        <ChartTable {...parts} />
      ) : (
        <section
          ref={place}
          className={styles.place}
          aria-label={label}
          {...reachable}
          onKeyDown={move}
        >
          {pointed !== undefined && <Pointed parts={parts} place={pointed} chart={chart.current} />}
        </section>
      )}
      <button className={styles.switch} type="button" onClick={() => setTable(!isTable)}>
        {isTable ? 'as a chart' : 'as a table'}
      </button>
    </div>
  );
}

/** The values at the cursor. */
function Pointed({
  parts: { times, series, timeWords, valueWords },
  place,
  chart,
}: {
  readonly parts: TimeChartParts;
  readonly place: number;
  readonly chart: UPlot | undefined;
}) {
  const seconds = times[place];
  if (seconds === undefined || chart === undefined) return null;
  const left = chart.valToPos(seconds, 'x');
  const isRight = left > chart.width / 2;
  return (
    <div
      className={styles.pointed}
      style={isRight ? { right: chart.width - left - 30 } : { left: left + 60 }}
    >
      <p>{timeWords(seconds)}</p>
      {series.map(({ label, colour, values }) => {
        const value = values[place];
        return (
          <p key={label} className={styles.line}>
            <span className={styles.dot} style={{ background: `var(${colour})` }} />
            <span>{label}</span>
            <strong>{value === null || value === undefined ? '–' : valueWords(value)}</strong>
          </p>
        );
      })}
    </div>
  );
}

function clamp(place: number, length: number): number {
  return Math.min(length - 1, Math.max(0, place));
}
