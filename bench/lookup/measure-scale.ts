/** What more contacts cost: CPU time of a request and memory of the server's own, from few contacts to many. */
import { readAnonymousMemory } from './cpu-time.ts';
import { measure, warmUp } from './measure.ts';
import { usherServer } from './peers/usher.ts';
import type { UsherData } from './usher-data.ts';

export interface ScaleMeasurement {
  readonly contacts: number;
  readonly cpuUsPerRequest: number;
  /** Bytes, after the load. */
  readonly anonymousMemory: number;
}

export interface ScaleOptions {
  readonly contacts: number;
  readonly seconds: number;
  readonly seed: number;
  readonly patienceSeconds: number;
}

export async function measureScale(
  data: UsherData,
  options: ScaleOptions,
): Promise<ScaleMeasurement> {
  const server = usherServer(data, 1);
  const { contacts } = options;
  try {
    const started = await server.start();
    await warmUp(server, started, contacts);
    const { cpuUsPerRequest } = await measure(server, started, { ...options, connections: 64 });
    const [pid = 0] = started.pids;
    return { contacts, cpuUsPerRequest, anonymousMemory: readAnonymousMemory(pid) };
  } finally {
    await server.stop();
  }
}
