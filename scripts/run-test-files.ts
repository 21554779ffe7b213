/**
 * Finds test files and runs them, two at a time, printing what each printed and adding up what it
 * counted.
 */
import { globSync } from 'node:fs';
import { type FileCounts, noFileCounts, type RunningFile, runTestFile } from './run-test-file.ts';

export interface TestCounts extends FileCounts {
  readonly durationMs: number;
  readonly failedFiles: readonly string[];
  readonly fileTimes: readonly (readonly [file: string, ms: number])[];
}

export const noCounts: TestCounts = {
  ...noFileCounts,
  durationMs: 0,
  failedFiles: [],
  fileTimes: [],
};

/** The machines we test on have two cores, and tests start servers of several threads. */
const concurrentFiles = 2;

const running = new Set<RunningFile>();

/** All `*.test.ts` below the folders, in order of their names. */
export function findTestFiles(folders: readonly string[]): string[] {
  const patterns = folders.map((folder) => `${folder}/**/*.test.ts`);
  return globSync(patterns, { exclude: ['**/node_modules'] }).sort();
}

/**
 * Runs the files, each in a process of its own. A file that cannot be run, or takes longer than
 * `limitMs`, counts as a failed test, and the others go on.
 */
export async function runTestFiles(
  heading: string,
  files: readonly string[],
  limitMs: number,
): Promise<TestCounts> {
  console.log(`\n=== ${heading} ===`);
  const startMs = performance.now();
  const waiting = [...files];
  let counts = noCounts;
  const work = async () => {
    for (let file = waiting.shift(); file !== undefined; file = waiting.shift()) {
      const one = await runOne(file, limitMs);
      // Not in one statement: that would add to the counts of before the wait.
      counts = addCounts(counts, one);
    }
  };
  await Promise.all(Array.from({ length: concurrentFiles }, work));
  const failedFiles = [...counts.failedFiles].sort();
  return { ...counts, failedFiles, durationMs: performance.now() - startMs };
}

async function runOne(file: string, limitMs: number): Promise<TestCounts> {
  const started = runTestFile(file, limitMs);
  running.add(started);
  const { output, counts, durationMs, isGood, trouble } = await started.result;
  running.delete(started);
  process.stdout.write(output);
  if (trouble !== undefined) console.log(`✖ ${file}: ${trouble}`);
  const failedFiles = isGood ? [] : [trouble === undefined ? file : `${file} (${trouble})`];
  return { ...counts, durationMs, failedFiles, fileTimes: [[file, durationMs]] };
}

/**
 * Ends the files that run, with all their processes: each leads a session of its own, which no
 * ctrl-c reaches.
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
    fileTimes: [...one.fileTimes, ...other.fileTimes],
  };
}
