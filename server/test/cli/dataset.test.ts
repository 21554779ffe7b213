/**
 * `usher dataset`, from trying a definition to removing a dataset, on real files and a real store.
 */
import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { mustRunCommand, runCommand } from '../launch/run-command.ts';
import { makeDataFolder } from '../launch/run-usher.ts';

const rows = [
  'Mail,Key,Name,Income,Born',
  'tom@hello.com,1,Tom,"$90,000 ",4/8/1966',
  'ann@hello.com,2,Ann,"$10,000 ",5/14/1965',
  'nobody,3,Bob,abc,5/14/1965',
];

const definition = `version: 1
identity_types: { customer_key: exact }
datasets:
  customers:
    source: { kind: file, paths: [people.csv] }
    identifiers: { email: Mail, customer_key: Key }
    mode: snapshot
    fields:
      first_name: { column: Name, type: string }
      income: { column: Income, type: currency }
      born: { column: Born, type: date, format: { date_order: month-first } }
`;

function inPlace(context: TestContext) {
  const data = makeDataFolder(context);
  const folder = join(data, '..');
  writeFileSync(join(folder, 'people.csv'), `${rows.join('\n')}\n`);
  const file = join(folder, 'usher.yaml');
  writeFileSync(file, definition);
  const run = (...args: string[]) => mustRunCommand(data, args);
  return { data, run, file, folder };
}

test('a definition is tried on rows of its source before it is stored', async (context) => {
  const place = inPlace(context);
  const { run, file } = place;
  await run('identity-type', 'create', 'user_id');
  const tried = await run('dataset', 'validate', 'customers', '-f', file, '--json');
  const shown = JSON.parse(tried) as Record<string, unknown>;
  assert.deepEqual(shown['rows'], [
    {
      row: 1,
      identities: { email: 'tom@hello.com', customer_key: '1' },
      values: { first_name: 'Tom', income: 90_000, born: '1966-04-08' },
    },
    {
      row: 2,
      identities: { email: 'ann@hello.com', customer_key: '2' },
      values: { first_name: 'Ann', income: 10_000, born: '1965-05-14' },
    },
  ]);
  assert.deepEqual(
    (shown['rejections'] as { row: number; column: string; code: string }[]).map(
      ({ row, column, code }) => [row, column, code],
    ),
    [
      [3, 'Mail', 'identity_invalid'],
      [3, 'Income', 'value_invalid'],
    ],
  );
  assert.equal(await run('dataset', 'list', '--json'), '[]', 'nothing was committed');
  writeFileSync(file, definition.replace('column: Born', 'column: Birth'));
  const wrong = await runCommand(place.data, ['dataset', 'validate', 'customers', '-f', file]);
  assert.equal(wrong.code, 1);
  assert.match(wrong.stderr, /has no column Birth/);
});

test('a definition can be tried without a data folder, and creates none', async (context) => {
  const place = inPlace(context);
  const { run, file, data } = place;
  const tried = await run('dataset', 'validate', 'customers', '-f', file);
  assert.match(tried, /is valid\.[\s\S]*first_name: "Tom"/);
  assert.match(await run('apply', '-f', file, '--dry-run'), /\+ {3}customers:/);
  assert.ok(!existsSync(data));
  const committed = await runCommand(data, ['dataset', 'validate', 'customers']);
  assert.equal(committed.code, 3);
  assert.match(committed.stderr, /There is no catalog in .* `usher apply -f FILE`/);
});

test('a removed dataset leaves nothing in contacts and frees its names', async (context) => {
  const place = inPlace(context);
  const { run, file, data } = place;
  await run('apply', '-f', file);
  const synced = await runCommand(data, ['sync', 'run', 'customers']);
  assert.equal(synced.code, 4, synced.stderr);
  writeFileSync(join(place.folder, 'more.csv'), 'Mail,City\ntom@hello.com,New York\n');
  await run('import', join(place.folder, 'more.csv'), '--dataset', 'more');
  const look = ['get', 'email:tom@hello.com', '--json'];
  assert.match(await run(...look), /"first_name": "Tom"/);
  const unasked = await runCommand(data, ['dataset', 'remove', 'customers']);
  assert.equal(unasked.code, 2, 'nobody can answer the question');
  writeFileSync(file, 'version: 1\n');
  const pruned = await runCommand(data, ['apply', '-f', file, '--prune']);
  assert.match(pruned.stderr, /still hold values of the dataset customers\. `usher dataset remove/);
  await run('dataset', 'remove', 'customers', '--yes');
  const left = await run(...look);
  assert.ok(!left.includes('first_name') && left.includes('New York'), left);
  const names = JSON.parse(await run('dataset', 'list', '--json')) as { name: string }[];
  assert.deepEqual(
    names.map(({ name }) => name),
    ['more'],
  );
  writeFileSync(file, definition);
  await run('apply', '-f', file);
  assert.equal((await runCommand(data, ['sync', 'run', 'customers'])).code, 4);
  assert.match(await run(...look), /"first_name": "Tom"/);
});

test('a removed feed takes its own reports with it and keeps those of others', async (context) => {
  const place = inPlace(context);
  const { data, run, file, folder } = place;
  const feed = (name: string) =>
    `  ${name}:\n    kind: membership\n    feed: flow\n    source: { kind: file, paths: [${name}.csv] }\n    identifiers: { email: email }\n    columns: { flow_id: flow_id, timestamp: at }\n`;
  writeFileSync(file, `version: 1\ndatasets:\n${feed('mails')}${feed('calls')}`);
  const head = 'email,flow_id,at\n';
  writeFileSync(
    join(folder, 'calls.csv'),
    `${head}tom@hello.com,3,2026-11-01\ntom@hello.com,7,2026-11-01\n`,
  );
  writeFileSync(
    join(folder, 'mails.csv'),
    `${head}tom@hello.com,7,2026-11-02\ntom@hello.com,8,2026-11-02\n`,
  );
  await run('apply', '-f', file);
  await run('sync', 'run', 'calls');
  await run('sync', 'run', 'mails');
  const look = async () => {
    const answer = await run(
      'get',
      'email:tom@hello.com',
      '--fields',
      'flow_variant_membership',
      '--json',
    );
    return answer.replace(/\s/g, '');
  };
  assert.match(await look(), /\["3","7","8"\]/);
  writeFileSync(file, `version: 1\ndatasets:\n${feed('calls')}`);
  const pruned = await runCommand(data, ['apply', '-f', file, '--prune']);
  assert.match(pruned.stderr, /may still hold reports of mails\. `usher dataset remove mails`/);
  const asked = await runCommand(data, ['dataset', 'remove', 'mails']);
  assert.match(asked.stderr, /Remove the dataset mails, and the memberships that it reported\?/);
  await run('dataset', 'remove', 'mails', '--yes');
  assert.match(await look(), /\["3"\]/);
  await run('sync', 'run', 'calls', '--full');
  assert.match(await look(), /\["3","7"\]/);
});

test('a flag that is set by hand is a new version of its dataset', async (context) => {
  const place = inPlace(context);
  const { run, file } = place;
  await run('apply', '-f', file);
  await run('field', 'set', 'income', '--content', 'off', '--sensitivity', 'sensitive');
  const history = await run('dataset', 'history', 'customers', '--json');
  const [newest] = JSON.parse(history) as { version: number; differences: unknown }[];
  assert.equal(newest?.version, 2);
  assert.deepEqual(newest?.differences, [
    { path: '/fields/income/content', after: false },
    { path: '/fields/income/sensitivity', after: 'sensitive' },
  ]);
});

test('a dataset is not removed while a token may push only to it', async (context) => {
  const place = inPlace(context);
  const { run, file, data } = place;
  writeFileSync(
    file,
    'version: 1\ndatasets:\n  feed:\n    kind: contact\n    source: { kind: push }\n    identifiers: { email: email }\n    fields: { city: { type: string } }\n',
  );
  await run('apply', '-f', file);
  const flags = ['--email', 'dev@example.com', '--scope', 'contacts:write', '--dataset', 'feed'];
  await run('token', 'create', ...flags);
  const refused = await runCommand(data, ['dataset', 'remove', 'feed', '--yes']);
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /may push to feed only/);
  await run('token', 'revoke', 'dev@example.com', '--yes');
  await run('dataset', 'remove', 'feed', '--yes');
});
