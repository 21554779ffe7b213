/**
 * One measurement of one server: a load of some seconds, and the CPU time that the server's
 * processes used during it.
 */
import { readCpuTime, readDiskFaults } from './cpu-time.ts';
import { type LoadReport, runLoad } from './load.ts';
import type { MeasuredServer, StartedServer } from './measured-server.ts';
import { median } from './median.ts';
import { othersShare, quietMachine, quietShare, readMachineTimes } from './quiet-machine.ts';

export interface LoadOptions {
  readonly contacts: number;
  readonly connections: number;
  readonly seconds: number;
  readonly seed: number;
  /** How long the measurement may wait for an idle machine, or be repeated. */
  readonly patienceSeconds: number;
}

export interface Measurement {
  readonly connections: number;
  readonly cpuUsPerRequest: number;
  readonly requestsPerSecond: number;
  readonly p50Us: number;
  readonly p99Us: number;
  /** How often the server waited for a page from the disk. */
  readonly diskFaults: number;
  /**
   * The share of the machine that other programs used, from 0 to 1. A large share spoils caches and
   * latencies.
   */
  readonly othersShare: number;
}

/**
 * Compiles code, fills caches and opens connections, because those costs are not to be measured.
 */
export async function warmUp(
  server: MeasuredServer,
  { port }: StartedServer,
  { contacts, seconds = 3 }: { readonly contacts: number; readonly seconds?: number },
): Promise<void> {
  const load = { contacts, connections: 64, seconds, seed: 7 };
  checkReport(server, await runLoad({ ...load, port, request: server.request }));
}

/**
 * Repeats the measurement while other programs use the machine, as long as the patience allows. The
 * least disturbed attempt counts.
 */
export async function leastDisturbed<Found extends { readonly othersShare: number }>(
  pids: StartedServer['pids'],
  patienceSeconds: number,
  measureOnce: () => Promise<Found>,
): Promise<Found> {
  const deadlineMs = performance.now() + patienceSeconds * 1000;
  let best: Found | undefined;
  do {
    await quietMachine(pids, deadlineMs);
    const found = await measureOnce();
    if (best === undefined || found.othersShare < best.othersShare) best = found;
  } while (best.othersShare > quietShare && performance.now() < deadlineMs);
  return best;
}

export function measure(
  server: MeasuredServer,
  started: StartedServer,
  options: LoadOptions,
): Promise<Measurement> {
  return leastDisturbed(started.pids, options.patienceSeconds, () =>
    measureOnce(server, started, options),
  );
}

async function measureOnce(
  server: MeasuredServer,
  started: StartedServer,
  options: LoadOptions,
): Promise<Measurement> {
  return combineSlices([await measureSlice(server, started, options)]);
}

/** The results of a load of some seconds. Several of one server make a measurement. */
export interface Slice {
  readonly connections: number;
  readonly cpuUs: number;
  readonly report: LoadReport;
  readonly diskFaults: number;
  readonly othersShare: number;
}

export async function measureSlice(
  server: MeasuredServer,
  { port, pids }: StartedServer,
  { contacts, connections, seconds, seed }: Omit<LoadOptions, 'patienceSeconds'>,
): Promise<Slice> {
  const usedBefore = readCpuTime(pids);
  const faultsBefore = readDiskFaults(pids);
  const before = readMachineTimes(pids);
  const load = { port, request: server.request, contacts, connections, seconds, seed };
  const report = await runLoad(load);
  const cpuUs = readCpuTime(pids) - usedBefore;
  const others = othersShare(before, readMachineTimes(pids));
  checkReport(server, report);
  const diskFaults = readDiskFaults(pids) - faultsBefore;
  return { connections, cpuUs, report, diskFaults, othersShare: others };
}

/** Adds up requests and CPU time. Latencies and the share of other programs are medians. */
export function combineSlices(slices: readonly Slice[]): Measurement {
  const sum = (of: (slice: Slice) => number) => slices.map(of).reduce((a, b) => a + b, 0);
  const requests = sum(({ report }) => report.requests);
  const microseconds = sum(({ report }) => report.microseconds);
  const middle = (of: (slice: Slice) => number) => median(slices.map(of));
  return {
    connections: slices[0]?.connections ?? 0,
    cpuUsPerRequest: sum(({ cpuUs }) => cpuUs) / requests,
    ...latencies({
      requests,
      microseconds,
      p50Us: middle(({ report }) => report.p50Us),
      p99Us: middle(({ report }) => report.p99Us),
    }),
    diskFaults: sum(({ diskFaults }) => diskFaults),
    othersShare: middle((slice) => slice.othersShare),
  };
}

export function latencies(
  report: Pick<LoadReport, 'requests' | 'microseconds' | 'p50Us' | 'p99Us'>,
): Pick<Measurement, 'requestsPerSecond' | 'p50Us' | 'p99Us'> {
  return {
    requestsPerSecond: report.requests / (report.microseconds / 1e6),
    p50Us: report.p50Us,
    p99Us: report.p99Us,
  };
}

/**
 * @throws if a request was not answered, or had a wrong status, because its cost is then not that
 *   of a look-up
 */
export function checkReport({ name }: MeasuredServer, report: LoadReport): void {
  const { requests, wrongStatus, failed } = report;
  if (requests > 0 && wrongStatus === 0 && failed === 0) return;
  throw new Error(
    `${name}: ${requests} answers, ${wrongStatus} of a wrong status, ${failed} failed`,
  );
}
