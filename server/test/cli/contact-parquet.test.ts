/** `usher contact export --parquet`: types, values, and files that are not overwritten. */
import assert from 'node:assert/strict';
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { DuckDBInstance } from '@duckdb/node-api';
import { dataFiles } from '../../src/domain/data-files.ts';
import { mustRunCommand, runCommand } from '../launch/run-command.ts';
import { makeDataFolder } from '../launch/run-usher.ts';

const types = [
  ...['born=date', 'seen=date', 'spend=currency', 'share=float', 'visits=integer', 'vip=boolean'],
  ...['code=big integer', 'long=big integer', 'tags=set', 'note=text', 'contact_id=string'],
];

async function inPlace(context: TestContext) {
  const data = makeDataFolder(context);
  const folder = dirname(data);
  const path = join(folder, 'people.ndjson');
  const digits = '9'.repeat(40);
  const rows = [
    {
      ...{ email: 'ann@x.com', born: '1966-08-04', seen: '2026-03-29T10:20:30Z', spend: '12.30' },
      ...{ share: 0.1, visits: 9_007_199_254_740_991, vip: true, code: '123456789012345678901' },
      ...{ long: digits, tags: ['a', 'b "c"'], note: 'line\nü\u0001\u2028 "', contact_id: 'own' },
    },
    { email: 'bob@x.com', seen: '2026-03-29', visits: -3, vip: false },
  ];
  writeFileSync(path, rows.map((row) => JSON.stringify(row)).join('\n'));
  const typed = types.flatMap((type) => ['--type', type]);
  const crm = ['import', path, '--dataset', 'crm', '--yes', ...typed];
  const run = (...args: string[]) => mustRunCommand(data, args);
  await run(...crm);
  return { data, folder, run, out: join(folder, "o'ut [1]*.parquet"), digits };
}

async function query(path: string, sql: string) {
  const instance = await DuckDBInstance.create();
  const connection = await instance.connect();
  await connection.run("SET TimeZone = 'UTC'");
  const glob = path.replaceAll(/[*?[]/g, '[$&]').replaceAll("'", "''");
  const read = await connection.runAndReadAll(sql.replace('FILE', `'${glob}'`));
  connection.closeSync();
  return read.getRowsJson() as unknown as string[][];
}

test('a Parquet file has the types of the fields, and every value', async (context) => {
  const { run, out, digits } = await inPlace(context);
  await run('organization', 'set', 'default', '--time-zone', 'Europe/Berlin');
  await run('contact', 'export', '--parquet', out, '--identity', 'email');
  assert.equal(statSync(out).mode & 0o777, 0o600);
  const described = await query(out, 'DESCRIBE FROM read_parquet(FILE)');
  const moment = 'TIMESTAMP WITH TIME ZONE';
  const wanted = {
    'identity:id': 'VARCHAR',
    'identity:email': 'VARCHAR[]',
    email: 'VARCHAR',
    born: 'DATE',
    seen: moment,
    spend: 'DOUBLE',
    share: 'DOUBLE',
    visits: 'BIGINT',
    vip: 'BOOLEAN',
    code: 'DECIMAL(38,0)',
    long: 'VARCHAR',
    tags: 'VARCHAR[]',
    note: 'VARCHAR',
    contact_id: 'VARCHAR',
  };
  assert.deepEqual(Object.fromEntries(described.map(([name, type]) => [name, type])), wanted);
  const names = Object.keys(wanted)
    .slice(1)
    .map((name) => `"${name}"`);
  const rows = await query(out, `SELECT ${names.join(', ')} FROM read_parquet(FILE) ORDER BY vip`);
  const [bob, ann] = rows;
  assert.deepEqual(ann, [
    ...[['ann@x.com'], 'ann@x.com', '1966-08-04', '2026-03-29 10:20:30+00', 12.3, 0.1],
    ...['9007199254740991', true],
    ...['123456789012345678901', digits, ['a', 'b "c"'], 'line\nü\u0001\u2028 "', 'own'],
  ]);
  // 29 March 2026 begins at 23:00 UTC in Berlin. Implied values are in the file.
  const begun = '2026-03-28 23:00:00+00';
  assert.deepEqual(bob, [
    ...[['bob@x.com'], 'bob@x.com', null, begun, 0, 0, '-3', false, null, '0', null, null, null],
  ]);
});

test('memberships are lists in a Parquet file, of a segment too', async (context) => {
  const { run, out } = await inPlace(context);
  await run('segment', 'create', 'Often', '--rule', 'visits > 0');
  await run('flow', 'create', 'Spring', '--segment', 'Often', '--status', 'live', '--id', '7');
  const lists = ['segment_membership', 'flow_membership', 'recent_events'];
  for (const name of lists) await run('field', 'set', name, '--content', 'on');
  const fields = ['--fields', [...lists, 'journey_membership', 'campaigns_received'].join(',')];
  await run('contact', 'export', '--parquet', out, '--segment', 'Often', ...fields);
  const rows = await query(out, `SELECT ${lists.join(', ')} FROM read_parquet(FILE)`);
  const spring = { flow_id: '7', flow_name: 'Spring', variant: null, since: null };
  assert.deepEqual(rows, [[['1'], [spring], []]]);
});

test('a file that exists is replaced only with a yes, and a pipe is refused', async (context) => {
  const { data, folder, out } = await inPlace(context);
  const linked = join(folder, 'link');
  mkdirSync(join(folder, 'real'));
  symlinkSync(join(folder, 'real'), linked);
  writeFileSync(out, 'mine');
  const ask = (file: string, ...more: string[]) =>
    runCommand(data, ['contact', 'export', '--parquet', file, ...more]);
  const refused = await ask(out);
  assert.equal(refused.code, 2);
  assert.match(refused.stderr, /already exists. Overwrite it\? .*add --yes/);
  assert.equal(readFileSync(out, 'utf8'), 'mine');
  assert.equal((await ask(out, '--yes')).code, 0);
  assert.equal(readFileSync(out).subarray(0, 4).toString(), 'PAR1');
  assert.match((await ask('/dev/null', '--yes')).stderr, /is a pipe or a device. Name a file/);
  assert.match((await ask(out, '--ndjson')).stderr, /cannot be used with option/);
  assert.equal((await ask(join(linked, 'x.parquet'))).code, 0);
  assert.deepEqual(readdirSync(join(folder, 'real')), ['x.parquet']);
  assert.deepEqual(readdirSync(join(data, dataFiles.work)), []);
  const left = readdirSync(folder).filter((name) => name.endsWith('.part'));
  assert.deepEqual(left, []);
});
