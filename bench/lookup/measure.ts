/** One measurement of one server: load for some seconds, and the CPU time that its processes used meanwhile. */
import { availableParallelism } from 'node:os';
import { readCpuTime, readCpuTimeOfMeasuring, readMachineTime } from './cpu-time.ts';
import { type LoadReport, runLoad } from './load.ts';
import type { MeasuredServer, StartedServer } from './measured-server.ts';

export interface LoadOptions {
  readonly contacts: number;
  readonly connections: number;
  readonly seconds: number;
  readonly seed: number;
}

export interface Measurement {
  readonly connections: number;
  readonly cpuUsPerRequest: number;
  readonly requestsPerSecond: number;
  readonly p50Us: number;
  readonly p99Us: number;
  /** What part of the machine others had meanwhile, 0 to 1. Much of it spoils caches and latencies. */
  readonly othersShare: number;
}

/** Compiled code, filled caches and open connections are what is measured, not their making. */
export async function warmUp(
  server: MeasuredServer,
  { port }: StartedServer,
  contacts: number,
): Promise<void> {
  const load = { contacts, connections: 64, seconds: 3, seed: 7 };
  checkReport(server, await runLoad({ ...load, port, request: server.request }));
}

export async function measure(
  server: MeasuredServer,
  started: StartedServer,
  options: LoadOptions,
): Promise<Measurement> {
  const before = readTimes(started);
  const report = await runLoad({ ...options, port: started.port, request: server.request });
  const after = readTimes(started);
  checkReport(server, report);
  const used = after.server - before.server;
  const others = after.machine - before.machine - used - (after.measuring - before.measuring);
  return {
    connections: options.connections,
    cpuUsPerRequest: used / report.requests,
    ...latencies(report),
    othersShare: Math.max(0, others) / (report.microseconds * availableParallelism()),
  };
}

function readTimes({ pids }: StartedServer) {
  return {
    server: readCpuTime(pids),
    measuring: readCpuTimeOfMeasuring(),
    machine: readMachineTime(),
  };
}

export function latencies(
  report: LoadReport,
): Pick<Measurement, 'requestsPerSecond' | 'p50Us' | 'p99Us'> {
  return {
    requestsPerSecond: report.requests / (report.microseconds / 1e6),
    p50Us: report.p50Us,
    p99Us: report.p99Us,
  };
}

/** @throws when a request was not answered, or not with what it asked for: its cost is then another thing's cost */
export function checkReport({ name }: MeasuredServer, report: LoadReport): void {
  const { requests, wrongStatus, failed } = report;
  if (requests > 0 && wrongStatus === 0 && failed === 0) return;
  throw new Error(
    `${name}: ${requests} answers, ${wrongStatus} of a wrong status, ${failed} failed`,
  );
}
