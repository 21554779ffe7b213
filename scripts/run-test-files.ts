/**
 * Finds test files and runs several at the same time. Prints the output of each file when it ends,
 * and adds up the counts.
 */
import { globSync } from 'node:fs';
import { longestFirst, recordTimes } from './file-times.ts';
import { type FileCounts, noFileCounts, type RunningFile, runTestFile } from './run-test-file.ts';
import type { Slots } from './slots.ts';

export interface TestCounts extends FileCounts {
  readonly durationMs: number;
  readonly failedFiles: readonly string[];
  /** What the failed tests said, for each file. */
  readonly failures: readonly string[];
  readonly fileTimes: readonly (readonly [file: string, ms: number])[];
}

export const noCounts: TestCounts = {
  ...noFileCounts,
  durationMs: 0,
  failedFiles: [],
  failures: [],
  fileTimes: [],
};

const running = new Set<RunningFile>();

/** They use the processor for less than half of their time. */
const waitingFiles: ReadonlySet<string> = new Set([
  'server/test/launch/stopped-writer.test.ts',
  'server/test/launch/sync-schedule.test.ts',
  'server/test/launch/stop.test.ts',
]);

/** Whether a file mostly waits: one such file at a time can run beside the others. */
export function waitsMostly(file: string): boolean {
  return waitingFiles.has(file);
}

/** All `*.test.ts` files below the folders, sorted by name. */
export function findTestFiles(folders: readonly string[]): string[] {
  const patterns = folders.map((folder) => `${folder}/**/*.test.ts`);
  return globSync(patterns, { exclude: ['**/node_modules'] }).sort();
}

/**
 * Runs each file in a process of its own, the longest first. A file that cannot be started, or
 * takes longer than `limitMs`, counts as a failed test, and the others continue.
 */
export async function runTestFiles(
  files: readonly string[],
  slots: Slots,
  limitMs: number,
): Promise<TestCounts> {
  const startMs = performance.now();
  const results = longestFirst(files).map((file) => slots.run(() => runOne(file, limitMs)));
  const counts = (await Promise.all(results)).reduce(addCounts, noCounts);
  recordTimes(new Map(counts.fileTimes));
  const failedFiles = [...counts.failedFiles].sort();
  return { ...counts, failedFiles, durationMs: performance.now() - startMs };
}

async function runOne(file: string, limitMs: number): Promise<TestCounts> {
  const started = runTestFile(file, limitMs);
  running.add(started);
  const { output, counts, durationMs, isGood, failures, trouble } = await started.result;
  running.delete(started);
  process.stdout.write(output);
  if (trouble !== undefined) console.log(`✖ ${file}: ${trouble}`);
  const failedFiles = isGood ? [] : [trouble === undefined ? file : `${file} (${trouble})`];
  return {
    ...counts,
    durationMs,
    failedFiles,
    failures: failures === '' ? [] : [failures],
    fileTimes: [[file, durationMs]],
  };
}

/**
 * Kills the running files with all their processes, because a ctrl-c does not reach these
 * processes.
 */
export async function endTestFiles(): Promise<void> {
  await Promise.all([...running].map((file) => file.end()));
}

export function addCounts(one: TestCounts, other: TestCounts): TestCounts {
  return {
    tests: one.tests + other.tests,
    suites: one.suites + other.suites,
    pass: one.pass + other.pass,
    fail: one.fail + other.fail,
    cancelled: one.cancelled + other.cancelled,
    skipped: one.skipped + other.skipped,
    todo: one.todo + other.todo,
    durationMs: one.durationMs + other.durationMs,
    failedFiles: [...one.failedFiles, ...other.failedFiles],
    failures: [...one.failures, ...other.failures],
    fileTimes: [...one.fileTimes, ...other.fileTimes],
  };
}
