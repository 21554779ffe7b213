/** What the store keeps of pushes that may be repeated. */
import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { dataFiles } from '../../src/domain/data-files.ts';
import { openForReading } from '../../src/stores/embedded/environment.ts';
import { openAllDatabases } from '../../src/stores/embedded/keyed-database.ts';
import { openWriter } from '../../src/stores/open-store.ts';
import { email, makeDataFolder, patch } from './sample-changes.ts';

test('of a push that may be repeated only digests are kept that need the key of the folder', async (t) => {
  const dataFolder = makeDataFolder(t);
  const fingerprint = hash('sha256', 'the body', 'hex');
  const once = { key: hash('sha256', 'order-17', 'hex').slice(0, 32), fingerprint, note: '' };
  const push = async () => {
    const writer = await openWriter(dataFolder);
    const rows = [patch([email('ann@x.org')], { 1: 'Ann' })];
    const report = await writer.push(1, 1, rows, { atMs: 1, once });
    await writer.close();
    return report.keptNote;
  };
  assert.deepEqual([await push(), await push()], [null, '']);
  assert.equal(readFileSync(join(dataFolder, dataFiles.secretKey)).length, 32);
  const environment = openForReading(dataFolder);
  const kept = [
    ...(openAllDatabases(environment.root)
      .get('once')
      ?.getRange({ start: Buffer.alloc(0), limit: 10 }) ?? []),
  ];
  const bytes = Buffer.concat(
    kept.flatMap(({ key, value }) => [Buffer.from(key), Buffer.from(value)]),
  );
  await environment.close();
  assert.equal(kept.length, 2);
  assert.equal(bytes.includes(Buffer.from(once.key, 'hex')), false);
  assert.equal(bytes.includes(fingerprint), false);
  // With another key, the folder does not know the push any more.
  rmSync(join(dataFolder, dataFiles.secretKey));
  assert.equal(await push(), null);
});
