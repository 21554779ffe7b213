/**
 * Measures all servers in turn, round by round, so that every disturbance of the machine affects
 * all of them. Each server is started again for its turn and is alone on its core. The databases of
 * the other servers keep running, but they are idle.
 */
import { checkAnswers } from './check-answers.ts';
import { type Measurement, measure, warmUp } from './measure.ts';
import type { MeasuredServer } from './measured-server.ts';
import { median } from './median.ts';
import { noteMeasured } from './progress.ts';

const connectionCounts = [1, 16, 64, 256] as const;

export interface ServerOptions {
  readonly contacts: number;
  readonly rounds: number;
  readonly seconds: number;
  readonly patienceSeconds: number;
}

/** The measurements of a server, with one list for each round. */
export type ServerRounds = ReadonlyMap<string, readonly (readonly Measurement[])[]>;

export async function measureServers(
  servers: readonly MeasuredServer[],
  options: ServerOptions,
): Promise<ServerRounds> {
  const found = new Map<string, (readonly Measurement[])[]>();
  for (let round = 1; round <= options.rounds; round += 1) {
    for (const server of servers) {
      console.error(`round ${round} of ${options.rounds}: ${server.name}`);
      const turn = await measureTurn(server, options, round);
      found.set(server.key, [...(found.get(server.key) ?? []), turn]);
    }
  }
  return found;
}

async function measureTurn(
  server: MeasuredServer,
  options: ServerOptions,
  round: number,
): Promise<Measurement[]> {
  const started = await server.start();
  try {
    if (round === 1) await checkAnswers(server, started.port, options.contacts);
    await warmUp(server, started, { contacts: options.contacts });
    const turn: Measurement[] = [];
    for (const connections of connectionCounts) {
      const found = await measure(server, started, { ...options, connections, seed: round });
      noteMeasured(round, server.name, found);
      turn.push(found);
    }
    return turn;
  } finally {
    await server.stop();
  }
}

export interface ServerSummary extends Measurement {
  readonly key: string;
}

/** The medians of the rounds, with one line for each server and number of connections. */
export function summarizeServers(rounds: ServerRounds): ServerSummary[] {
  return [...rounds].flatMap(([key, turns]) =>
    connectionCounts.map((connections) => {
      const of = (what: keyof Measurement): number => median(pick(turns, connections, what));
      return {
        key,
        connections,
        cpuUsPerRequest: of('cpuUsPerRequest'),
        requestsPerSecond: of('requestsPerSecond'),
        p50Us: of('p50Us'),
        p99Us: of('p99Us'),
        diskFaults: of('diskFaults'),
        othersShare: of('othersShare'),
      };
    }),
  );
}

/** One measured quantity of a server at a number of connections, for each round. */
export function pick(
  turns: readonly (readonly Measurement[])[],
  connections: number,
  what: keyof Measurement,
): number[] {
  return turns.flatMap((turn) =>
    turn.filter((it) => it.connections === connections).map((it) => it[what]),
  );
}
