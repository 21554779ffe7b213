/** What an export that was killed leaves is named by `usher doctor`, and goes with the next one. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { noteUnfinished } from '../../src/administration/work-folder.ts';
import { dataFiles } from '../../src/domain/data-files.ts';
import { runKilled } from '../launch/kill-at-writes.ts';
import { mustRunCommand } from '../launch/run-command.ts';
import { makeDataFolder } from '../launch/run-usher.ts';
import { inFolder } from './privacy-folder.ts';

/** A data folder, and the files of an export to `out` whose process no longer exists. */
async function inKilled(context: TestContext) {
  const data = makeDataFolder(context);
  const out = join(dirname(data), 'people.csv');
  const source = join(dirname(data), 'source.csv');
  writeFileSync(source, 'email,name\nann@x.com,Ann\n');
  await mustRunCommand(data, ['import', source, '--dataset', 'crm', '--yes']);
  const { pid } = spawnSync(process.execPath, ['--version']);
  const part = `${out}.${pid}-${randomUUID()}.part`;
  writeFileSync(part, 'ann@x.com');
  const work = join(data, dataFiles.work, `work-${pid}-${randomUUID()}`);
  return { data, out, part, work };
}

test('doctor names the files of a killed export until the next export deletes them', async (context) => {
  const { data, out, part, work } = await inKilled(context);
  mkdirSync(work, { recursive: true });
  await noteUnfinished(work, part);
  const named = await mustRunCommand(data, ['doctor']);
  for (const path of [part, work]) {
    const line = named.split('\n').find((one) => one.includes(path)) ?? '';
    assert.match(line, /warning +work files: .* personal data\. You may delete it\./, named);
  }
  await mustRunCommand(data, ['contact', 'export', '--out', `${out}.other`]);
  assert.deepEqual([existsSync(part), existsSync(work)], [false, false]);
  assert.doesNotMatch(await mustRunCommand(data, ['doctor']), /work files/);
});

test('a new export to the same file deletes what a killed one left', async (context) => {
  const { data, out, part } = await inKilled(context);
  const living = `${out}.${process.pid}-${randomUUID()}.part`;
  writeFileSync(living, 'x');
  await mustRunCommand(data, ['contact', 'export', '--out', out]);
  assert.match(readFileSync(out, 'utf8'), /Ann/);
  assert.deepEqual([existsSync(part), existsSync(living)], [false, true]);
});

test('a killed privacy export leaves no part, and is done only with its document', async (context) => {
  const { data, file, must } = await inFolder(context);
  const out = file('kim.json');
  const args = ['privacy', 'export', 'no:1', '--out', out];
  const environment = { UV_THREADPOOL_SIZE: '1' };
  for (let call = 1; !existsSync(out); call += 1) {
    await runKilled(data, args, { call, calls: 'rename', environment });
    const [{ state }] = JSON.parse(await must('privacy', 'list', '--json', '--limit', '1'));
    assert.equal(state === 'done', existsSync(out), `killed at call ${call}: ${state}`);
    await must('contact', 'export', '--out', file('all.csv'), '--yes');
    const left = readdirSync(file('.')).filter((name) => name.endsWith('.part'));
    assert.deepEqual(left, [], `killed at call ${call}`);
  }
});

test('a privacy export whose document cannot be written has failed', async (context) => {
  const { must, run } = await inFolder(context);
  assert.notEqual((await run('privacy', 'export', 'no:1', '--out', '/dev/full', '--yes')).code, 0);
  const [{ state, failure }] = JSON.parse(await must('privacy', 'list', '--json'));
  assert.deepEqual([state, failure], ['failed', 'storage_full']);
});
