/** How uPlot draws a chart of the design: axes from zero, five lines, colours of the theme. */
import type UPlot from 'uplot';
import { type ChartLimit, drawnValues, type TimeChartParts } from './time-chart-parts.ts';

interface OptionParts extends TimeChartParts {
  readonly width: number;
  readonly height: number;
  readonly scheme: 'light' | 'dark';
  readonly setPointed: (place: number | undefined) => void;
}

const font = '11px "Inter Variable", sans-serif';

export function chartOptions(parts: OptionParts): UPlot.Options {
  const { width, height, series, isStacked, limit, setPointed } = parts;
  const colourOf = themeColours();
  const largest = Math.max(
    limit?.value ?? 0,
    ...drawnValues(parts).flatMap((values) => values.map(Number)),
  );
  const top = niceTop(largest * 1.08);
  return {
    width,
    height,
    legend: { show: false },
    padding: [14, 6, 0, 0],
    cursor: { drag: { x: false, y: false }, y: false, points: { size: 7, width: 2 } },
    scales: { x: { time: true }, y: { range: [0, top] } },
    axes: axesOf(parts, colourOf, top),
    series: [
      {},
      ...series.map(({ label, colour, values, isArea }) => ({
        label,
        stroke: colourOf(colour),
        width: 1.5,
        // A single value has no line.
        points: { show: values.filter((value) => value !== null).length < 3, size: 5 },
        ...(isArea === true ? { fill: faded(colourOf(colour)) } : {}),
      })),
    ],
    // Between a line of a stack and the one below it; the lowest stands on the ground.
    ...(isStacked === true && {
      bands: series.slice(1).map((_one, place) => ({ series: [place + 2, place + 1] as const })),
    }),
    hooks: {
      setCursor: [({ cursor }) => setPointed(cursor.idx ?? undefined)],
      draw: limit === undefined ? [] : [(chart) => drawLimit(chart, limit, colourOf('--bad'))],
    },
  };
}

function axesOf(
  { timeWords, valueWords }: OptionParts,
  colourOf: (name: string) => string,
  top: number,
): UPlot.Axis[] {
  const shared = { stroke: colourOf('--text-third'), font, ticks: { show: false } };
  return [
    {
      ...shared,
      grid: { show: false },
      size: 28,
      space: 120,
      values: (_chart, splits) => splits.map((split) => timeWords(split).replace(/^Today /, '')),
    },
    {
      ...shared,
      size: 46,
      grid: { stroke: colourOf('--line'), width: 1 },
      splits: () => Array.from({ length: 6 }, (_none, step) => (top / 5) * step),
      values: (_chart, splits) =>
        splits.map((split) => valueWords(split).replace(/[^\d.,KM]/g, '')),
    },
  ];
}

/** A dashed line with its words at the right end. */
function drawLimit(chart: UPlot, { value, label }: ChartLimit, colour: string): void {
  const { ctx, bbox } = chart;
  const y = Math.round(chart.valToPos(value, 'y', true));
  const ratio = window.devicePixelRatio;
  ctx.save();
  ctx.strokeStyle = colour;
  ctx.fillStyle = colour;
  ctx.lineWidth = ratio;
  ctx.setLineDash([4 * ratio, 3 * ratio]);
  ctx.beginPath();
  ctx.moveTo(bbox.left, y);
  ctx.lineTo(bbox.left + bbox.width, y);
  ctx.stroke();
  ctx.font = font.replace('11px', `${11 * ratio}px`);
  ctx.textAlign = 'right';
  ctx.fillText(label, bbox.left + bbox.width, y - 5 * ratio);
  ctx.restore();
}

function themeColours(): (name: string) => string {
  const style = getComputedStyle(document.documentElement);
  return (name) => style.getPropertyValue(name).trim();
}

/** Of `#rrggbb`. */
function faded(colour: string): string {
  return `${colour}22`;
}

/** The next of 1, 2, 2.5, 5 times a power of ten, so that five lines have round values. */
function niceTop(value: number): number {
  if (value <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  const step = [1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10].find((it) => it * power >= value) ?? 10;
  return step * power;
}
