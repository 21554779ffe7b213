/** Prints the result of a run of gates and tests: the times, the failures and the counts. */
import { dirname } from 'node:path';
import type { TestCounts } from './run-test-files.ts';

/** How many of the slowest files are listed. */
const slowFiles = 20;

/** How many characters of a file's failures are printed again. */
const maxFailureText = 8_000;

/**
 * The last lines have the format of node's own test runner, so that tools which parse that format
 * can read them.
 * @returns whether everything passed
 */
export function reportRun(failedGates: readonly string[], counts: TestCounts): boolean {
  const hasSkipped = process.env['CI'] === 'true' && counts.skipped + counts.todo > 0;
  console.log('\n=== result ===');
  for (const [folder, ms] of sorted(timesByFolder(counts))) console.log(line(`folder`, folder, ms));
  for (const [file, ms] of sorted(counts.fileTimes).slice(0, slowFiles)) {
    console.log(line('slow', file, ms));
  }
  for (const failures of counts.failures) console.log(failures.slice(0, maxFailureText));
  for (const gate of failedGates) console.log(`gate failed: ${gate}`);
  for (const file of counts.failedFiles) console.log(`test file failed: ${file}`);
  if (hasSkipped) console.log('tests were skipped, which CI does not allow');
  console.log(`# tests ${counts.tests}`);
  console.log(`# suites ${counts.suites}`);
  console.log(`# pass ${counts.pass}`);
  console.log(`# fail ${counts.fail}`);
  console.log(`# cancelled ${counts.cancelled}`);
  console.log(`# skipped ${counts.skipped}`);
  console.log(`# todo ${counts.todo}`);
  console.log(`# duration_ms ${Math.round(counts.durationMs)}`);
  const isGood = failedGates.length === 0 && counts.failedFiles.length === 0 && !hasSkipped;
  return isGood && counts.fail + counts.cancelled === 0;
}

type Times = readonly (readonly [name: string, ms: number])[];

function timesByFolder({ fileTimes }: TestCounts): Times {
  const sums = new Map<string, number>();
  for (const [file, ms] of fileTimes) {
    const folder = dirname(file);
    sums.set(folder, (sums.get(folder) ?? 0) + ms);
  }
  return [...sums];
}

function sorted(times: Times): Times {
  return [...times].sort(([, one], [, other]) => other - one);
}

function line(word: string, name: string, ms: number): string {
  return `${word}: ${(ms / 1_000).toFixed(1)} s ${name}`;
}
