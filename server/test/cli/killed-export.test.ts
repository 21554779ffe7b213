/** What an export that was killed leaves is named by `usher doctor`, and goes with the next one. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { noteUnfinished } from '../../src/administration/work-folder.ts';
import { dataFiles } from '../../src/domain/data-files.ts';
import { mustRunCommand } from '../launch/run-command.ts';
import { makeDataFolder } from '../launch/run-usher.ts';

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

test('a new export to the same file deletes what a killed one left, whoever noted it', async (context) => {
  const { data, out, part } = await inKilled(context);
  const living = `${out}.${process.pid}-${randomUUID()}.part`;
  writeFileSync(living, 'x');
  await mustRunCommand(data, ['contact', 'export', '--out', out]);
  assert.match(readFileSync(out, 'utf8'), /Ann/);
  assert.deepEqual([existsSync(part), existsSync(living)], [false, true]);
});
