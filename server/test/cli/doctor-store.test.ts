/** What `usher doctor` reports about the contact store. */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { dataFiles } from '../../src/domain/data-files.ts';
import { openWriter } from '../../src/stores/open-store.ts';
import { runCommand } from '../launch/run-command.ts';
import { makeDataFolder, runUsher } from '../launch/run-usher.ts';
import { replace, userId } from '../stores/sample-changes.ts';

interface Finding {
  readonly check: string;
  readonly state: string;
  readonly detail: string;
}

async function examine(data: string, ...flags: string[]): Promise<Map<string, Finding>> {
  const { stdout } = await runCommand(data, ['doctor', '--json', ...flags]);
  const findings = JSON.parse(stdout) as Finding[];
  return new Map(findings.map((finding) => [finding.check, finding]));
}

async function write(dataFolder: string, runId: string, valueBytes: number): Promise<void> {
  const writer = await openWriter(dataFolder);
  const request = { runId, organizationId: 1, datasetId: 1, canRollBack: false };
  const lease = await writer.beginRun(request);
  for (let start = 0; start < 1_000; start += 100) {
    const rows = Array.from({ length: 100 }, (_, row) =>
      replace([userId(`${start + row}`)], { 1: `${runId} ${'x'.repeat(valueBytes)}` }),
    );
    await writer.applyBatch(lease, rows);
  }
  await writer.finishRun(lease, { baselineId: runId, asOfMs: 1_000 });
  await writer.close();
}

test('the doctor advises a compaction if much of the store is free, and not after it', async (context) => {
  const data = makeDataFolder(context);
  await runCommand(data, ['token', 'create', '--email', 'ana@example.com']);
  await write(data, 'large', 100_000);
  assert.equal((await examine(data)).get('store size')?.state, 'ok');
  await write(data, 'small', 100);
  const advised = (await examine(data)).get('store size');
  assert.equal(advised?.state, 'warning');
  assert.match(advised?.detail ?? '', /9\d % of it free\. .*usher compact/);
  mkdirSync(join(data, 'compacting'));
  assert.match(
    (await examine(data)).get('compaction')?.detail ?? '',
    /remove the copy: usher compact/,
  );
  assert.equal((await runCommand(data, ['compact'])).code, 0);
  const after = await examine(data);
  assert.equal(after.get('store size')?.state, 'ok');
  assert.ok(!after.has('compaction'));
});

test('after a power cut in a first load the doctor says so, and no command looks into the store', async (context) => {
  const data = makeDataFolder(context);
  await runCommand(data, ['token', 'create', '--email', 'ana@example.com']);
  await write(data, 'some', 10);
  writeFileSync(join(data, dataFiles.loading), 'another boot');
  const { code, stdout } = await runCommand(data, ['doctor', '--verify']);
  assert.equal(code, 0, stdout);
  assert.match(stdout, /^warning {2}store: The machine stopped during the first load/m);
  assert.match(stdout, /^ok {7}catalog: /m);
});

test('the doctor and the server name a store that was cut short, and the doctor one that is empty', async (context) => {
  const data = makeDataFolder(context);
  await runCommand(data, ['token', 'create', '--email', 'ana@example.com']);
  await write(data, 'some', 10);
  const path = join(data, dataFiles.contacts);
  truncateSync(path, Math.floor(statSync(path).size / 2));
  const cut = /The file contacts\.mdb in the data folder was cut short: .* Restore a backup/;
  assert.match((await examine(data)).get('store')?.detail ?? '', cut);
  const served = await runUsher(data, ['serve', '--port', '0']);
  assert.notEqual(served.code, 0);
  assert.match(`${served.stdout}${served.stderr}`, cut);
  truncateSync(path, 0);
  // Nothing says that datasets were loaded.
  assert.equal((await examine(data)).get('store')?.state, 'ok');
  mkdirSync(join(data, dataFiles.baselines, '1', '1'), { recursive: true });
  writeFileSync(join(data, dataFiles.baselines, '1', '1', 'some.parquet'), '');
  const empty = (await examine(data)).get('store');
  assert.equal(empty?.state, 'failed');
  assert.match(empty?.detail ?? '', /contacts\.mdb in the data folder is missing or empty/);
});

test('the doctor reads every contact on request, and fails if one is damaged', async (context) => {
  const data = makeDataFolder(context);
  await runCommand(data, ['token', 'create', '--email', 'ana@example.com']);
  await write(data, 'some', 10);
  const sound = await examine(data, '--verify');
  assert.deepEqual(sound.get('contacts'), {
    check: 'contacts',
    state: 'ok',
    detail: 'every contact was read, and none is damaged',
  });
  assert.match(sound.get('store')?.detail ?? '', /^opens, format \d+, id /);
  const path = join(data, 'contacts.mdb');
  const bytes = readFileSync(path);
  // An entry of the contact's identity list: its type, the length of its value, and its digest. A
  // changed digest leads to no contact.
  const listed = Buffer.concat([Buffer.from([2, 0, 1, 0]), userId('7').digest]);
  for (let at = bytes.indexOf(listed); at >= 0; at = bytes.indexOf(listed, at + 1)) {
    bytes[at + 4] = (bytes[at + 4] ?? 0) ^ 0xff;
  }
  writeFileSync(path, bytes);
  const { code, stdout } = await runCommand(data, ['doctor', '--verify']);
  assert.equal(code, 1);
  assert.match(stdout, /failed +contacts: \d+ dangling identities.*\. Restore a backup/);
});
