/** What a server of a data folder leaves to the next, so that limits hold across a restart. */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { dataFiles } from '../../src/domain/data-files.ts';
import { allocateRateLimitMemory, RateLimiter } from '../../src/domain/rate-limit.ts';
import { neverServed, noteServerEnd, takeServerEnd } from '../../src/serve/server-end.ts';
import { takeServerLock } from '../../src/stores/file-lock.ts';
import { makeDataFolder } from '../launch/run-usher.ts';

const ended = { monotonicMs: 50_000, wallMs: 1_700_000_000_000 };

function later(ms: number) {
  return { monotonicMs: ended.monotonicMs + ms, wallMs: ended.wallMs + ms };
}

/** How long a server grants nothing that starts `ms` after the end of the last one. */
function silenceAfter(ms: number, dataFolder: string, now = later(ms)): number {
  const memory = allocateRateLimitMemory(takeServerEnd(dataFolder, false, now));
  return new RateLimiter({ memory, thread: 1, clock: () => now.monotonicMs }).silenceMs();
}

function newFolder(t: TestContext): string {
  const folder = makeDataFolder(t);
  mkdirSync(folder);
  return folder;
}

async function endedFolder(t: TestContext): Promise<string> {
  const folder = newFolder(t);
  await noteServerEnd(folder, ended);
  return folder;
}

test('a server grants nothing until the last one has ended for a second', async (t) => {
  assert.equal(silenceAfter(0, await endedFolder(t)), 1_001);
  assert.equal(silenceAfter(400, await endedFolder(t)), 601);
  assert.equal(silenceAfter(1_001, await endedFolder(t)), 0);
});

test('a server that follows a killed one grants nothing for a second', async (t) => {
  const folder = await endedFolder(t);
  assert.equal(silenceAfter(5_000, folder), 0);
  // It was killed, so it noted no end, and that of its predecessor is gone.
  assert.equal(silenceAfter(9_000, folder), 1_001);
});

test('what another boot, another clock or half a write says is not believed', async (t) => {
  const writeEnd = (text: string) => {
    const folder = newFolder(t);
    writeFileSync(join(folder, dataFiles.serverEnd), text);
    return folder;
  };
  const whole = readFileSync(join(await endedFolder(t), dataFiles.serverEnd), 'utf8');
  assert.equal(silenceAfter(5_000, writeEnd(whole)), 0);
  for (let length = 0; length < whole.length; length += 1) {
    assert.equal(silenceAfter(5_000, writeEnd(whole.slice(0, length))), 1_001);
  }
  assert.equal(silenceAfter(5_000, writeEnd(whole.replace(/^.{8}/, '00000000'))), 1_001);
  const goneBack = { monotonicMs: later(5_000).monotonicMs, wallMs: ended.wallMs - 1 };
  assert.equal(silenceAfter(5_000, await endedFolder(t), goneBack), 1_001);
});

test('a folder without an earlier server is served at once', (t) => {
  const folder = newFolder(t);
  assert.ok(neverServed(folder));
  assert.equal(takeServerEnd(folder, true, ended), Number.NEGATIVE_INFINITY);
  takeServerLock(folder)?.release();
  assert.ok(!neverServed(folder));
});
