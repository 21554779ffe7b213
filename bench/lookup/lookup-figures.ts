/**
 * Computes the figures of look-ups from the measurements, and defines the bounds of each figure.
 */
import { type Bounds, type Figure, ratio } from './figure.ts';
import type { Measurement } from './measure.ts';
import type { ColdStart } from './measure-cold-start.ts';
import type { BesideRound } from './measure-import-beside.ts';
import { type OpenRounds, pickOpen } from './measure-open.ts';
import type { ScaleMeasurement } from './measure-scale.ts';
import { pick, type ServerRounds } from './measure-servers.ts';
import { median } from './median.ts';

/** The comparisons at 64 connections: a server, the other server, and the measured quantity. */
const comparisons: readonly (Bounds & {
  readonly of: string;
  readonly against: string;
  readonly by: keyof Measurement;
})[] = [
  {
    ...atMost('CPU per request against nginx `return 200`', 2.8, 2.3),
    ...{ of: 'usher', against: 'nginx', by: 'cpuUsPerRequest' },
  },
  {
    ...atMost('CPU per request against webdis + redis', 0.8, 0.65),
    ...{ of: 'usher', against: 'webdis', by: 'cpuUsPerRequest' },
  },
  {
    ...atMost('CPU per request against Fastify + ioredis', 0.59, 0.45),
    ...{ of: 'usher', against: 'fastify-redis', by: 'cpuUsPerRequest' },
  },
  {
    ...atMost('CPU per request against Fastify + PostgreSQL', 0.2, 0.14),
    ...{ of: 'usher', against: 'fastify-postgres', by: 'cpuUsPerRequest' },
  },
  {
    ...atMost('p99 against webdis + redis', 1.0, 0.7),
    ...{ of: 'usher', against: 'webdis', by: 'p99Us' },
  },
  {
    ...atMost('CPU per request with 2 workers against 1', 1.25, 1.1),
    ...{ of: 'usher-2', against: 'usher', by: 'cpuUsPerRequest' },
  },
  {
    ...atMost('p99 with 2 workers against 1', 1.5, 1.1),
    ...{ of: 'usher-2', against: 'usher', by: 'p99Us' },
  },
];

export function serverFigures(rounds: ServerRounds): Figure[] {
  return comparisons.flatMap(({ of, against, by, ...bounds }) => {
    const ours = pick(rounds.get(of) ?? [], 64, by);
    const theirs = pick(rounds.get(against) ?? [], 64, by);
    return ours.length > 0 && theirs.length > 0 ? [ratio(bounds, ours, theirs)] : [];
  });
}

export function openFigures(rounds: OpenRounds): Figure[] {
  const turns = rounds.get('usher') ?? [];
  const found = pickOpen(turns, 0.8, 'p999Us').map((us) => us / 1_000);
  if (found.length === 0) return [];
  const what = 'p99.9 in an open loop at 80 % of capacity';
  const bounds = { what, bound: 'at most', must: 10, aim: 3, unit: 'ms' } as const;
  return [{ ...bounds, measured: median(found), rounds: found }];
}

/** Uses the phase of the import that costs look-ups more. */
export function besideFigures(rounds: readonly BesideRound[]): Figure[] {
  if (rounds.length === 0) return [];
  const worst = (what: 'cpuUsPerRequest' | 'p99Us'): number[] =>
    rounds.map(({ reading, applying }) => Math.max(reading[what], applying[what]));
  const quiet = (what: 'cpuUsPerRequest' | 'p99Us'): number[] =>
    rounds.map((round) => round.quiet[what]);
  const ended = rounds.filter((round) => !round.importOutlastedLoad).length;
  const note = ended === 0 ? {} : { note: `rounds in which the import ended too early: ${ended}` };
  const cpu = atMost('CPU per request while an import runs', 1.15, 1.05);
  const p99 = atMost('p99 while an import runs', 3, 2);
  return [
    { ...ratio(cpu, worst('cpuUsPerRequest'), quiet('cpuUsPerRequest')), ...note },
    { ...ratio(p99, worst('p99Us'), quiet('p99Us')), ...note },
  ];
}

export function coldFigures(rounds: readonly ColdStart[]): Figure[] {
  if (rounds.length === 0) return [];
  const what = 'first 2 s after the first green `/readyz` of a cold start, against warm';
  const kept = Math.max(...rounds.map((round) => round.leftInMemory));
  const bounds = { what, bound: 'at least', must: 0.6, aim: 0.8, unit: 'times' } as const;
  const figure = ratio(
    bounds,
    rounds.map((round) => round.cold),
    rounds.map((round) => round.warm),
  );
  if (kept < 0.05) return [figure];
  return [{ ...figure, note: `${Math.round(kept * 100)} % of the data was still in memory` }];
}

/**
 * @param sizes the rounds of each number of contacts, in ascending order of that number
 * @param servers of the same run: the CPU time of a request to nginx is a unit
 */
export function scaleFigures(
  sizes: readonly (readonly ScaleMeasurement[])[],
  servers: ServerRounds,
): Figure[] {
  const [least] = sizes;
  const most = sizes.at(-1);
  if (least === undefined || most === undefined) return [];
  const memory = (rounds: readonly ScaleMeasurement[]): number[] =>
    rounds.map((round) => round.anonymousMemory / 2 ** 20);
  const highest = sizes.map(memory).reduce((a, b) => (median(b) > median(a) ? b : a));
  const figures: Figure[] = [
    {
      ...{ what: 'anonymous memory of the server, 1 worker', bound: 'at most', unit: 'MB' },
      ...{ must: 160, aim: 100, measured: median(highest), rounds: highest },
    },
  ];
  if (sizes.length === 1) return figures;
  const medians = sizes.map((rounds) => median(memory(rounds)));
  const spread = (Math.max(...medians) / Math.min(...medians) - 1) * 100;
  const [few, many] = [contactCount(least), contactCount(most)];
  return [
    ...growthFigures(
      { least, most, few, many },
      pick(servers.get('nginx') ?? [], 64, 'cpuUsPerRequest'),
    ),
    ...figures,
    {
      ...{ what: `anonymous memory, most against least, ${few} to ${many} contacts` },
      ...{ bound: 'at most', must: 10, unit: '%', measured: spread, rounds: medians },
      note: 'rounds: MB at each number of contacts',
    },
  ];
}

interface Growth {
  readonly least: readonly ScaleMeasurement[];
  readonly most: readonly ScaleMeasurement[];
  /** The numbers of contacts, in words. */
  readonly few: string;
  readonly many: string;
}

/** A difference and not a ratio: a ratio would grow whenever the rest of a look-up is cheaper. */
function growthFigures({ least, most, few, many }: Growth, nginxUs: readonly number[]): Figure[] {
  if (nginxUs.length === 0) return [];
  const unitUs = median(nginxUs);
  const found = most.map(
    (of, round) => (of.cpuUsPerRequest - (least[round]?.cpuUsPerRequest ?? Number.NaN)) / unitUs,
  );
  return [
    {
      ...{ what: `CPU per request at ${many} contacts minus that at ${few}`, bound: 'at most' },
      ...{ must: 0.8, aim: 0.5, unit: 'nginx requests', measured: median(found), rounds: found },
    },
  ];
}

function contactCount(rounds: readonly ScaleMeasurement[]): string {
  const contacts = rounds[0]?.contacts ?? 0;
  return contacts >= 1e6 ? `${contacts / 1e6} M` : `${contacts / 1e3} k`;
}

function atMost(what: string, must: number, aim: number) {
  return { what, bound: 'at most', must, aim, unit: 'times' } as const;
}
