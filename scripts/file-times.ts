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
  'server/test/launch/adventureworks.test.ts': 81,
  'server/test/browser/console-datasets.test.ts': 68,
  'server/test/launch/stopped-writer.test.ts': 60,
  'server/test/identities/door-scenarios.test.ts': 49,
  'server/test/sources/hostile-files.test.ts': 48,
  'server/test/launch/backup.test.ts': 44,
  'server/test/browser/console-contacts.test.ts': 42,
  'server/test/browser/console-logs.test.ts': 42,
  'server/test/launch/sync-schedule.test.ts': 40,
  'server/test/stores/writer-processes.test.ts': 33,
  'server/test/browser/console-users.test.ts': 32,
  'server/test/launch/processes.test.ts': 31,
  'server/test/launch/stop.test.ts': 30,
  'server/test/launch/sync-kill.test.ts': 30,
  'server/test/http/four-doors.test.ts': 28,
  'server/test/launch/threads.test.ts': 28,
  'server/test/browser/console-attacks.test.ts': 27,
  'server/test/launch/definition-kill.test.ts': 26,
  'server/test/launch/privacy-kill.test.ts': 26,
  'server/test/launch/tutorial.test.ts': 26,
  'server/test/browser/console-overview.test.ts': 25,
  'server/test/identities/store-histories.test.ts': 25,
  'server/test/launch/access-log.test.ts': 24,
  'server/test/stores/store-files.test.ts': 24,
  'server/test/launch/import-kill.test.ts': 22,
  'server/test/stores/embedded-store.test.ts': 21,
  'server/test/launch/import-beside.test.ts': 18,
  'server/test/launch/push-beside.test.ts': 17,
  'server/test/sync/row-sql.test.ts': 17,
  'server/test/sync/sync-runs.test.ts': 17,
  'server/test/cli/suggested-commands.test.ts': 16,
  'server/test/launch/upload-run.test.ts': 16,
  'server/test/browser/console-entry.test.ts': 15,
  'server/test/launch/limit.test.ts': 15,
  'server/test/launch/restore-kill.test.ts': 15,
  'server/test/sources/mysql.test.ts': 15,
  'server/test/stores/store-upgrade.test.ts': 14,
  'server/test/sync/import-history.test.ts': 14,
  'server/test/administration/backup.test.ts': 13,
  'server/test/sources/query.test.ts': 13,
  'server/test/sync/import-runs.test.ts': 13,
  'server/test/sync/people-counts.test.ts': 13,
  'server/test/cli/contact.test.ts': 12,
  'server/test/http/bad-requests.test.ts': 12,
  'server/test/http/own-answers.test.ts': 12,
  'server/test/identities/random-histories.test.ts': 12,
  'server/test/launch/kill-at-writes.test.ts': 12,
  'server/test/launch/stop-import.test.ts': 12,
  'server/test/stores/rollback-kill.test.ts': 12,
  'server/test/sync/joined-contacts.test.ts': 12,
  'server/test/sync/sync-kinds.test.ts': 12,
  'server/test/administration/flow-histories.test.ts': 11,
  'server/test/http/bad-definitions.test.ts': 11,
  'server/test/launch/access-erasure.test.ts': 11,
  'server/test/launch/first-sign-in.test.ts': 11,
  'server/test/sources/postgres.test.ts': 11,
  'server/test/sync/messy-files.test.ts': 11,
  'server/test/access/access-log.test.ts': 10,
  'server/test/administration/preview-estimate.test.ts': 10,
  'server/test/administration/restored-lists.test.ts': 10,
  'server/test/browser/console-reveal.test.ts': 10,
  'server/test/launch/definition-life.test.ts': 10,
  'server/test/sources/files.test.ts': 10,
  'server/test/stores/erasure.test.ts': 10,
  'server/test/administration/personal-data.test.ts': 9,
  'server/test/browser/oidc-sign-in.test.ts': 9,
  'server/test/cli/privacy.test.ts': 9,
  'server/test/http/events.test.ts': 9,
  'server/test/http/segment-preview.test.ts': 9,
  'server/test/http/upload-samples.test.ts': 9,
  'server/test/launch/export-kill.test.ts': 9,
  'server/test/launch/flood.test.ts': 9,
  'server/test/launch/sync-end.test.ts': 9,
  'server/test/sources/sqlite.test.ts': 9,
  'server/test/sync/membership-feeds.test.ts': 9,
  'server/test/sync/whole-column.test.ts': 9,
  'server/test/sync/kept-ages.test.ts': 8,
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
