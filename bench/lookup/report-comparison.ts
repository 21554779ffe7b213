/** The results of `npm run bench:lookup -- --compare COMMIT` as a page and as numbers. */
import { formatTable } from './format-table.ts';
import type { Measurement } from './measure.ts';
import { type ComparisonRound, isPrecise, ratioOf, wantedPrecision } from './measure-comparison.ts';
import type { MeasuredServer } from './measured-server.ts';
import { median } from './median.ts';
import type { MedianInterval } from './median-interval.ts';
import { describeMachine, writeResults } from './write-results.ts';

export interface Comparison {
  /** The name of the files in `results/`. */
  readonly name: string;
  readonly title: string;
  /** Ours, the other checkout's, and others. */
  readonly servers: readonly MeasuredServer[];
  readonly contacts: number;
  readonly seconds: number;
  readonly rounds: readonly ComparisonRound[];
  /** Whether the page is written to `results/`, or only printed. */
  readonly isKept: boolean;
}

export function reportComparison(comparison: Comparison): void {
  const { servers, contacts, seconds, rounds } = comparison;
  const ratio = ratioOf(rounds);
  writeResults({
    name: comparison.name,
    title: comparison.title,
    machine: describeMachine(new Date()),
    notKept: comparison.isKept ? undefined : 'run with --record to keep a comparison',
    text: [
      `The first is ${servers[0]?.name}, the other one is ${servers[1]?.name}. ` +
        `Both have ${contacts} contacts.\n` +
        `There are ${rounds.length} rounds with 64 connections. Each round starts all servers, and measures ` +
        `each ${seconds} times\nfor one second.\n` +
        "The ratio is the median of the rounds' ratios, with its 95 % interval.",
      `## Ratio\n\n${verdict(rounds, servers)}`,
      `## Medians\n\n${formatTable(medianRows(servers, rounds))}`,
      `## Compared with the others\n\n${formatTable(otherRows(servers, rounds))}`,
    ]
      .slice(0, servers.length > 2 ? 4 : 3)
      .join('\n\n'),
    data: {
      contacts,
      seconds,
      ratio,
      servers: servers.map(({ name }) => name),
      rounds,
    },
  });
}

/**
 * The result as a sentence, such as `CPU per request: 0.98 (0.97 to 1.00) times that of abc123`.
 */
export function verdict(
  rounds: readonly ComparisonRound[],
  servers: readonly Pick<MeasuredServer, 'name'>[],
): string {
  const ratio = ratioOf(rounds);
  if (ratio === undefined) return 'Too few rounds for a ratio.';
  const [ours, other] = servers;
  const said = `CPU per request of ${ours?.name}: ${inWords(ratio)} times that of ${other?.name}.`;
  if (isPrecise(ratio)) return said;
  const percent = wantedPrecision * 100;
  return `${said}\nThe machine is too noisy: the ratio is not known within ${percent} %.`;
}

function inWords({ median: middle, low, high }: MedianInterval): string {
  return `${middle.toFixed(3)} (${low.toFixed(3)} to ${high.toFixed(3)})`;
}

function medianRows(
  servers: readonly MeasuredServer[],
  rounds: readonly ComparisonRound[],
): string[][] {
  const head = ['server', 'CPU µs/request', 'requests/s', 'p50 µs', 'p99 µs', 'others %'];
  const rows = servers.map(({ name }, place) => {
    const of = (what: keyof Measurement): number =>
      median(rounds.map((round) => round[place]?.[what] ?? Number.NaN));
    return [
      name,
      of('cpuUsPerRequest').toFixed(2),
      of('requestsPerSecond').toFixed(0),
      of('p50Us').toFixed(0),
      of('p99Us').toFixed(0),
      (of('othersShare') * 100).toFixed(1),
    ];
  });
  return [head, ...rows];
}

function otherRows(
  servers: readonly MeasuredServer[],
  rounds: readonly ComparisonRound[],
): string[][] {
  const rows = [0, 1].flatMap((of) =>
    servers.slice(2).map(({ name }, place) => {
      const ratio = ratioOf(rounds, of, place + 2);
      return [servers[of]?.name ?? '', name, ratio === undefined ? '' : inWords(ratio)];
    }),
  );
  return [['CPU per request of', 'against', 'ratio'], ...rows];
}
