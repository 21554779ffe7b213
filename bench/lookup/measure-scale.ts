/**
 * Measures how the number of contacts affects the CPU time of a request and the memory of the
 * server.
 */
import { readAnonymousMemory } from './cpu-time.ts';
import { measure, warmUp } from './measure.ts';
import { usherServer } from './peers/usher.ts';
import type { UsherData } from './usher-data.ts';

export interface ScaleMeasurement {
  readonly contacts: number;
  readonly cpuUsPerRequest: number;
  readonly diskFaults: number;
  readonly othersShare: number;
  /** The most bytes that were seen during the load. */
  readonly anonymousMemory: number;
}

export interface ScaleOptions {
  readonly contacts: number;
  readonly seconds: number;
  readonly seed: number;
  readonly patienceSeconds: number;
}

/** Often enough to see the peaks before garbage collections. */
const watchMs = 100;

export async function measureScale(
  data: UsherData,
  options: ScaleOptions,
): Promise<ScaleMeasurement> {
  const server = usherServer(data, { workers: 1 });
  const { contacts } = options;
  try {
    const started = await server.start();
    await warmUp(server, started, { contacts });
    const [pid = 0] = started.pids;
    const seen: number[] = [];
    const watch = setInterval(() => seen.push(readAnonymousMemory(pid)), watchMs);
    const found = await measure(server, started, { ...options, connections: 64 });
    clearInterval(watch);
    const { cpuUsPerRequest, diskFaults, othersShare } = found;
    const anonymousMemory = Math.max(...seen);
    return { contacts, cpuUsPerRequest, diskFaults, othersShare, anonymousMemory };
  } finally {
    await server.stop();
  }
}
