/** Datasets of the kind identity, at the command line: defined, exported, refused and removed. */
import assert from 'node:assert/strict';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { runCommand } from '../launch/run-command.ts';
import { makeDataFolder } from '../launch/run-usher.ts';

function inFolder(context: TestContext) {
  const data = makeDataFolder(context);
  const folder = mkdtempSync(`${data}-files-`);
  const write = (name: string, text: string) => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  return { write, run: (...call: readonly string[]) => runCommand(data, call) };
}

/** A catalog file with the dataset `pairs`, which reads `pairs.csv` beside it. */
const pairs = [
  'version: 1',
  'identity_types:',
  '  user_id: exact',
  'datasets:',
  '  pairs:',
  '    kind: identity',
  '    source: { kind: file, paths: [pairs.csv] }',
  '    identifiers: { user_id: User, email: [Mail, Old mail] }',
  '    mode: snapshot',
  '',
].join('\n');

test('a file defines an identity dataset, and its export is the same', async (context) => {
  const { run, write } = inFolder(context);
  write('pairs.csv', 'User,Mail,Old mail\n7,a@x.org,b@x.org\n8,,\n9,no address,\n');
  const file = write('usher.yaml', pairs);
  const applied = await run('apply', '-f', file);
  assert.equal(applied.code, 0, applied.stderr);
  const exported = (await run('export')).stdout;
  assert.match(exported, /^ {4}kind: identity$/m);
  const identifiers = '    identifiers: { user_id: User, email: [ Mail, Old mail ] }\n';
  assert.ok(exported.endsWith(`${identifiers}    mode: snapshot\n`), exported);
  const again = await run('apply', '-f', write('again.yaml', exported));
  assert.equal(again.stdout, 'nothing to change\n');
  assert.match((await run('dataset', 'list')).stdout, /^pairs +identity +file/m);
});

test('an identity dataset is validated with rows of its source', async (context) => {
  const { run, write } = inFolder(context);
  write('pairs.csv', 'User,Mail,Old mail\n7,a@x.org,b@x.org\n8,,\n9,no address,\n');
  const file = write('usher.yaml', pairs);
  const checked = await run('dataset', 'validate', 'pairs', '-f', file);
  assert.equal(checked.code, 0, checked.stderr);
  assert.match(checked.stdout, /^row 1\n {2}user_id:7\n {2}email:a@x\.org\n {2}email:b@x\.org\n/m);
  assert.match(checked.stdout, /^row 3 would be rejected: Mail has no @/m);
  const listed = await run('dataset', 'validate', 'pairs', '-f', file, '--json');
  const { rows } = JSON.parse(listed.stdout) as { rows: { identities: unknown }[] };
  assert.deepEqual(
    rows.map(({ identities }) => identities),
    [{ user_id: '7', email: ['a@x.org', 'b@x.org'] }, { user_id: '8' }],
  );
  const alone = write('usher.yaml', pairs.replace(', email: [Mail, Old mail]', ''));
  const refused = await run('dataset', 'validate', 'pairs', '-f', alone);
  assert.match(refused.stderr, /:8:\d+: \/datasets\/pairs\/identifiers: Name two or more/);
});

test('an import into a dataset that fills no contacts is refused, and changes nothing', async (context) => {
  const { run, write } = inFolder(context);
  const file = write(
    'usher.yaml',
    `${pairs}  vips: { kind: list, identifiers: { email: Mail } }\n`,
  );
  await run('apply', '-f', file);
  const before = (await run('export')).stdout;
  const rows = write('rows.csv', 'User,Mail,Old mail\n7,a@x.org,b@x.org\n');
  for (const [name, kind] of [
    ['pairs', 'identity'],
    ['vips', 'list'],
  ]) {
    const refused = await run('import', rows, '--dataset', `${name}`, '--identifier', 'email=Mail');
    assert.equal(refused.code, 1, refused.stderr);
    assert.match(refused.stderr, new RegExp(`The dataset ${name} is of the kind ${kind}, and`));
  }
  assert.equal((await run('export')).stdout, before);
});

test('a sync of an identity dataset joins contacts, and a removed dataset joins them no more', async (context) => {
  const { run, write } = inFolder(context);
  await run('import', write('people.csv', 'Mail,Name\na@x.org,Ann\n'));
  write('pairs.csv', 'User,Mail,Old mail\n7,a@x.org,b@x.org\n');
  await run('apply', '-f', write('usher.yaml', pairs));
  const synced = await run('sync', 'run', 'pairs');
  assert.equal(synced.code, 0, synced.stderr);
  for (const identity of ['user_id:7', 'email:b@x.org']) {
    assert.match((await run('get', identity)).stdout, /Ann/, identity);
  }
  const removed = await run('dataset', 'remove', 'pairs', '--yes');
  assert.equal(removed.code, 0, removed.stderr);
  assert.match((await run('get', 'email:a@x.org')).stdout, /Ann/);
  assert.notEqual((await run('get', 'user_id:7')).code, 0);
});

test('an identity dataset is removed', async (context) => {
  const { run, write } = inFolder(context);
  await run('apply', '-f', write('usher.yaml', pairs));
  const removed = await run('dataset', 'remove', 'pairs', '--yes');
  assert.equal(removed.code, 0, removed.stderr);
  assert.doesNotMatch((await run('export')).stdout, /pairs/);
});
