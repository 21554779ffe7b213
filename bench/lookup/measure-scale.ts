/** What more contacts cost: CPU time of a request and memory of the server's own, from few contacts to many. */
import { readAnonymousMemory } from './cpu-time.ts';
import { measure, warmUp } from './measure.ts';
import { usherServer } from './peers/usher.ts';
import type { UsherData } from './usher-data.ts';

export interface ScaleMeasurement {
  readonly contacts: number;
  readonly cpuUsPerRequest: number;
  readonly diskFaults: number;
  readonly othersShare: number;
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
    const found = await measure(server, started, { ...options, connections: 64 });
    const [pid = 0] = started.pids;
    const { cpuUsPerRequest, diskFaults, othersShare } = found;
    const anonymousMemory = readAnonymousMemory(pid);
    return { contacts, cpuUsPerRequest, diskFaults, othersShare, anonymousMemory };
  } finally {
    await server.stop();
  }
}
