/** Measures how late a thread runs its timers, and writes this to the thread's row of counters. */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { RequestCounters } from './request-counters.ts';

/** The sampling interval. 50 timers a second had no measurable cost. */
const resolutionMs = 20;
const reportMs = 10_000;

/** @param startedMs when the thread began, in milliseconds since the epoch */
export function watchEventLoop(counters: RequestCounters, startedMs: number): { stop(): void } {
  const delay = monitorEventLoopDelay({ resolution: resolutionMs });
  delay.enable();
  counters.setGauge('started_seconds', startedMs / 1_000);
  const report = setInterval(() => {
    const lateSeconds = delay.percentile(99) / 1_000_000_000 - resolutionMs / 1_000;
    counters.setGauge('event_loop_lag_seconds', Math.max(0, lateSeconds));
    delay.reset();
  }, reportMs);
  report.unref();
  return {
    stop: () => {
      clearInterval(report);
      delay.disable();
    },
  };
}
