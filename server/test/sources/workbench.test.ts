/**
 * A workbench whose statements run beside each other. One that is closed or interrupted: before its
 * statements, during them, and after them.
 */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { MemoryExceeded, SourceMalformed } from '../../src/sources/source-failure.ts';
import { openWorkbench, type Workbench } from '../../src/sources/workbench.ts';

async function openBench(
  context: TestContext,
  options: { readonly interrupted?: AbortSignal } = {},
): Promise<Workbench> {
  const folder = mkdtempSync(join(tmpdir(), 'usher-bench-'));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  const place = { folder: join(folder, 'work'), allowedPaths: [], allowedFolders: [] };
  return openWorkbench({ ...place, threads: 2, ...options });
}

/** Takes a minute. */
const long =
  'SELECT count(*) FROM range(100000) AS a, range(100000) AS b WHERE (a.range ^ b.range) % 7 = 1';

test('closing a workbench ends all its statements', {
  timeout: 30_000,
}, async (context) => {
  const workbench = await openBench(context);
  const { folder } = workbench;
  const works = [
    workbench.rows(long),
    workbench.beside(({ rows }) => rows(long)),
    workbench.bytes(`SELECT CAST(count(*) AS VARCHAR) FROM (${long})`).next(),
  ];
  const outcomes = Promise.allSettled(works);
  await workbench.close();
  assert.deepEqual(
    (await outcomes).map(({ status }) => status),
    ['rejected', 'rejected', 'rejected'],
  );
  assert.ok(!existsSync(folder));
});

/**
 * More statements than the thread pool of node runs at once, so that most are still queued when
 * they must end.
 */
function beginMany(workbench: Workbench): Promise<unknown>[] {
  return Array.from({ length: 6 }).flatMap(() => [
    workbench.rows(long),
    workbench.beside(({ run }) => run(`CREATE TEMP TABLE t AS ${long}`)),
    workbench.bytes(`SELECT CAST(count(*) AS VARCHAR) FROM (${long})`).next(),
  ]);
}

test('closing a workbench ends statements that have not begun', {
  timeout: 30_000,
}, async (context) => {
  const workbench = await openBench(context);
  const outcomes = Promise.allSettled(beginMany(workbench));
  const closed = workbench.close();
  assert.equal(workbench.close(), closed, 'closing twice has the effect of closing once');
  await closed;
  assert.deepEqual(new Set((await outcomes).map(({ status }) => status)), new Set(['rejected']));
  assert.ok(!existsSync(workbench.folder));
});

test('interrupting a workbench ends all its statements with the reason of the interruption', {
  timeout: 30_000,
}, async (context) => {
  const controller = new AbortController();
  const workbench = await openBench(context, { interrupted: controller.signal });
  const outcomes = Promise.allSettled(beginMany(workbench));
  const reason = new Error('told to stop');
  controller.abort(reason);
  for (const outcome of await outcomes) {
    assert.equal(outcome.status === 'rejected' && outcome.reason, reason);
  }
  await assert.rejects(workbench.rows('SELECT 1'), reason);
  await workbench.close();
});

test('statements that a piece of work did not await end with it', {
  timeout: 30_000,
}, async (context) => {
  const workbench = await openBench(context);
  let left: Promise<unknown> = Promise.resolve();
  const work = workbench.beside(async ({ rows }) => {
    left = rows(long).catch(() => 'ended');
    throw new Error('left');
  });
  await assert.rejects(work, /left/);
  assert.equal(await left, 'ended');
  await workbench.close();
});

test('a closed workbench refuses new statements', async (context) => {
  const workbench = await openBench(context);
  await workbench.close();
  await assert.rejects(workbench.rows('SELECT 1'), /closed/);
  await assert.rejects(workbench.run('SELECT 1'), /closed/);
});

test('rows can be added while a statement runs', { timeout: 30_000 }, async (context) => {
  const workbench = await openBench(context);
  await workbench.run('CREATE TABLE noted (n BIGINT, word VARCHAR)');
  const busy = workbench.rows(long).catch(() => 'ended');
  await workbench.append('noted', [
    [1, 'one'],
    [2, null],
  ]);
  const rows = await workbench.beside((statements) =>
    statements.rows('SELECT n, word FROM noted ORDER BY n'),
  );
  assert.deepEqual(rows, [
    [1n, 'one'],
    [2n, null],
  ]);
  await workbench.close();
  assert.equal(await busy, 'ended');
});

test('a text that is added while a statement begins is whole in the result, or not in it', async (context) => {
  const workbench = await openBench(context);
  await workbench.run('CREATE TABLE none (word VARCHAR)');
  const word = 'w'.repeat(34);
  const found = new Set<string>();
  for (let round = 0; round < 200; round += 1) {
    await workbench.run('CREATE OR REPLACE TABLE words (word VARCHAR)');
    // Takes milliseconds to plan, in which the word is added.
    const other = Array.from({ length: 30 }, () => 'SELECT word FROM none');
    const sql = `SELECT word FROM (${[...other, 'SELECT word FROM words'].join(' UNION ')})`;
    const making = workbench.run(`CREATE OR REPLACE TABLE found AS ${sql}`);
    const streaming = (async () => {
      for await (const bytes of workbench.bytes(sql)) found.add(bytes.toString());
    })();
    // Later and later: 0 to 19 other statements come first.
    for (let turn = round % 20; turn > 0; turn -= 1) {
      await workbench.beside(({ rows }) => rows('SELECT 1'));
    }
    await workbench.append('words', [[word]]);
    await Promise.all([making, streaming]);
    for (const [text] of await workbench.rows('SELECT word FROM found')) found.add(String(text));
  }
  assert.deepEqual([...found], [word]);
});

test('a bound on the engine holds as long as the work that it is for, and cannot be raised', async (context) => {
  const workbench = await openBench(context);
  const bounds = async () => {
    const [row] = await workbench.rows(
      "SELECT current_setting('memory_limit'), current_setting('threads')",
    );
    return row?.map(String);
  };
  const own = ['1.0 GiB', '2'];
  assert.deepEqual(await bounds(), own);
  const less = { memoryShare: 0.125, threads: 1 };
  assert.deepEqual(await workbench.within(less, bounds), ['128.0 MiB', '1']);
  assert.deepEqual(await bounds(), own);
  assert.deepEqual(await workbench.within({ threads: 64 }, bounds), own);
  const failing = workbench.within(less, () =>
    workbench.run('CREATE TABLE t AS SELECT list(range) AS l FROM range(20000000)'),
  );
  await assert.rejects(failing, MemoryExceeded);
  assert.deepEqual(await bounds(), own);
  await assert.rejects(workbench.run("SET temp_directory = '/'"), SourceMalformed);
});
