/** The results of `npm run bench:sync` as a page and as numbers. */
import { type Figure, figureRows, judge, ratio } from '../lookup/figure.ts';
import { formatTable } from '../lookup/format-table.ts';
import { median } from '../lookup/median.ts';
import { type Machine, versionOf, writeResults } from '../lookup/write-results.ts';
import type { Measurement } from './measure-sync.ts';
import { scanStatement } from './scan-with-duckdb.ts';

export interface Round extends Measurement {
  /** The share of the machine that other programs used, from 0 to 1. */
  readonly othersShare: number;
}

export interface SyncOutcome {
  readonly rows: number;
  readonly fileBytes: number;
  readonly machine: Machine;
  /** The rounds of each measurement, in the order of the page. */
  readonly measured: ReadonlyMap<string, readonly Round[]>;
}

/** The names of a sync's rounds and of the scan's rounds for each measured form. */
export const syncName = (form: string, kind: string) => `Usher, ${form}, ${kind}`;
export const scanName = (form: string) => `DuckDB, scan of ${form}`;
export const copyName = 'PostgreSQL, COPY of prepared rows';

export function reportSync(outcome: SyncOutcome): void {
  const { rows, fileBytes, machine, measured } = outcome;
  const figures = syncFigures(measured);
  const head = ['what', 'wall s', 'CPU s', 'rows/s', 'memory MB', 'wall s by round', 'others %'];
  const lines = [...measured].map(([name, rounds]) => row(name, rounds, rows));
  const introduction = `There are ${rows} rows with 40 fields and an e-mail address, ${Math.round(fileBytes / 1e6)} MB as CSV.
The system has the files in its cache, and all cores are used. The figures are medians of
interleaved rounds. A ratio is the median of the rounds' ratios.

A run of Usher is \`usher sync run\`, timed from the start of its process to its end. *first* is a run
into an empty data folder, *again* a run with the same file, or the same rows of a database. For
*changed*, 1 % of the rows have changed and 0.2 % are gone; the run finds these and clears their
contacts. DuckDB's scan is
\`${scanStatement('contacts.csv')}\`.`;
  const tables = [`## Times\n\n${formatTable([head, ...lines])}`];
  if (figures.length > 0) tables.unshift(`## Figures\n\n${formatTable(figureRows(figures))}`);
  const isWhole = rows >= 1e6 && [...measured.values()].every((rounds) => rounds.length >= 3);
  writeResults({
    name: 'sync',
    title: 'Syncs compared with other programs',
    machine,
    notKept: isWhole ? undefined : 'only runs of a million rows and three rounds are kept',
    text: [introduction, ...tables].join('\n\n'),
    data: {
      rows,
      fileBytes,
      postgres: versionOf('psql', '--version'),
      redis: versionOf('redis-server', '--version'),
      figures: figures.map((figure) => ({ ...figure, verdict: judge(figure) })),
      measured: Object.fromEntries(measured),
    },
  });
}

const bounds = {
  first: { must: 9, aim: 6 },
  again: { must: 1.6, aim: 1.3 },
  changed: { must: 2.5, aim: 1.8 },
} as const;

/** Of a first sync against COPY, which parses, converts and compares nothing. */
const copyBounds = { must: 1.6, aim: 1.1 } as const;

function syncFigures(measured: SyncOutcome['measured']): Figure[] {
  const wall = (name: string) => (measured.get(name) ?? []).map((round) => round.wallMs);
  const memory = (name: string) => (measured.get(name) ?? []).map((round) => round.memoryMb);
  const figures: Figure[] = [];
  for (const [kind, { must, aim }] of Object.entries(bounds)) {
    const [ours, theirs] = [wall(syncName('csv', kind)), wall(scanName('csv'))];
    if (ours.length === 0 || theirs.length === 0) continue;
    const what = `sync of CSV, ${kind}, against DuckDB's own scan of the file, wall time`;
    figures.push(ratio({ what, bound: 'at most', must, aim, unit: 'times' }, ours, theirs));
  }
  const [first, copied] = [wall(syncName('csv', 'first')), wall(copyName)];
  if (first.length > 0 && copied.length > 0) {
    const what = 'sync of CSV, first, against COPY of prepared rows with the same index, wall time';
    figures.push(ratio({ what, bound: 'at most', ...copyBounds, unit: 'times' }, first, copied));
  }
  for (const [form, must] of [
    ['csv', 2_000],
    ['postgres', 400],
  ] as const) {
    const rounds = memory(syncName(form, 'first'));
    if (rounds.length === 0) continue;
    const what = `anonymous memory of a first sync, ${form}`;
    const measuredMb = median(rounds);
    figures.push({ what, bound: 'at most', must, unit: 'MB', measured: measuredMb, rounds });
  }
  return figures;
}

function row(name: string, rounds: readonly Round[], rows: number): string[] {
  const wallMs = median(rounds.map((it) => it.wallMs));
  const cpuMs = median(rounds.map((it) => it.cpuMs));
  const memoryMb = median(rounds.map((it) => it.memoryMb));
  const each = rounds.map((it) => (it.wallMs / 1000).toFixed(1)).join(', ');
  const rate = (rows / wallMs) * 1000;
  const others = rounds.map((it) => (it.othersShare * 100).toFixed(0)).join(', ');
  const times = [wallMs, cpuMs].map((ms) => (ms / 1000).toFixed(2));
  return [name, ...times, rate.toFixed(0), memoryMb === 0 ? '' : memoryMb.toFixed(0), each, others];
}
