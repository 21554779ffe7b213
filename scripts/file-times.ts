/**
 * The duration of each test file in its last run. The longest files start first, because a long
 * file that starts last would run alone while the other cores are idle.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, isAbsolute } from 'node:path';

export type FileTimes = ReadonlyMap<string, number>;

const recordFile = 'node_modules/.cache/usher/test-times.json';

/** The longest files, in seconds, for a tree without recorded times. */
const usualSeconds: Readonly<Record<string, number>> = {};

/** A file without a recorded time starts before all files that are known to be short. */
const unknownSeconds = 5;

/** Puts the longest first. Files of equal length keep their order. */
export function longestFirst(files: readonly string[]): string[] {
  const recorded = readTimes();
  const expected = (file: string) =>
    recorded.get(file) ?? (usualSeconds[file] ?? unknownSeconds) * 1_000;
  return [...files].sort((one, other) => expected(other) - expected(one));
}

/** Adds the times of a run to the recorded ones. Files outside of the tree are left out. */
export function recordTimes(times: FileTimes): void {
  const own = [...times].filter(([file]) => !isAbsolute(file));
  if (own.length === 0) return;
  mkdirSync(dirname(recordFile), { recursive: true });
  writeFileSync(recordFile, JSON.stringify([...new Map([...readTimes(), ...own])]));
}

function readTimes(): FileTimes {
  try {
    return new Map(JSON.parse(readFileSync(recordFile, 'utf8')) as [string, number][]);
  } catch {
    // The file does not exist before the first run.
    return new Map();
  }
}
