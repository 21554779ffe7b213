/**
 * Stores the duration of each test file in its last run. The longest files start first, because a
 * long file that starts last would run alone while the other cores are idle.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, isAbsolute } from 'node:path';

export type FileTimes = ReadonlyMap<string, number>;

const recordFile = 'node_modules/.cache/usher/test-times.json';

/** The longest files, in seconds, for a tree without recorded times. */
const usualSeconds: Readonly<Record<string, number>> = {
  'server/test/sources/hostile-files.test.ts': 90,
  'server/test/launch/adventureworks.test.ts': 81,
  'server/test/launch/backup.test.ts': 74,
  'server/test/launch/stopped-writer.test.ts': 60,
  'server/test/launch/threads.test.ts': 54,
  'server/test/launch/sync-kill.test.ts': 49,
  'server/test/launch/processes.test.ts': 42,
  'server/test/launch/sync-schedule.test.ts': 40,
  'server/test/stores/writer-processes.test.ts': 37,
  'server/test/launch/import-kill.test.ts': 36,
  'server/test/launch/kill-at-writes.test.ts': 35,
  'server/test/sources/query.test.ts': 35,
  'server/test/launch/push-beside.test.ts': 34,
  'server/test/sync/import-history.test.ts': 33,
  'server/test/sync/sync-runs.test.ts': 32,
  'server/test/stores/store-files.test.ts': 32,
  'server/test/sources/mysql.test.ts': 32,
  'server/test/administration/backup.test.ts': 31,
  'server/test/launch/import-beside.test.ts': 31,
  'server/test/launch/stop.test.ts': 30,
  'server/test/http/four-doors.test.ts': 30,
  'server/test/identities/door-scenarios.test.ts': 30,
  'server/test/sync/import-runs.test.ts': 29,
  'server/test/sources/sqlite.test.ts': 29,
  'server/test/launch/limit.test.ts': 29,
  'server/test/launch/tutorial.test.ts': 28,
  'server/test/http/run-routes.test.ts': 24,
  'server/test/sync/messy-files.test.ts': 24,
  'server/test/sources/files.test.ts': 23,
  'server/test/cli/suggested-commands.test.ts': 23,
  'server/test/http/bad-requests.test.ts': 23,
  'server/test/browser/reference-page.test.ts': 22,
  'server/test/sync/row-sql.test.ts': 21,
  'server/test/sources/postgres.test.ts': 21,
  'server/test/stores/rollback-kill.test.ts': 20,
  'server/test/launch/slow-connections.test.ts': 19,
  'server/test/http/connections.test.ts': 19,
  'server/test/sync/sync-kinds.test.ts': 18,
  'server/test/sync/kept-ages.test.ts': 18,
  'server/test/launch/stop-import.test.ts': 18,
  'server/test/stores/store-upgrade.test.ts': 17,
  'server/test/http/http-limits.test.ts': 16,
  'server/test/launch/flood.test.ts': 16,
  'server/test/sources/encodings.test.ts': 15,
  'server/test/launch/readme.test.ts': 15,
  'server/test/sync/whole-column.test.ts': 14,
  'server/test/sync/roll-back.test.ts': 14,
  'server/test/sync/currencies.test.ts': 14,
  'server/test/cli/import.test.ts': 14,
  'server/test/launch/canary.test.ts': 13,
  'server/test/sync/rejected-rows.test.ts': 12,
  'server/test/launch/sync-end.test.ts': 12,
};

/** A file without a recorded time starts before all files that are known to be short. */
const unknownSeconds = 5;

/** Sorts files by duration, the longest first. Files of equal duration keep their order. */
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
