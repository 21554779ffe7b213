/**
 * This checkout beside another one, in turns: A B, B A, A B, so that whatever the machine does
 * besides meets both. Each turn starts its server anew, since two starts differ, too.
 */
import { checkAnswers } from './check-answers.ts';
import { type Measurement, measure, warmUp } from './measure.ts';
import type { MeasuredServer } from './measured-server.ts';
import { type MedianInterval, medianInterval } from './median-interval.ts';
import { noteMeasured } from './progress.ts';

/** How well a ratio must be known: the interval may reach this far from the median, as a part. */
export const wantedPrecision = 0.02;

export interface ComparisonOptions {
  readonly contacts: number;
  readonly seconds: number;
  /** Load before each measurement, so that code is compiled and caches are filled. */
  readonly warmSeconds: number;
  readonly patienceSeconds: number;
  readonly rounds: { readonly fewest: number; readonly most: number };
}

/** One round: what each server measured, in the order of the servers. */
export type ComparisonRound = readonly Measurement[];

/**
 * Measures rounds until the CPU ratio of the first two servers is known precisely, or there were
 * enough of them.
 *
 * @param servers ours, the other one, and others that are measured beside them
 */
export async function measureComparison(
  servers: readonly MeasuredServer[],
  options: ComparisonOptions,
  onRound: (rounds: readonly ComparisonRound[]) => void,
): Promise<readonly ComparisonRound[]> {
  const rounds: ComparisonRound[] = [];
  while (rounds.length < options.rounds.most) {
    const round = rounds.length + 1;
    console.error(`round ${round}`);
    const order = servers.map((_, place) => place);
    if (round % 2 === 0) order.reverse();
    const found: Measurement[] = [];
    for (const place of order) {
      const server = servers[place];
      if (server !== undefined) found[place] = await measureTurn(server, options, round);
    }
    rounds.push(found);
    onRound(rounds);
    if (round >= options.rounds.fewest && isPrecise(ratioOf(rounds))) break;
  }
  return rounds;
}

async function measureTurn(
  server: MeasuredServer,
  options: ComparisonOptions,
  round: number,
): Promise<Measurement> {
  const started = await server.start();
  try {
    if (round === 1) await checkAnswers(server, started.port, options.contacts);
    await warmUp(server, started, { contacts: options.contacts, seconds: options.warmSeconds });
    const found = await measure(server, started, { ...options, connections: 64, seed: round });
    noteMeasured(round, server.name, found);
    return found;
  } finally {
    await server.stop();
  }
}

/** CPU time per request of one server over another's, by default ours over the other checkout's. */
export function ratioOf(
  rounds: readonly ComparisonRound[],
  of = 0,
  against = 1,
): MedianInterval | undefined {
  const ratios = rounds.map(
    (round) =>
      (round[of]?.cpuUsPerRequest ?? Number.NaN) / (round[against]?.cpuUsPerRequest ?? Number.NaN),
  );
  return ratios.length < 6 ? undefined : medianInterval(ratios);
}

export function isPrecise(ratio: MedianInterval | undefined): boolean {
  if (ratio === undefined) return false;
  const reach = Math.max(ratio.high - ratio.median, ratio.median - ratio.low);
  return reach <= wantedPrecision * ratio.median;
}
