/** Finds test files and runs them with node's own runner, printing what it prints and counting what it counts. */
import { globSync } from 'node:fs';
import { relative } from 'node:path';
import { finished } from 'node:stream/promises';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';

export interface TestCounts {
  readonly tests: number;
  readonly suites: number;
  readonly passed: number;
  readonly failed: number;
  readonly cancelled: number;
  readonly skipped: number;
  readonly todo: number;
  readonly durationMs: number;
  readonly failedFiles: readonly string[];
}

export const noCounts: TestCounts = {
  tests: 0,
  suites: 0,
  passed: 0,
  failed: 0,
  cancelled: 0,
  skipped: 0,
  todo: 0,
  durationMs: 0,
  failedFiles: [],
};

/** The longest trials of `npm test` start servers and import files, in about a minute; five are a test that hangs. */
const testTimeoutMs = 300_000;

/** The machines we test on have two cores, and tests start servers of several threads. */
const concurrentFiles = 2;

/** All `*.test.ts` below the folders, in order of their names. */
export function findTestFiles(folders: readonly string[]): string[] {
  const patterns = folders.map((folder) => `${folder}/**/*.test.ts`);
  return globSync(patterns, { exclude: ['**/node_modules'] }).sort();
}

/** Runs the files, each in a process of its own. A file that cannot be run counts as a failed test. */
export async function runTestFiles(heading: string, files: readonly string[]): Promise<TestCounts> {
  console.log(`\n=== ${heading} ===`);
  if (files.length === 0) return noCounts;
  const failedFiles = new Set<string>();
  let counts = noCounts;
  const events = run({
    files: [...files],
    concurrency: concurrentFiles,
    timeout: testTimeoutMs,
    // A test that leaves a timer or a socket open would otherwise keep its process, and so the run, for ever.
    forceExit: true,
  });
  events.on('test:fail', ({ file }) => failedFiles.add(relative(process.cwd(), file ?? 'unknown')));
  events.on('test:summary', (summary) => {
    // The runner sends one summary a file and, last, one of all, which names no file.
    if (summary.file !== undefined) return;
    // The type lacks what the runner gives: the number of failures.
    const counted: typeof summary.counts & { failed?: number } = summary.counts;
    const { tests, suites, passed, failed = 0, cancelled, skipped, todo } = counted;
    const durationMs = summary.duration_ms;
    counts = { ...noCounts, tests, suites, passed, failed, cancelled, skipped, todo, durationMs };
  });
  const printed = events.compose(spec);
  printed.pipe(process.stdout, { end: false });
  await finished(printed);
  return { ...counts, failedFiles: [...failedFiles].sort() };
}

export function addCounts(one: TestCounts, other: TestCounts): TestCounts {
  return {
    tests: one.tests + other.tests,
    suites: one.suites + other.suites,
    passed: one.passed + other.passed,
    failed: one.failed + other.failed,
    cancelled: one.cancelled + other.cancelled,
    skipped: one.skipped + other.skipped,
    todo: one.todo + other.todo,
    durationMs: one.durationMs + other.durationMs,
    failedFiles: [...one.failedFiles, ...other.failedFiles],
  };
}
