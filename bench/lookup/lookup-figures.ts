/**
 * Computes the figures of look-ups from the measurements, and defines the bounds of each figure.
 */
import { type Bounds, type Figure, ratio } from './figure.ts';
import type { Measurement } from './measure.ts';
import type { ColdStart } from './measure-cold-start.ts';
import type { BesideRound } from './measure-import-beside.ts';
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
    ...atMost('CPU per request against webdis + redis', 0.77, 0.62),
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
    ...atMost('p99 against webdis + redis', 1.1, 0.75),
    ...{ of: 'usher', against: 'webdis', by: 'p99Us' },
  },
  {
    ...atMost('CPU per request with 2 workers against 1', 1.25, 1.1),
    ...{ of: 'usher-2', against: 'usher', by: 'cpuUsPerRequest' },
  },
];

export function serverFigures(rounds: ServerRounds): Figure[] {
  return comparisons.flatMap(({ of, against, by, ...bounds }) => {
    const ours = pick(rounds.get(of) ?? [], 64, by);
    const theirs = pick(rounds.get(against) ?? [], 64, by);
    return ours.length > 0 && theirs.length > 0 ? [ratio(bounds, ours, theirs)] : [];
  });
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

/** @param sizes the rounds of each number of contacts, in ascending order of that number */
export function scaleFigures(sizes: readonly (readonly ScaleMeasurement[])[]): Figure[] {
  const [least] = sizes;
  const most = sizes.at(-1);
  if (least === undefined || most === undefined) return [];
  const memory = (rounds: readonly ScaleMeasurement[]): number[] =>
    rounds.map((round) => round.anonymousMemory / 2 ** 20);
  const highest = sizes.map(memory).reduce((a, b) => (median(b) > median(a) ? b : a));
  const figures: Figure[] = [
    {
      ...{ what: 'anonymous memory of the server, 1 worker', bound: 'at most', unit: 'MB' },
      ...{ must: 200, aim: 120, measured: median(highest), rounds: highest },
    },
  ];
  if (sizes.length === 1) return figures;
  const medians = sizes.map((rounds) => median(memory(rounds)));
  const spread = (Math.max(...medians) / Math.min(...medians) - 1) * 100;
  const cpu = (rounds: readonly ScaleMeasurement[]): number[] =>
    rounds.map((round) => round.cpuUsPerRequest);
  const [few, many] = [contactCount(least), contactCount(most)];
  return [
    ratio(
      atMost(`CPU per request at ${many} contacts against ${few}`, 1.3, 1.2),
      cpu(most),
      cpu(least),
    ),
    ...figures,
    {
      ...{ what: `anonymous memory, most against least, ${few} to ${many} contacts` },
      ...{ bound: 'at most', must: 10, unit: '%', measured: spread, rounds: medians },
      note: 'rounds: MB at each number of contacts',
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
