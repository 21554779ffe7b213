/** A folder with an access log that a test writes itself. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { AccessAppender, type AppenderOptions } from '../../src/access/access-appender.ts';
import type { AccessAct, AccessLooker, AccessSubject } from '../../src/access/access-entry.ts';
import { AccessQueue, allocateAccessQueues } from '../../src/access/access-queue.ts';
import { type AccessFilter, listAccess } from '../../src/access/list-access.ts';
import type { AccessEnds } from '../../src/domain/access-end.ts';
import type { AccessHours } from '../../src/domain/access-hours.ts';

export function makeAccessPlace(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'usher-access-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export interface TestLog {
  readonly queues: readonly AccessQueue[];
  readonly appender: AccessAppender;
  readonly memory: SharedArrayBuffer;
  /** The alarms so far. */
  readonly alarms: readonly string[];
  /** Resolves when everything that was noted is in the log. */
  written(): Promise<void>;
}

export interface TestLogOptions {
  readonly threads?: number;
  readonly isRequired?: boolean;
  readonly retention?: AppenderOptions['retention'];
  readonly clock?: () => number;
  readonly ends?: AccessEnds;
  readonly hours?: AccessHours;
}

/** Opens the log without its timer: it is written when the test says so. */
export function openTestLog(dataFolder: string, options: TestLogOptions = {}): TestLog {
  const { threads = 1, isRequired = false, clock = () => startMs } = options;
  const { ends, hours, retention = { maxBytes: 1_000_000_000, maxAgeMs: null } } = options;
  const memory = allocateAccessQueues(threads);
  const alarms: string[] = [];
  const appender = new AccessAppender({
    ...{
      dataFolder,
      memory,
      threads,
      retention,
      clock,
      ...(ends && { ends }),
      ...(hours && { hours }),
    },
    alarms: {
      failing: () => alarms.push('failing'),
      recovered: () => alarms.push('recovered'),
      lost: (count) => alarms.push(`lost ${count}`),
      broken: () => alarms.push('broken'),
    },
  });
  const queues = Array.from(
    { length: threads },
    (_, row) => new AccessQueue({ memory, row, isRequired }),
  );
  return { queues, appender, memory, alarms, written: () => appender.writeNow() };
}

export const startMs = Date.UTC(2026, 0, 2, 3, 4, 5);

export function looker(who = 'token:reader', actor?: string): AccessLooker {
  return { who, actor, address: '192.0.2.7' };
}

/** The subject of a number: a contact, or an identity of a type. */
export function subject(number: number, typeId = 0): AccessSubject {
  return { organizationId: 1, typeId, words: [number, number * 7, -number, 99] };
}

export function act(change: Partial<AccessAct> = {}): AccessAct {
  const usual = { atMs: startMs, way: 'lookup', outcome: 'success', fields: '1,2' } as const;
  return { ...usual, remark: '', ...change };
}

export const everything: AccessFilter = {
  ...{ organizationId: 1, subjects: null, who: null, way: null, outcome: null },
  ...{ sinceMs: null, untilMs: null },
};

/** The entries of the log, the newest first. */
export async function listAll(folder: string, filter: Partial<AccessFilter> = {}) {
  const page = await listAccess(
    folder,
    { ...everything, ...filter },
    { limit: 1_000, before: null },
  );
  assert.equal(page.next, null);
  return page.entries;
}
