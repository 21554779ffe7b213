/**
 * Compares this checkout with another one. Each round starts all servers again, because two starts
 * of the same server also differ. The servers then take turns of a second in alternating order (A
 * B, B A, A B), so that a disturbance of the machine slows all of them.
 */
import { checkAnswers } from './check-answers.ts';
import { combineSlices, type Measurement, measureSlice, type Slice, warmUp } from './measure.ts';
import type { MeasuredServer, StartedServer } from './measured-server.ts';
import { type MedianInterval, medianInterval } from './median-interval.ts';
import { noteMeasured } from './progress.ts';
import { quietMachine } from './quiet-machine.ts';

/**
 * The required precision of a ratio: how far the interval may reach from the median, as a share of
 * it.
 */
export const wantedPrecision = 0.02;

export interface ComparisonOptions {
  readonly contacts: number;
  /** How many turns of a second each server has in a round. */
  readonly seconds: number;
  /** The seconds of load before each measurement, which compile code and fill caches. */
  readonly warmSeconds: number;
  /** How long a round may wait for an idle machine. */
  readonly patienceSeconds: number;
  readonly rounds: { readonly fewest: number; readonly most: number };
}

/** One round: the measurement of each server, in the order of the servers. */
export type ComparisonRound = readonly Measurement[];

/**
 * Measures rounds until the CPU ratio of the first two servers is precise enough, or the maximum of
 * rounds is reached.
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
    rounds.push(await measureRound(servers, options, round));
    onRound(rounds);
    if (round >= options.rounds.fewest && isPrecise(ratioOf(rounds))) break;
  }
  return rounds;
}

async function measureRound(
  servers: readonly MeasuredServer[],
  options: ComparisonOptions,
  round: number,
): Promise<ComparisonRound> {
  const { contacts, warmSeconds } = options;
  const turns: Turns[] = [];
  try {
    // The server that starts first waits longer for its turns, so the order alternates here as
    // well.
    for (const server of round % 2 === 0 ? servers.toReversed() : servers) {
      const started = await server.start();
      turns.push({ server, started, slices: [] });
      if (round === 1) await checkAnswers(server, started.port, contacts);
      await warmUp(server, started, { contacts, seconds: warmSeconds });
    }
    await takeTurns(turns, options, round);
  } finally {
    for (const server of servers) await server.stop();
  }
  return servers.map((server) => {
    const slices = turns.find((turn) => turn.server === server)?.slices ?? [];
    const found = combineSlices(slices);
    noteMeasured(round, server.name, found);
    return found;
  });
}

interface Turns {
  readonly server: MeasuredServer;
  readonly started: StartedServer;
  readonly slices: Slice[];
}

async function takeTurns(
  turns: readonly Turns[],
  { contacts, seconds, patienceSeconds }: ComparisonOptions,
  round: number,
): Promise<void> {
  const pids = turns.flatMap(({ started }) => started.pids);
  await quietMachine(pids, performance.now() + patienceSeconds * 1_000);
  for (let turn = 0; turn < seconds; turn += 1) {
    const load = { contacts, connections: 64, seconds: 1, seed: round * seconds + turn };
    for (const { server, started, slices } of turn % 2 === 0 ? turns : turns.toReversed()) {
      slices.push(await measureSlice(server, started, load));
    }
  }
}

/**
 * CPU time per request of one server divided by that of another, by default ours by the other
 * checkout's.
 */
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
