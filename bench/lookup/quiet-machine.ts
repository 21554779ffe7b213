/**
 * Waiting until nobody else uses the machine, for as long as there is patience: other programs'
 * turns on the core are in every latency, and their cache misses in every CPU time.
 */
import { availableParallelism } from 'node:os';
import { setTimeout as wait } from 'node:timers/promises';
import { readCpuTime, readCpuTimeOfMeasuring, readMachineTime } from './cpu-time.ts';

/** Part of the machine that others may have without a measurement suffering much. */
export const quietShare = 0.04;

export interface MachineTimes {
  readonly atMs: number;
  readonly machine: number;
  readonly ours: number;
}

/** @param pids the processes that are measured */
export function readMachineTimes(pids: readonly number[]): MachineTimes {
  return {
    atMs: performance.now(),
    machine: readMachineTime(),
    ours: readCpuTime(pids) + readCpuTimeOfMeasuring(),
  };
}

/** What part of the machine others had between two readings, 0 to 1. */
export function othersShare(before: MachineTimes, after: MachineTimes): number {
  const others = after.machine - before.machine - (after.ours - before.ours);
  const available = (after.atMs - before.atMs) * 1000 * availableParallelism();
  return Math.max(0, others) / available;
}

/**
 * Resolves when others leave the machine alone, and at the deadline (of `performance.now()`) if
 * they do not.
 */
export async function quietMachine(pids: readonly number[], deadlineMs: number): Promise<void> {
  for (;;) {
    const before = readMachineTimes(pids);
    await wait(500);
    if (othersShare(before, readMachineTimes(pids)) <= quietShare) return;
    if (performance.now() > deadlineMs) return;
  }
}
