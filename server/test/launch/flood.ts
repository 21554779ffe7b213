/** Floods a real server with requests, and measures how long other callers wait. */
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { Worker } from 'node:worker_threads';
import type { FloodOptions } from './flood-thread.ts';

const plain = 'GET /audience/v2/contacts?a HTTP/1.1\r\nHost: a\r\n\r\n';
const other = 'GET /livez HTTP/1.1\r\nHost: a\r\n\r\n';

/**
 * Floods that need no token: through both doors, with clients that read their answers and clients
 * that do not.
 */
export const floods: readonly (readonly [name: string, flood: Omit<FloodOptions, 'port'>])[] = [
  ['2 x 256 kB of look-ups', { ...flooding(2, plain, 262_144), reads: true }],
  ['60 x 2 MB of look-ups', { ...flooding(60, plain, 2_097_152), reads: true }],
  ['60 x 2 MB of other calls', { ...flooding(60, other, 2_097_152), reads: true }],
  ['40 x 2 MB of look-ups, unread', { ...flooding(40, plain, 2_097_152), reads: false }],
  ['40 x 2 MB of other calls, unread', { ...flooding(40, other, 2_097_152), reads: false }],
];

function flooding(connections: number, request: string, bytesAtOnce: number) {
  return { connections, request, bytesAtOnce };
}

export interface Caller {
  readonly port: number;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly method?: string;
  readonly body?: string;
}

export interface Waits {
  readonly count: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  readonly statuses: readonly number[];
}

/** Floods until `stop`. Resolves when all connections of the flood are open. */
export async function startFlood(options: FloodOptions): Promise<{ stop(): Promise<number> }> {
  const worker = new Worker(new URL('./flood-thread.ts', import.meta.url), { workerData: options });
  await once(worker, 'message');
  return { stop: () => worker.terminate() };
}

/**
 * Makes one call after the other for the given time, alternately on a kept connection and on a new
 * one.
 */
export async function measureWaits(caller: Caller, forMs: number): Promise<Waits> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const waits: number[] = [];
  const statuses = new Set<number>();
  const endMs = performance.now() + forMs;
  do {
    const startedMs = performance.now();
    statuses.add(await callOnce(caller, waits.length % 2 === 0 ? agent : undefined));
    waits.push(performance.now() - startedMs);
  } while (performance.now() < endMs);
  agent.destroy();
  waits.sort((a, b) => a - b);
  const at = (share: number) => waits[Math.floor(share * (waits.length - 1))] ?? 0;
  return {
    count: waits.length,
    p50Ms: at(0.5),
    p99Ms: at(0.99),
    maxMs: at(1),
    statuses: [...statuses].sort(),
  };
}

function callOnce({ port, path, headers, method = 'GET', body }: Caller, agent?: Agent) {
  return new Promise<number>((resolve, reject) => {
    const options = { host: '127.0.0.1', port, path, headers, method, agent: agent ?? false };
    const sent = request(options, (answer) => {
      answer.resume();
      answer.on('end', () => resolve(answer.statusCode ?? 0));
    });
    sent.on('error', reject);
    sent.end(body);
  });
}
