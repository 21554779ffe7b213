/**
 * The rate limit of a real server with several look-up threads, checked against the limiter's own
 * log of grants.
 */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { test } from 'node:test';
import { mustRunCommand } from './run-command.ts';
import { makeDataFolder, startUsher } from './run-usher.ts';

interface Grant {
  readonly atMs: number;
  readonly units: number;
}

async function readGrants(path: string): Promise<Grant[]> {
  const lines = (await readFile(path, 'utf8')).trim().split('\n');
  const grants = lines.map((line) => {
    const [atMs, kind, id, units] = line.split(',');
    assert.equal(kind, 'audience');
    assert.equal(id, '1');
    return { atMs: Number(atMs), units: Number(units) };
  });
  return grants.sort((one, other) => one.atMs - other.atMs);
}

/** The most units in any second that starts with a grant. */
function mostInAnySecond(grants: readonly Grant[]): number {
  let most = 0;
  let units = 0;
  let end = 0;
  for (const first of grants) {
    while (end < grants.length && (grants[end]?.atMs ?? 0) < first.atMs + 1_000) {
      units += grants[end]?.units ?? 0;
      end += 1;
    }
    most = Math.max(most, units);
    units -= first.units;
  }
  return most;
}

/**
 * Units granted in each whole second from the first grant on, without the incomplete last second.
 */
function unitsBySecond(grants: readonly Grant[]): number[] {
  const start = grants[0]?.atMs ?? 0;
  const seconds: number[] = [];
  for (const { atMs, units } of grants) {
    const second = Math.floor((atMs - start) / 1_001);
    seconds[second] = (seconds[second] ?? 0) + units;
  }
  return seconds.slice(0, -1);
}

interface Call {
  readonly method: string;
  readonly path: string;
  readonly token: string;
  readonly body?: string;
}

/** Sends calls at a steady rate without waiting for answers. Resolves with the statuses. */
async function offer(
  port: number,
  options: { perSecond: number; seconds: number; call: (number: number) => Call },
): Promise<number[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: 64 });
  const answers: Promise<number>[] = [];
  const started = performance.now();
  await new Promise<void>((resolve) => {
    const timer = setInterval(() => {
      const elapsed = performance.now() - started;
      const due = Math.min(
        (elapsed / 1_000) * options.perSecond,
        options.seconds * options.perSecond,
      );
      while (answers.length < due) answers.push(send(port, agent, options.call(answers.length)));
      if (elapsed < options.seconds * 1_000) return;
      clearInterval(timer);
      resolve();
    }, 5);
  });
  const statuses = await Promise.all(answers);
  agent.destroy();
  return statuses;
}

function send(port: number, agent: Agent, call: Call): Promise<number> {
  return new Promise((resolve, reject) => {
    const headers = {
      authorization: `Bearer ${call.token}`,
      ...(call.body === undefined ? {} : { 'content-type': 'application/json' }),
    };
    const sent = request(
      { host: '127.0.0.1', port, agent, method: call.method, path: call.path, headers },
      (response) => {
        response.resume();
        response.on('end', () => resolve(response.statusCode ?? 0));
      },
    );
    sent.on('error', reject);
    sent.end(call.body);
  });
}

function countOf(statuses: readonly number[], status: number): number {
  return statuses.filter((one) => one === status).length;
}

test('four threads and two tokens at 400 requests a second are granted 50 in any second', async (t) => {
  const data = makeDataFolder(t);
  const create = ['token', 'create', '--email', 'test@example.com'];
  const tokens = [await mustRunCommand(data, create), await mustRunCommand(data, create)];
  const log = join(data, 'grants.csv');
  const server = await startUsher(data, { USHER_WORKERS: '4', USHER_LIMIT_LOG: log });
  const statuses = await offer(server.port, {
    perSecond: 400,
    seconds: 6,
    call: (number) => ({
      method: 'GET',
      path: '/audience/v2/contacts?identity=email:nobody@example.com',
      token: tokens[number % 2] ?? '',
    }),
  });
  await server.stop();
  const grants = await readGrants(log);
  assert.equal(countOf(statuses, 404) + countOf(statuses, 429), statuses.length);
  assert.equal(countOf(statuses, 404), grants.length);
  assert.ok(mostInAnySecond(grants) <= 50, `${mostInAnySecond(grants)} in a second`);
  const seconds = unitsBySecond(grants);
  assert.ok(seconds.length >= 5);
  for (const units of seconds) assert.ok(units >= 49, `only ${units} used: ${seconds}`);
});

test('a limit of 4,000 holds for batches and single look-ups together', async (t) => {
  const data = makeDataFolder(t);
  const token = await mustRunCommand(data, ['token', 'create', '--email', 'test@example.com']);
  await mustRunCommand(data, ['organization', 'set', 'default', '--rate-limit', '4000']);
  const log = join(data, 'grants.csv');
  const server = await startUsher(data, { USHER_WORKERS: '4', USHER_LIMIT_LOG: log });
  const identities = Array.from({ length: 50 }, (_, index) => `email:nobody${index}@example.com`);
  const batch = JSON.stringify({ identities });
  const statuses = await offer(server.port, {
    // 6,300 units a second: above the limit, and below what a slow machine can answer.
    perSecond: 140,
    seconds: 4,
    call: (number) =>
      number % 10 === 0
        ? { method: 'GET', path: '/audience/v2/contacts?identity=email:a@example.com', token }
        : { method: 'POST', path: '/audience/v2/contacts/batch', token, body: batch },
  });
  await server.stop();
  const grants = await readGrants(log);
  assert.ok(countOf(statuses, 429) > 0, 'the calls exceed the limit');
  assert.ok(countOf(statuses, 200) > 0);
  assert.equal(statuses.filter((status) => ![200, 404, 429].includes(status)).length, 0);
  assert.ok(mostInAnySecond(grants) <= 4_000, `${mostInAnySecond(grants)} in a second`);
  // A busy machine may answer less than the limit in some seconds.
  const seconds = unitsBySecond(grants);
  assert.ok(Math.max(...seconds) >= 3_800, `only ${seconds} used`);
});
