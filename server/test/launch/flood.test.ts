/**
 * While connections without a token pipeline thousands of requests, other callers hardly notice.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { floods, measureWaits, startFlood } from './flood.ts';
import { mustRunCommand } from './run-command.ts';
import { makeDataFolder, startUsher } from './run-usher.ts';

/**
 * Without protection a flood of 60 connections stopped all answers for half a minute. Delays of a
 * slow machine are far below a second.
 */
const boundMs = 1_000;
const measuredMs = 500;

test('a flood of pipelined requests keeps no other caller waiting', async (t) => {
  const data = makeDataFolder(t);
  const token = await mustRunCommand(data, ['token', 'create', '--email', 'test@example.com']);
  const server = await startUsher(data, { USHER_WORKERS: '1' });
  t.after(() => server.stop());
  const { port } = server;
  const path = '/audience/v2/contacts?identity=email:a@example.com';
  const callers = [
    { port, path: '/livez' },
    { port, path, headers: { authorization: `Bearer ${token}` } },
  ];
  for (const [name, flood] of floods) {
    const { stop } = await startFlood({ port, ...flood });
    for (const caller of callers) {
      const waits = await measureWaits(caller, measuredMs);
      t.diagnostic(`${name}: ${caller.path.slice(0, 9)} p99 ${waits.p99Ms.toFixed(1)} ms`);
      assert.ok(waits.p50Ms < boundMs, `${name}: half of the calls took ${waits.p50Ms} ms or more`);
      assert.ok(waits.p99Ms < boundMs, `${name}: ${waits.p99Ms} ms`);
    }
    await stop();
  }
  const memory = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${server.process.pid}/status`, 'utf8'));
  const megabytes = Number(memory?.[1] ?? 0) / 1_024;
  t.diagnostic(`${megabytes.toFixed(0)} MB`);
  assert.ok(megabytes < 700, `${megabytes} MB`);
  assert.doesNotMatch(server.output(), /"level":"error"/);
});
