/** An export that is killed or stopped leaves its target as it was, and no contacts behind. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { dataFiles } from '../../src/domain/data-files.ts';
import { makeDataFolder, mustRunUsher, spawnUsher, waitFor } from './run-usher.ts';

const count = 20_000;

async function inPlace(context: TestContext) {
  const data = makeDataFolder(context);
  const folder = dirname(data);
  const path = join(folder, 'people.csv');
  const rows = Array.from({ length: count }, (_, n) => `p${n}@x.com,${n}`);
  writeFileSync(path, ['email,orders', ...rows].join('\n'));
  await mustRunUsher(data, ['import', path, '--dataset', 'crm', '--yes']);
  const unfinished = () => readdirSync(folder).filter((name) => name.endsWith('.part'));
  const work = join(data, dataFiles.work);
  const worked = () => (existsSync(work) ? readdirSync(work) : []);
  /** Sends the signal once the export has begun to write. */
  const end = async (signal: NodeJS.Signals, flags: readonly string[]) => {
    const child = spawnUsher(data, ['contact', 'export', '--yes', ...flags]);
    const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
    await waitFor(() => (unfinished().length === 1 ? true : undefined), 20_000);
    child.kill(signal);
    return ended;
  };
  return { data, folder, unfinished, worked, end };
}

test('what a killed export left is removed by the next command with work files', async (context) => {
  const { data, folder, unfinished, worked, end } = await inPlace(context);
  const target = join(folder, 'out');
  writeFileSync(target, 'as it was');
  for (const flags of [
    ['--parquet', target],
    ['--ndjson', '--out', target],
  ]) {
    assert.equal(await end('SIGKILL', flags), null);
    assert.equal(readFileSync(target, 'utf8'), 'as it was');
    assert.deepEqual([unfinished().length, worked().length], [1, 1]);
    const other = join(folder, 'other.csv');
    await mustRunUsher(data, ['contact', 'export', '--out', other, '--fields', 'orders', '--yes']);
    assert.deepEqual([unfinished(), worked()], [[], []]);
    assert.equal(readFileSync(other, 'utf8').split('\r\n').length, count + 2);
  }
});

test('an export that is stopped removes what it wrote', async (context) => {
  const { folder, unfinished, worked, end } = await inPlace(context);
  const target = join(folder, 'out');
  for (const flags of [
    ['--parquet', target],
    ['--out', target],
  ]) {
    assert.equal(await end('SIGINT', flags), 130);
    assert.deepEqual([unfinished(), worked(), existsSync(target)], [[], [], false]);
  }
});
