/** A process that reads for another one ends with it, however early the other one is killed. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import SqliteDatabase from 'better-sqlite3';
import { isRunning } from '../../../scripts/process-tree.ts';
import type { SqliteRequest } from '../../src/sources/sql/sqlite-messages.ts';
import { waitFor } from '../launch/run-usher.ts';

const childProgram = join(import.meta.dirname, '../../src/sources/sql/sqlite-child.ts');
const endless = `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)
  SELECT sum(i) FROM n`;

/**
 * Starts a child that runs an endless query, prints the id of the child, and is killed after some
 * time.
 */
const parentProgram = `
  import { fork } from 'node:child_process';
  const [program, request, afterMs] = process.argv.slice(1);
  const child = fork(program, [String(process.pid)], { execArgv: [], stdio: 'ignore' });
  child.send(JSON.parse(request));
  process.stdout.write(String(child.pid));
  setTimeout(() => process.kill(process.pid, 'SIGKILL'), Number(afterMs));`;

for (const afterMs of [0, 20, 40, 60, 80, 100, 150, 200]) {
  test(`a child ends when its parent is killed ${afterMs} ms after the start`, async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'usher-test-'));
    t.after(() => rmSync(folder, { recursive: true, force: true }));
    const path = join(folder, 'empty.sqlite');
    new SqliteDatabase(path).exec('CREATE TABLE people (email TEXT)').close();
    const file = join(folder, 'rows.csv');
    const request: SqliteRequest = { path, sql: endless, file, watermark: null };
    const args = [childProgram, JSON.stringify(request), String(afterMs)];
    const parent = spawn(
      process.execPath,
      ['--input-type=module', '--eval', parentProgram, ...args],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    const [childId] = await Promise.all([text(parent.stdout), once(parent, 'exit')]);
    assert.match(childId, /^\d+$/);
    t.after(() => isRunning(Number(childId)) && process.kill(Number(childId), 'SIGKILL'));
    await waitFor(() => !isRunning(Number(childId)) || undefined, 10_000);
  });
}
