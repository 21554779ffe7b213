/**
 * Several processes and one store: which one writes, what the others see, and what happens when one
 * dies.
 */
import assert from 'node:assert/strict';
import { existsSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { UsherError } from '../../src/domain/errors.ts';
import { decodeRecord } from '../../src/stores/contact-codec.ts';
import { writerSocketPath } from '../../src/stores/embedded/writer/socket-path.ts';
import { connectWriter, openReader, openWriter } from '../../src/stores/open-store.ts';
import { recordOnly } from '../../src/stores/store.ts';
import { startChild } from './child-process.ts';
import { runKillCycles } from './kill-cycles.ts';
import {
  email,
  makeDataFolder,
  patch,
  readContact,
  readFields,
  replace,
  userId,
} from './sample-changes.ts';
import { runsPerRound, stepUsers } from './writer-child.ts';

const request = (runId: string, datasetId = 9) => ({ runId, organizationId: 1, datasetId });

test('a writer killed 27 times leaves no torn contact and keeps what it acknowledged', async (t) => {
  await runKillCycles(makeDataFolder(t), 27);
});

test('a write by another process is seen by the next read, in the same turn', async (t) => {
  const folder = makeDataFolder(t);
  const child = startChild('writer-child.ts', [folder, '1']);
  t.after(() => child.kill());
  await child.line((line) => line === 'open');
  const writer = await openWriter(folder);
  t.after(() => writer.close());
  const reader = openReader(folder);
  t.after(() => reader.close());
  assert.equal(await writer.role(), 'client');
  const lease = await writer.beginRun(request('run'));
  for (let row = 0; row < 100; row += 1) {
    const key = email(`${row}@seen.org`);
    assert.equal(await readContact(reader, 1, key), undefined);
    await writer.applyBatch(lease, [replace([key], { 1: row })]);
    assert.ok((await readContact(reader, 1, key)) !== undefined);
  }
});

test('pushes are answered in between while another process joins a chain and parts it', async (t) => {
  const folder = makeDataFolder(t);
  const writer = await openWriter(folder);
  t.after(() => writer.close());
  const contacts = 800;
  const child = startChild('dense-child.ts', [folder, `${contacts}`]);
  t.after(() => child.kill());
  for (const act of ['joining', 'parting']) {
    await child.line((line) => line === `begins ${act}`);
    let pushes = 0;
    while (!child.lines.includes(`ends ${act}`)) {
      await writer.push(1, 9, [patch([email(`${act}${pushes}`)], { 1: pushes })], { atMs: 0 });
      pushes += 1;
    }
    assert.ok(pushes >= 5, `${pushes} pushes were answered before the end of ${act}`);
  }
  assert.equal(await child.line((line) => line.startsWith('parted')), `parted ${contacts - 1}`);
});

test('no write is lost while other processes open and close the store', async (t) => {
  const folder = makeDataFolder(t);
  const { written, refusal } = await writeBesideOpeners(t, folder, 'this');
  assert.equal(refusal, undefined);
  await requireWritten(folder, written);
});

test('no write is lost when processes of an earlier release open the store meanwhile', async (t) => {
  const folder = makeDataFolder(t);
  const { written, refusal } = await writeBesideOpeners(t, folder, 'earlier');
  assert.match(refusal ?? 'out of turn', /out of turn/);
  await requireWritten(folder, written);
  const writer = await openWriter(folder);
  await writer.applyBatch(await writer.beginRun(request('next')), [replace([userId('n')], {})]);
  await writer.close();
});

/** Writes for 3 s, or until a write is refused. */
async function writeBesideOpeners(
  t: TestContext,
  folder: string,
  release: 'this' | 'earlier',
): Promise<{ readonly written: number; readonly refusal: string | undefined }> {
  const writer = await openWriter(folder);
  const openers = [0, 1].map(() => startChild('opener-child.ts', [folder, release]));
  t.after(() => Promise.all(openers.map((opener) => opener.kill())));
  await Promise.all(openers.map((opener) => opener.line((line) => line === 'open')));
  const endMs = performance.now() + 3_000;
  let written = 0;
  try {
    const lease = await writer.beginRun(request('run', 1));
    for (; performance.now() < endMs; written += 1) {
      await writer.applyBatch(lease, [replace([userId(`${written}`)], { 1: written })]);
    }
    return { written, refusal: undefined };
  } catch (error) {
    return { written, refusal: error instanceof UsherError ? error.message : String(error) };
  } finally {
    await Promise.all(openers.map((opener) => opener.kill()));
    await writer.close();
  }
}

async function requireWritten(folder: string, count: number): Promise<void> {
  assert.ok(count > 0);
  const reader = openReader(folder);
  for (let row = 0; row < count; row += 1) {
    assert.deepEqual(await readFields(reader, userId(`${row}`)), { 1: row });
  }
  await reader.close();
}

test('several contacts are read as of one moment while another process writes', async (t) => {
  const folder = makeDataFolder(t);
  const child = startChild('writer-child.ts', [folder, '0']);
  t.after(() => child.kill());
  await child.line((line) => line === `finished ${runsPerRound}`);
  const reader = openReader(folder);
  t.after(() => reader.close());
  const queries = stepUsers(0, 0).map((user) => ({
    organizationId: 1,
    identity: userId(`${user}`),
    parts: recordOnly,
  }));
  const seen = new Set<unknown>();
  for (let turn = 0; seen.size < 4; turn += 1) {
    assert.ok(turn < 10_000);
    const values = await reader.readContacts(queries, ({ record }) => {
      // Gives the other process time to write the contacts that follow.
      const untilMs = performance.now() + 1;
      while (performance.now() < untilMs);
      return decodeRecord(record.bytes, record.length).sections[0]?.fields.get(1);
    });
    assert.equal(new Set(values).size, 1);
    seen.add(values[0]);
  }
});

test('when the writing process is killed, its client takes over and continues its run', async (t) => {
  const folder = makeDataFolder(t);
  const child = startChild('writer-child.ts', [folder, '1']);
  t.after(() => child.kill());
  await child.line((line) => line === 'open');
  const writer = await openWriter(folder);
  t.after(() => writer.close());
  const lease = await writer.beginRun(request('run'));
  for (let row = 0; row < 40; row += 1) {
    if (row === 20) child.process.kill('SIGKILL');
    await writer.applyBatch(lease, [replace([userId(`mine-${row}`)], { 1: row })]);
  }
  await writer.finishRun(lease, { baselineId: 'baseline', asOfMs: 0 });
  assert.equal(await writer.role(), 'holder');
  const reader = openReader(folder);
  t.after(() => reader.close());
  for (let row = 0; row < 40; row += 1) {
    const fields = await readFields(reader, userId(`mine-${row}`), { datasetId: 9 });
    assert.deepEqual(fields, { 1: row });
  }
  assert.equal((await reader.appliedRun(1, 9))?.baselineId, 'baseline');
  assert.deepEqual(await reader.verify(), {
    tornContacts: 0,
    danglingIdentities: 0,
    wrongCounts: 0,
  });
});

test('when the writing process closes, one client takes over and the others connect to it', async (t) => {
  const folder = makeDataFolder(t);
  const first = await openWriter(folder);
  const others = await Promise.all([openWriter(folder), openWriter(folder), openWriter(folder)]);
  t.after(() => Promise.all(others.map((writer) => writer.close())));
  assert.deepEqual(await Promise.all(others.map((it) => it.role())), [
    'client',
    'client',
    'client',
  ]);
  const leases = await Promise.all(
    others.map((it, place) => it.beginRun(request(`${place}`, place + 1))),
  );
  const batches = (from: number) =>
    others.map(async (writer, place) => {
      const lease = leases[place];
      assert.ok(lease !== undefined);
      for (let row = from; row < from + 50; row += 1) {
        await writer.applyBatch(lease, [replace([userId(`${place}-${row}`)], { 1: row })]);
      }
    });
  await Promise.all([...batches(0), first.close()]);
  await Promise.all(batches(50));
  const roles = await Promise.all(others.map((it) => it.role()));
  assert.deepEqual(roles.sort(), ['client', 'client', 'holder']);
  const reader = openReader(folder);
  t.after(() => reader.close());
  assert.deepEqual(await reader.counts(1), { contacts: 300, identities: 300 });
});

test('a client that dies frees its dataset at once', async (t) => {
  const folder = makeDataFolder(t);
  const writer = await openWriter(folder);
  t.after(() => writer.close());
  const child = startChild('writer-child.ts', [folder, '1']);
  t.after(() => child.kill());
  await child.line((line) => line.startsWith('applied'));
  await assert.rejects(writer.beginRun(request('other', 1)), { code: 'run_in_progress' });
  await child.kill();
  const startMs = performance.now();
  await untilBegun(() => writer.beginRun(request('other', 1)));
  assert.ok(performance.now() - startMs < 15_000);
});

test('a writing process that dies frees its dataset at once', async (t) => {
  const folder = makeDataFolder(t);
  const child = startChild('writer-child.ts', [folder, '1']);
  await child.line((line) => line.startsWith('applied'));
  await child.kill();
  const writer = await openWriter(folder);
  t.after(() => writer.close());
  assert.equal(await writer.role(), 'holder');
  await writer.beginRun(request('other', 1));
});

test('only the owner can read the files of a store, and closing leaves no socket behind', async (t) => {
  const folder = makeDataFolder(t);
  const writer = await openWriter(folder);
  for (const name of ['contacts.mdb', 'contacts.mdb-lock', 'writer.sock']) {
    assert.equal(statSync(join(folder, name)).mode & 0o077, 0, name);
  }
  await writer.close();
  assert.ok(!existsSync(join(folder, 'writer.sock')));
  await assert.rejects(writer.flush(), { code: 'store_unavailable' });
});

test('a data folder with a long path has its socket in another folder', async (t) => {
  const folder = join(makeDataFolder(t), 'x'.repeat(120));
  const socketPath = writerSocketPath(folder);
  t.after(() => rmSync(dirname(socketPath), { recursive: true }));
  const holder = await openWriter(folder);
  t.after(() => holder.close());
  assert.equal(statSync(socketPath).mode & 0o077, 0);
  const client = await openWriter(folder);
  t.after(() => client.close());
  assert.deepEqual([await holder.role(), await client.role()], ['holder', 'client']);
  assert.ok(!existsSync(join(folder, 'writer.sock')));
});

/**
 * Retries until the connection is known to have ended. Each attempt is a transaction, so the loop
 * does not spin.
 */
async function untilBegun(begin: () => Promise<unknown>): Promise<void> {
  for (let attempt = 0; attempt < 1_000; attempt += 1) {
    const isBegun = await begin().then(
      () => true,
      () => false,
    );
    if (isBegun) return;
  }
  assert.fail('The dataset was not freed.');
}

test('a client that must not write waits for the next writer, and never becomes the writer', async (t) => {
  const folder = makeDataFolder(t);
  const first = await openWriter(folder);
  t.after(() => first.close());
  const client = await connectWriter(folder);
  t.after(() => client.close());
  const push = (value: string) =>
    client.push(1, 1, [patch([email('tom@hello.com')], { 1: value })], { atMs: 1 });
  assert.equal((await push('a')).added, 1);
  assert.equal(await client.role(), 'client');
  await first.close();
  const waiting = push('b');
  const second = await openWriter(folder);
  t.after(() => second.close());
  assert.equal((await waiting).changed, 1);
  assert.deepEqual([await client.role(), await second.role()], ['client', 'holder']);
  await second.close();
  await assert.rejects(push('c'), { code: 'store_unavailable' });
});

test('an unexpected error of the writing process reaches the log of the caller', async (t) => {
  const folder = makeDataFolder(t);
  const holder = await openWriter(folder);
  t.after(() => holder.close());
  const client = await connectWriter(folder);
  t.after(() => client.close());
  await assert.rejects(client.beginRun(undefined as never), (error: unknown) => {
    assert.ok(error instanceof UsherError && error.cause instanceof Error);
    assert.match(error.cause.stack ?? '', /TypeError.*\n +at .*embedded\/writer/s);
    return true;
  });
});
