/** The results of `npm run bench:console` as a page and as numbers. */
import { type Bounds, type Figure, figureRows, judge, ratio } from '../lookup/figure.ts';
import { formatTable } from '../lookup/format-table.ts';
import { median } from '../lookup/median.ts';
import { describeMachine, writeResults } from '../lookup/write-results.ts';
import { type ConsoleOptions, consoleParts } from './console-options.ts';
import type { BesideRound } from './measure-beside.ts';
import type { DemoTimes } from './measure-demo.ts';
import type { InConsole } from './measure-in-console.ts';
import type { Scroll, Scrolls } from './measure-scroll.ts';
import type { StartTimes } from './measure-start.ts';

export interface ConsoleOutcome extends InConsole {
  readonly demo: DemoTimes | undefined;
}

export function reportConsole(options: ConsoleOptions, outcome: ConsoleOutcome): void {
  const { start, scroll, beside, demo } = outcome;
  const figures = [
    ...(start === undefined ? [] : startFigures(start)),
    ...(scroll === undefined ? [] : scrollFigures(scroll)),
    ...(beside === undefined ? [] : besideFigures(beside)),
    ...(demo === undefined ? [] : [demoFigure(demo)]),
  ];
  const tables = [
    ['Figures', figureRows(figures)],
    ['Scrolling', scrollRows(scroll)],
    ['Look-ups beside consoles (1 worker, 64 connections)', besideRows(beside)],
  ] as const;
  const sections = tables
    .filter(([, rows]) => rows.length > 1)
    .map(([title, rows]) => `## ${title}\n\n${formatTable(rows)}`);
  writeResults({
    name: 'console',
    title: 'The console',
    machine: describeMachine(new Date()),
    notKept: reasonNotKept(options),
    text: [introduction(options), ...sections].join('\n\n'),
    data: {
      options,
      figures: figures.map((figure) => ({ ...figure, verdict: judge(figure) })),
      ...outcome,
    },
  });
}

function reasonNotKept({ record, parts }: ConsoleOptions): string | undefined {
  if (!record) return 'run with --record to keep the results';
  const isWhole = consoleParts.every((part) => parts.includes(part));
  return isWhole ? undefined : 'only a run of all parts is kept';
}

function introduction({ contacts, rounds, seconds }: ConsoleOptions): string {
  return `The node has ${contacts} contacts and runs on one core. A start is measured in a new headless Chromium
with an empty cache, over the loopback address. A scroll moves the access log of 10,000 entries for
ten seconds. Look-ups are measured for ${seconds} s with and without ten open overviews, in turns, on
the same server. The figures are medians of ${rounds} rounds. A ratio is the median of the rounds'
ratios.`;
}

const startBounds = { bound: 'at most', must: 1_500, aim: 800, unit: 'ms' } as const;

function startFigures({ signIn, overview }: StartTimes): Figure[] {
  return [
    figure({ what: 'until the sign-in page can be used', ...startBounds }, signIn),
    figure({ what: 'until the overview shows its figures', ...startBounds }, overview),
  ];
}

const scrollBounds = { bound: 'at least', must: 50, aim: 60, unit: 'frames/s' } as const;

function scrollFigures({ skimmed, whole }: Scrolls): Figure[] {
  // Whole frames: the clock of the screen and that of the page differ by parts of a per cent.
  const frames = (scrolls: readonly Scroll[]) =>
    scrolls.map(({ framesPerSecond }) => Math.round(framesPerSecond));
  return [
    figure({ what: '10,000 rows, skimmed', ...scrollBounds }, frames(skimmed)),
    figure({ what: '10,000 rows, all of them in ten seconds', ...scrollBounds }, frames(whole)),
  ];
}

function besideFigures(rounds: readonly BesideRound[]): Figure[] {
  const beside = (what: string, bounds: Pick<Bounds, 'must' | 'aim'>, of: keyof Measured) =>
    ratio(
      { what: `${what} while ten consoles are open`, bound: 'at most', unit: 'times', ...bounds },
      rounds.map(({ open }) => open[of]),
      rounds.map(({ closed }) => closed[of]),
    );
  return [
    beside('CPU per look-up', { must: 1.05, aim: 1.02 }, 'cpuUsPerRequest'),
    beside('p99 of look-ups', { must: 1.5, aim: 1.2 }, 'p99Us'),
  ];
}

type Measured = Pick<BesideRound['open'], 'cpuUsPerRequest' | 'p99Us'>;

function demoFigure({ installSeconds, demoSeconds }: DemoTimes): Figure {
  return {
    ...{ what: 'until the demo answers in a clean clone', bound: 'at most', must: 90, unit: 's' },
    measured: installSeconds + demoSeconds,
    rounds: [],
    note: `npm ci ${installSeconds.toFixed(1)} s, npm run demo ${demoSeconds.toFixed(1)} s`,
  };
}

function figure(bounds: Bounds, rounds: readonly number[]): Figure {
  return { ...bounds, measured: median(rounds), rounds };
}

function scrollRows(scroll: Scrolls | undefined): string[][] {
  const head = ['round', 'scroll', 'frames/s', 'longest frame ms', 'blank frames', 'dropped'];
  const row = (kind: string) => (it: Scroll, place: number) => [
    ...[String(place + 1), kind, it.framesPerSecond.toFixed(1), it.longestFrameMs.toFixed(1)],
    ...[String(it.blankFrames), String(it.droppedFrames)],
  ];
  const { skimmed = [], whole = [] } = scroll ?? {};
  return [head, ...skimmed.map(row('skimmed')), ...whole.map(row('all rows'))];
}

function besideRows(rounds: readonly BesideRound[] = []): string[][] {
  const head = [
    'round',
    'consoles',
    'CPU µs/request',
    'requests/s',
    'p50 µs',
    'p99 µs',
    'others %',
  ];
  const row = (round: number, consoles: string, it: BesideRound['open']) => [
    ...[String(round), consoles, it.cpuUsPerRequest.toFixed(2), it.requestsPerSecond.toFixed(0)],
    ...[it.p50Us.toFixed(0), it.p99Us.toFixed(0), (it.othersShare * 100).toFixed(1)],
  ];
  return [
    head,
    ...rounds.flatMap(({ closed, open }, place) => [
      row(place + 1, 'none', closed),
      row(place + 1, 'ten', open),
    ]),
  ];
}
