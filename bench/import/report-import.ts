/** The outcome of `npm run bench:import` as a page and as numbers. */
import { type Figure, figureRows, judge, ratio } from '../lookup/figure.ts';
import { formatTable } from '../lookup/format-table.ts';
import { median } from '../lookup/median.ts';
import { type Machine, versionOf, writeResults } from '../lookup/write-results.ts';
import type { ImportMeasurement } from './measure-import.ts';
import { scanStatement } from './scan-with-duckdb.ts';

export interface ImportRound extends ImportMeasurement {
  /** What part of the machine others had meanwhile, 0 to 1. */
  readonly othersShare: number;
}

export interface ImportOutcome {
  readonly rows: number;
  readonly fileBytes: number;
  readonly machine: Machine;
  /** Round by round; empty where it was not asked for. */
  readonly usher: readonly ImportRound[];
  readonly duckdb: readonly ImportRound[];
  readonly postgres: readonly ImportRound[];
}

const names = {
  duckdb: 'DuckDB, scan alone',
  postgres: 'PostgreSQL, COPY of ready rows',
  usher: 'Usher, import',
} as const;

export function reportImport(outcome: ImportOutcome): void {
  const { rows, fileBytes, machine, usher, duckdb, postgres } = outcome;
  const figures = importFigures(outcome);
  const measured = { duckdb, postgres, usher };
  const head = ['what', 'wall s', 'CPU s', 'rows/s', 'wall s by round', 'others %'];
  const lines = (Object.keys(names) as (keyof typeof names)[])
    .filter((key) => measured[key].length > 0)
    .map((key) => row(names[key], measured[key], rows));
  const introduction = `${rows} rows of 40 fields and an e-mail address, ${Math.round(fileBytes / 1e6)} MB of CSV, read from memory; all cores. Medians of interleaved
rounds; a ratio is the median of the rounds' ratios. DuckDB: \`${scanStatement}\`.
PostgreSQL: COPY, in its text format, of the e-mail address and the same values as ready JSON text, into a logged table with a unique index on the address.`;
  const tables = [`## Times\n\n${formatTable([head, ...lines])}`];
  if (figures.length > 0) tables.unshift(`## Figures\n\n${formatTable(figureRows(figures))}`);
  writeResults({
    name: 'import',
    title: 'Import beside others',
    machine,
    isWhole: rows >= 1e6 && Object.values(measured).every((rounds) => rounds.length >= 3),
    text: [introduction, ...tables].join('\n\n'),
    data: {
      rows,
      fileBytes,
      postgres: versionOf('psql', '--version'),
      figures: figures.map((figure) => ({ ...figure, verdict: judge(figure) })),
      measured,
    },
  });
}

function importFigures({ usher, duckdb, postgres }: ImportOutcome): Figure[] {
  const wall = (rounds: readonly ImportMeasurement[]): number[] => rounds.map((it) => it.wallMs);
  const figures: Figure[] = [];
  if (usher.length > 0 && duckdb.length > 0) {
    const what = "import from CSV against DuckDB's own scan of the file, wall time";
    const bounds = { what, bound: 'at most', must: 14, aim: 8, unit: 'times' } as const;
    figures.push(ratio(bounds, wall(usher), wall(duckdb)));
  }
  if (usher.length > 0 && postgres.length > 0) {
    const what = 'import from CSV, times faster than PostgreSQL COPY of ready rows';
    const bounds = { what, bound: 'at least', must: 1.1, aim: 2, unit: 'times' } as const;
    figures.push(ratio(bounds, wall(postgres), wall(usher)));
  }
  return figures;
}

function row(name: string, rounds: readonly ImportRound[], rows: number): string[] {
  const wallMs = median(rounds.map((it) => it.wallMs));
  const cpuMs = median(rounds.map((it) => it.cpuMs));
  const each = rounds.map((it) => (it.wallMs / 1000).toFixed(1)).join(', ');
  const rate = (rows / wallMs) * 1000;
  const others = rounds.map((it) => (it.othersShare * 100).toFixed(0)).join(', ');
  const times = [wallMs, cpuMs].map((ms) => (ms / 1000).toFixed(2));
  return [name, ...times, rate.toFixed(0), each, others];
}
