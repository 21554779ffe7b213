/** A data folder with three people of one dataset, for tests of `usher privacy`. */
import assert from 'node:assert/strict';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { runCommand } from '../launch/run-command.ts';
import { makeDataFolder } from '../launch/run-usher.ts';

/** A second dataset for the catalog: its rows have the address as their key. */
export const news = [
  '  news:',
  '    source: { kind: file, paths: [news.csv] }',
  '    identifiers: { email: Mail }',
  '    fields: { topic: { column: Topic, type: string } }',
  '    mode: snapshot',
  '    max_change_share: 1',
  '',
].join('\n');

export const catalog = [
  'version: 1',
  'identity_types:',
  '  no: exact',
  'datasets:',
  '  crm:',
  '    source: { kind: file, paths: [crm.csv] }',
  '    identifiers: { no: No, email: Mail }',
  '    fields:',
  '      first_name: { column: Name, type: string }',
  '      orders: { column: Orders, type: integer }',
  '    mode: snapshot',
  '    max_change_share: 1',
  '',
].join('\n');

export const rows = ['1,kim@x.org,Kim,3', '2,eve@x.org,Eve,4', '3,"bob@x.org",Bob,5'];

export async function inFolder(context: TestContext) {
  const data = makeDataFolder(context);
  const files = mkdtempSync(`${data}-files-`);
  const file = (name: string) => join(files, name);
  const run = (...call: readonly string[]) => runCommand(data, call);
  const must = async (...call: readonly string[]) => {
    const { code, stdout, stderr } = await run(...call);
    assert.equal(code, 0, stderr + stdout);
    return stdout.trim();
  };
  const sync = async (...lines: readonly string[]) => {
    writeFileSync(file('crm.csv'), ['No,Mail,Name,Orders', ...lines, ''].join('\n'));
    const { code, stdout, stderr } = await run('sync', 'run', 'crm', '--yes', '--json');
    assert.ok(code === 0 || code === 4, stderr);
    return JSON.parse(stdout) as Record<string, unknown>;
  };
  const name = async (identity: string) => {
    const { code, stdout } = await run('get', identity, '--fields', 'first_name,orders');
    return code === 0 ? Object.values(JSON.parse(stdout).contact as object) : code;
  };
  writeFileSync(file('usher.yaml'), catalog);
  writeFileSync(file('crm.csv'), 'No,Mail,Name,Orders\n');
  await must('apply', '-f', file('usher.yaml'));
  await sync(...rows);
  return { data, file, run, must, sync, name };
}
