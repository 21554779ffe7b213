/** The access log of real servers: killed, stopped, and with a full disk. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { closeSync, cpSync, existsSync, openSync, rmSync, writeSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { listAccess } from '../../src/access/list-access.ts';
import { verifyAccess } from '../../src/access/verify-access.ts';
import { mountSmallDisk } from '../stores/small-disk.ts';
import { ConsoleClient } from '../users/console-client.ts';
import { mustRunCommand, runCommand } from './run-command.ts';
import { makeDataFolder, startUsher, type UsherServer, waitFor } from './run-usher.ts';

const people = 'email,first_name\ntom@hello.com,Tom\nzoe@hello.com,Zoe\n';

async function prepare(data: string) {
  const file = `${data}.csv`;
  await writeFile(file, people);
  await mustRunCommand(data, ['import', file, '--dataset', 'crm', '--yes']);
  rmSync(file);
  await mustRunCommand(data, ['organization', 'set', 'default', '--rate-limit', '100000']);
  return mustRunCommand(data, ['token', 'create', '--email', 'test@example.com']);
}

/** @returns the status of a look-up */
async function lookUp(
  { url }: UsherServer,
  token: string,
  { email = 'tom@hello.com', actor = 'agent 7' } = {},
): Promise<number> {
  const headers = { authorization: `Bearer ${token}`, 'usher-actor': actor };
  const path = `/audience/v2/contacts?identity=email:${email}&fields=first_name`;
  const answer = await fetch(`${url}${path}`, { headers });
  await answer.arrayBuffer();
  return answer.status;
}

async function listAll(data: string) {
  const everything = { organizationId: 1, subjects: null, who: null, way: null, outcome: null };
  const always = { sinceMs: null, untilMs: null };
  return (await listAccess(data, { ...everything, ...always }, { limit: 100_000, before: null }))
    .entries;
}

async function verify(data: string) {
  const { code, stdout } = await runCommand(data, ['access', 'verify', '--json']);
  return { code, ...(JSON.parse(stdout) as Awaited<ReturnType<typeof verifyAccess>>) };
}

test('what a server answered before it stopped is in the log, by each of its threads', async (t: TestContext) => {
  const data = makeDataFolder(t);
  const token = await prepare(data);
  const server = await startUsher(data, { USHER_WORKERS: '2' });
  t.after(() => server.stop());
  const calls = Array.from({ length: 40 }, (_, number) =>
    lookUp(server, token, { email: number % 4 === 0 ? 'nobody@hello.com' : 'tom@hello.com' }),
  );
  const statuses = await Promise.all(calls);
  const batch = await fetch(`${server.url}/audience/v2/contacts/batch`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ identities: ['email:zoe@hello.com', 'email:x@y.org', 'bad'] }),
  });
  assert.equal(batch.status, 200);
  assert.equal(await lookUp(server, token, { actor: 'a'.repeat(129) }), 400);
  await server.stop();
  const entries = await listAll(data);
  const outcomes = entries.map(({ way, outcome }) => `${way} ${outcome}`);
  const countOf = (text: string) => outcomes.filter((outcome) => outcome === text).length;
  assert.deepEqual(
    [statuses.filter((it) => it === 200).length, countOf('lookup success')],
    [30, 30],
  );
  assert.equal(countOf('lookup contact_not_found'), 10);
  assert.deepEqual([countOf('batch success'), countOf('batch contact_not_found')], [1, 1]);
  assert.equal(entries.length, 42);
  const [first] = entries.filter(({ way }) => way === 'lookup');
  assert.deepEqual(
    [first?.actor, first?.address, first?.fieldIds.length],
    ['agent 7', '127.0.0.1', 1],
  );
  assert.equal(first?.who, `token:${token.slice(4, 16)}`);
  const { code, fault, end, crashesMs = [] } = await verify(data);
  assert.deepEqual([code, fault, end, crashesMs.length], [0, null, 'closed', 0]);
});

test('a server that is killed loses at most the last second, and the log says so', async (t) => {
  const data = makeDataFolder(t);
  const token = await prepare(data);
  let answered: number[] = [];
  for (let kill = 1; kill <= 3; kill += 1) {
    const server = await startUsher(data, { USHER_WORKERS: '2' });
    t.after(() => server.stop());
    let isKilled = false;
    const callers = Array.from({ length: 4 }, async () => {
      while (!isKilled) {
        const status = await lookUp(server, token).catch(() => 0);
        if (status === 200) answered.push(Date.now());
      }
    });
    const before = answered.length;
    await waitFor(() => answered.length > before + 300 || undefined, 30_000);
    const killedMs = Date.now();
    server.process.kill('SIGKILL');
    await once(server.process, 'exit');
    isKilled = true;
    await Promise.all(callers);
    const { fault } = await verifyAccess(data);
    assert.equal(fault, null);
    // A busy machine may be late with writing: a second, and as much again.
    const durable = answered.filter((atMs) => atMs < killedMs - 2_000).length;
    const entries = await listAll(data);
    assert.ok(entries.length >= durable, `${entries.length} of ${durable}`);
    answered = entries.map(() => 0);
  }
  const server = await startUsher(data);
  await server.stop();
  const verdict = await verifyAccess(data);
  assert.deepEqual([verdict.fault, verdict.end, verdict.crashesMs.length], [null, 'closed', 3]);
});

test('when the disk is full, look-ups go on and an alarm says so, or they stop if the log is required', async (t) => {
  const disk = mountSmallDisk(t, 48);
  const data = join(disk, 'data');
  const token = await prepare(data);
  let kept = new Map<string, string>();
  for (const mode of ['on', 'required']) {
    const server = await startUsher(data, { USHER_ACCESS_LOG: mode, USHER_WORKERS: '2' });
    t.after(() => server.stop());
    assert.equal(await lookUp(server, token), 200);
    await assertSignedOut(server, kept);
    const client = await signIn(data, server, mode);
    const filler = join(disk, 'filler');
    fillDisk(filler);
    await waitFor(async () => {
      await lookUp(server, token);
      return server.output().includes('the access log cannot be written') || undefined;
    }, 20_000);
    assert.equal(await lookUp(server, token), mode === 'on' ? 200 : 503);
    kept = new Map(client.cookies);
    assert.equal((await client.call({ method: 'DELETE', path: '/session' })).status, 204);
    assert.equal(client.cookies.has('usher-session'), false);
    await assertSignedOut(server, kept);
    rmSync(filler);
    await waitFor(
      () => server.output().includes('the access log is written again') || undefined,
      20_000,
    );
    assert.equal(await lookUp(server, token), 200);
    await server.stop();
    const alarms = server.output().split('the access log cannot be written').length - 1;
    assert.equal(alarms, 1);
    const { fault, lost } = await verifyAccess(data);
    assert.deepEqual([fault, lost], [null, 0]);
  }
});

async function signIn(data: string, server: UsherServer, name: string) {
  const email = `${name}@example.com`;
  const invite = ['user', 'create', '--email', email, '--role', 'admin', '--json'];
  const { link } = JSON.parse(await mustRunCommand(data, invite)) as { link: string };
  const client = clientOf(server);
  assert.equal((await client.takeLink(link)).status, 200);
  return client;
}

function clientOf({ url }: UsherServer): ConsoleClient {
  return new ConsoleClient({ port: Number(new URL(url).port) });
}

/** Of each thread: connections go to them in turns. */
async function assertSignedOut(server: UsherServer, kept: ReadonlyMap<string, string>) {
  for (let call = 0; call < 8; call += 1) {
    const client = clientOf(server);
    for (const [name, value] of kept) client.cookies.set(name, value);
    assert.equal((await client.call({ path: '/session' })).status, 401);
  }
}

function fillDisk(path: string): void {
  const file = openSync(path, 'w');
  try {
    for (const size of [1_048_576, 4_096, 1]) fillWith(file, Buffer.alloc(size, 1));
  } finally {
    closeSync(file);
  }
}

function fillWith(file: number, piece: Buffer): void {
  for (;;) {
    try {
      if (writeSync(file, piece) < piece.length) return;
    } catch {
      return;
    }
  }
}

test('a log that is off notes nothing', async (t) => {
  const data = makeDataFolder(t);
  const token = await prepare(data);
  const server = await startUsher(data, { USHER_ACCESS_LOG: 'off' });
  t.after(() => server.stop());
  assert.equal(await lookUp(server, token), 200);
  await server.stop();
  assert.equal(existsSync(join(data, 'access')), false);
});

test('a log that is removed, or put back to an older state, is missed', async (t) => {
  const data = makeDataFolder(t);
  const [access, old] = [join(data, 'access'), `${data}-old`];
  t.after(() => rmSync(old, { recursive: true, force: true }));
  await prepare(data);
  await (await startUsher(data)).stop();
  cpSync(access, old, { recursive: true });
  await (await startUsher(data)).stop();
  assert.equal((await verify(data)).code, 0);
  rmSync(access, { recursive: true });
  const removed = await verify(data);
  assert.deepEqual([removed.code, removed.fault?.code], [1, 'not_noted']);
  assert.match((await runCommand(data, ['doctor'])).stdout, /access log.*noted a later end/);
  cpSync(old, access, { recursive: true });
  assert.equal((await verify(data)).fault?.code, 'not_noted');
  const server = await startUsher(data);
  await server.stop();
  assert.match(server.output(), /the access log is not as it was left/);
  assert.notEqual((await verify(data)).code, 0, 'it stays broken');
});
