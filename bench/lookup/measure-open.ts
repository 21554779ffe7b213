/**
 * Measures servers in an open loop: requests arrive at a fixed rate, as those of many clients do,
 * and not after the answer to the one before. The rates are shares of the server's capacity, which
 * is what it answered in a closed loop just before.
 */
import { type LoadOptions, leastDisturbed, type Measurement, measure, warmUp } from './measure.ts';
import type { MeasuredServer, StartedServer } from './measured-server.ts';
import { median } from './median.ts';
import { type OpenLoadReport, runOpenLoad } from './open-load.ts';
import { noteFigures, noteMeasured } from './progress.ts';
import { othersShare, readMachineTimes } from './quiet-machine.ts';

/** The servers whose latencies are compared. The others are far slower. */
export const openServers = ['nginx', 'webdis', 'usher', 'usher-2'] as const;

/** How much of a server's capacity is asked of it. */
const openShares = [0.5, 0.8] as const;

const connections = 64;

/** Servers that compile while they run are still busy with that for some seconds. */
const warmSeconds = 10;

export interface OpenMeasurement
  extends Pick<
    OpenLoadReport,
    'p50Us' | 'p99Us' | 'p999Us' | 'worstUs' | 'lateP999Us' | 'cpuShare'
  > {
  /** The share of the capacity. */
  readonly share: number;
  /** Requests per second. */
  readonly rate: number;
  /** The share of the machine that other programs used, from 0 to 1. */
  readonly othersShare: number;
}

/** The measurements of a server, with one list for each round. */
export type OpenRounds = ReadonlyMap<string, readonly (readonly OpenMeasurement[])[]>;

export interface OpenOptions {
  readonly contacts: number;
  readonly rounds: number;
  readonly seconds: number;
  readonly patienceSeconds: number;
}

export async function measureOpen(
  servers: readonly MeasuredServer[],
  options: OpenOptions,
): Promise<OpenRounds> {
  const found = new Map<string, (readonly OpenMeasurement[])[]>();
  for (let round = 1; round <= options.rounds; round += 1) {
    for (const server of servers) {
      console.error(`round ${round} of ${options.rounds}: ${server.name} in an open loop`);
      const turn = await measureTurn(server, { ...options, connections, seed: round }, round);
      found.set(server.key, [...(found.get(server.key) ?? []), turn]);
    }
  }
  return found;
}

async function measureTurn(
  server: MeasuredServer,
  options: LoadOptions,
  round: number,
): Promise<OpenMeasurement[]> {
  const started = await server.start();
  try {
    await warmUp(server, started, { contacts: options.contacts, seconds: warmSeconds });
    const closed = await measure(server, started, options);
    noteMeasured(round, server.name, closed);
    const turn: OpenMeasurement[] = [];
    for (const share of openShares) {
      const measured = await measureShare(server, started, { ...options, share, closed });
      noteFigures(round, `${server.name} in an open loop`, measured);
      turn.push(measured);
    }
    return turn;
  } finally {
    await server.stop();
  }
}

interface ShareOptions extends LoadOptions {
  readonly share: number;
  readonly closed: Measurement;
}

function measureShare(
  server: MeasuredServer,
  started: StartedServer,
  options: ShareOptions,
): Promise<OpenMeasurement> {
  return leastDisturbed(started.pids, options.patienceSeconds, () =>
    measureOnce(server, started, options),
  );
}

async function measureOnce(
  server: MeasuredServer,
  { port, pids }: StartedServer,
  { share, closed, contacts, seconds, seed }: ShareOptions,
): Promise<OpenMeasurement> {
  const rate = Math.round(share * closed.requestsPerSecond);
  const before = readMachineTimes(pids);
  const load = { port, request: server.request, contacts, connections, seconds, seed, rate };
  const report = await runOpenLoad(load);
  const others = othersShare(before, readMachineTimes(pids));
  if (report.wrongStatus > 0 || report.failed > 0) {
    const { wrongStatus, failed } = report;
    throw new Error(`${server.name}: ${wrongStatus} of a wrong status, ${failed} not answered`);
  }
  const { p50Us, p99Us, p999Us, worstUs, lateP999Us, cpuShare } = report;
  const times = { p50Us, p99Us, p999Us, worstUs, lateP999Us, cpuShare };
  return { share, rate, ...times, othersShare: others };
}

export interface OpenSummary extends OpenMeasurement {
  readonly key: string;
}

/** The medians of the rounds, with one line for each server and share. */
export function summarizeOpen(rounds: OpenRounds): OpenSummary[] {
  return [...rounds].flatMap(([key, turns]) =>
    openShares.map((share) => {
      const of = (what: keyof OpenMeasurement) => median(pickOpen(turns, share, what));
      return {
        ...{ key, share, rate: of('rate'), p50Us: of('p50Us'), p99Us: of('p99Us') },
        ...{ p999Us: of('p999Us'), worstUs: of('worstUs'), lateP999Us: of('lateP999Us') },
        ...{ cpuShare: of('cpuShare'), othersShare: of('othersShare') },
      };
    }),
  );
}

/** One measured quantity of a server at a share of its capacity, for each round. */
export function pickOpen(
  turns: readonly (readonly OpenMeasurement[])[],
  share: number,
  what: keyof OpenMeasurement,
): number[] {
  return turns.flatMap((turn) => turn.filter((it) => it.share === share).map((it) => it[what]));
}
