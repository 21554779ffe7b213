/**
 * Waits until no other program uses the machine, within a time limit. Other programs on the core
 * add to every latency, and their cache misses add to every CPU time.
 */
import { availableParallelism } from 'node:os';
import { setTimeout as wait } from 'node:timers/promises';
import { readCpuTime, readCpuTimeOfMeasuring, readMachineTime } from './cpu-time.ts';

/** The share of the machine that other programs may use without much effect on a measurement. */
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

/** The share of the machine that other programs used between two readings, from 0 to 1. */
export function othersShare(before: MachineTimes, after: MachineTimes): number {
  const others = after.machine - before.machine - (after.ours - before.ours);
  const available = (after.atMs - before.atMs) * 1000 * availableParallelism();
  return Math.max(0, others) / available;
}

/**
 * Resolves when other programs leave the machine alone, or else at the deadline (of
 * `performance.now()`).
 */
export async function quietMachine(pids: readonly number[], deadlineMs: number): Promise<void> {
  for (;;) {
    const before = readMachineTimes(pids);
    await wait(500);
    if (othersShare(before, readMachineTimes(pids)) <= quietShare) return;
    if (performance.now() > deadlineMs) return;
  }
}
