/** `usher segment preview`, on a real data folder with imported contacts. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { DuckDBInstance } from '@duckdb/node-api';
import type { PreviewView } from '../../src/administration/rule/preview-segment.ts';
import { mustRunCommand, runCommand } from '../launch/run-command.ts';
import { makeDataFolder } from '../launch/run-usher.ts';

const contactCount = 3_000;
const rule = 'total_spend > 1000 && state == "NY" && last_order < now - days(90)';

function dayBefore(days: number): string {
  return new Date(Date.now() - days * 86_400_000).toISOString().slice(0, 10);
}

/** Missing values in each column, and days near the 90th. */
function rowOf(n: number): string {
  const state = ['NY', 'NJ', '', 'ny', 'NY'][n % 5];
  const spend = n % 7 === 0 ? '' : ((n * 37) % 2_000) + 0.5;
  const day = n % 11 === 0 ? '' : dayBefore(80 + (n % 20));
  return `p${n}@x.com,${state},${spend},${day}`;
}

async function inPlace(context: TestContext, count = contactCount) {
  const data = makeDataFolder(context);
  const path = join(data, '..', 'customers.csv');
  const rows = Array.from({ length: count }, (_, n) => rowOf(n));
  writeFileSync(path, ['email,state,total_spend,last_order', ...rows].join('\n'));
  await mustRunCommand(data, ['import', path, '--dataset', 'crm', '--yes']);
  const preview = async (...args: string[]) =>
    JSON.parse(
      await mustRunCommand(data, ['segment', 'preview', ...args, '--json']),
    ) as PreviewView;
  return { data, path, preview, run: (...args: string[]) => mustRunCommand(data, args) };
}

test('a preview counts what the query in the docs counts', async (context) => {
  const { path, preview } = await inPlace(context);
  const { exact, contacts } = await preview('--rule', rule);
  const page = readFileSync(new URL('../../../docs/segments.md', import.meta.url), 'utf8');
  const query = /```sql\n([\s\S]*?)```/.exec(page)?.[1] ?? '';
  const instance = await DuckDBInstance.create();
  const connection = await instance.connect();
  const read = await connection.runAndReadAll(query.replace('customers.csv', path));
  const [found] = read.getRowObjects();
  connection.closeSync();
  const clauses = exact?.clauses ?? [];
  const counted = [contacts, ...clauses.map(({ alone }) => alone)];
  const inSequence = [clauses[1]?.in_sequence, exact?.members];
  assert.deepEqual([...counted, ...inSequence], Object.values(found ?? {}).map(Number));
  assert.equal(clauses[0]?.in_sequence, clauses[0]?.alone);
  assert.equal(clauses[2]?.in_sequence, exact?.members);
  assert.ok((exact?.members ?? 0) > 50);
  assert.deepEqual(
    clauses.map((clause) => clause.rule),
    ['total_spend > 1000.0', 'state == "NY"', 'last_order < now - days(90)'],
  );
});

test('a saved segment is previewed by name, and others that it uses are followed', async (context) => {
  const { preview, run } = await inPlace(context, 200);
  await run('computed-field', 'create', 'town', '--rule', 'coalesce(state, "none")');
  await run('segment', 'create', 'Nowhere', '--rule', 'town == "none"');
  await run('segment', 'create', 'Others', '--rule', '!in_segment("Nowhere") && true');
  const nowhere = await preview('Nowhere');
  assert.equal(nowhere.exact?.members, 40);
  assert.deepEqual(nowhere.segment, { id: 1, name: 'Nowhere' });
  const others = await preview('2');
  assert.equal(others.exact?.members, 160);
  // All contacts were drawn.
  assert.deepEqual(others.estimate, { members: 160, low: 160, high: 160, drawn: 200 });
});

test('personal values are masked, and a field without a sensitivity is personal', async (context) => {
  const { data, preview, run } = await inPlace(context, 50);
  await run('field', 'set', 'state', '--sensitivity', 'internal');
  await run('field', 'set', 'last_order', '--sensitivity', 'sensitive');
  const { sample, exact } = await preview('--rule', 'state == "NY"', '--estimate');
  assert.equal(exact, null);
  assert.equal(sample.length, 10);
  for (const { values } of sample) {
    assert.equal(values['state'], 'NY');
    assert.ok([values['total_spend'], values['email']].every((value) => value === '***'));
    assert.ok(['***', null].includes(values['last_order'] as string | null));
  }
  const shown = await runCommand(data, ['segment', 'preview', '--rule', 'state == "NY"']);
  assert.match(shown.stdout, /^20 of 50 contacts \(40 %\)/);
  assert.doesNotMatch(shown.stdout, /@x\.com/);
  assert.match(shown.stdout, /\*\*\* is a value that is personal, .* usher field set \w+ --sens/);
});

test('a wrong call or rule says what to do', async (context) => {
  const { data } = await inPlace(context, 5);
  const fail = (...args: string[]) => runCommand(data, ['segment', 'preview', ...args]);
  const both = await fail('x', '--rule', 'true');
  assert.equal(both.code, 2);
  assert.match(both.stderr, /Give either a segment or --rule/);
  assert.equal((await fail('nobody')).code, 3);
  const wrong = await fail('--rule', 'stat == "NY"');
  assert.equal(wrong.code, 2);
  assert.match(wrong.stderr, /There is no field "stat"\. Did you mean state\?/);
  const cycle = await fail('--rule', 'true &&');
  assert.match(cycle.stderr, /Line 1, column/);
});
