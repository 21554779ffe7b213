/** `usher segment` and `usher computed-field`, on a real data folder. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { mustRunCommand, runCommand } from '../launch/run-command.ts';
import { makeDataFolder } from '../launch/run-usher.ts';

const file = `version: 1
datasets:
  crm:
    identifiers: { email: Mail }
    fields:
      city: { type: string }
      shop_city: { type: string }
      total_spend: { type: currency }
`;

async function inPlace(context: TestContext) {
  const data = makeDataFolder(context);
  const path = join(data, '..', 'usher.yaml');
  const run = (...args: string[]) => mustRunCommand(data, args);
  const fail = (...args: string[]) => runCommand(data, args);
  writeFileSync(path, file);
  await run('apply', '-f', path);
  return { run, fail, path };
}

const buyers = ['segment', 'create', 'Big spenders', '--rule', 'total_spend > 1000'];

test('segments are created, edited, listed, shown and removed by name or id', async (context) => {
  const { run, fail } = await inPlace(context);
  await run(...buyers, '--description', 'by total');
  await run('segment', 'create', 'VIPs', '--rule', 'in_segment("Big spenders")', '--id', '40');
  const listed = await run('segment', 'list');
  assert.match(listed, /^ID +NAME +RULE +DESCRIPTION/);
  assert.match(listed, /1 +Big spenders +total_spend > 1000\.0 +by total/);
  await run('segment', 'edit', '40', '--name', 'Best', '--description', 'the best');
  assert.equal(
    await run('segment', 'show', 'Best'),
    'segments:\n  Best: { id: 40, rule: in_segment("Big spenders"), description: the best }',
  );
  const used = await fail('segment', 'remove', 'Big spenders');
  assert.equal(used.code, 1);
  assert.match(used.stderr, /Big spenders would be gone, but rules use it: segment Best/);
  const history = await run('segment', 'history', '40');
  assert.match(history, /^2 {2}\S+ {2}operator:\S+\n {2}- name: "VIPs"\n {2}\+ name: "Best"/);
  await run('segment', 'remove', '40');
  assert.match(await run('segment', 'history', '40'), /^3 {2}.* removed/);
  assert.equal((await fail('segment', 'show', 'Best')).code, 3);
  assert.equal((await fail('segment', 'edit', '1')).code, 2);
});

test('get shows what rules compute', async (context) => {
  const { run, path } = await inPlace(context);
  const source = join(path, '..', 'crm.csv');
  writeFileSync(source, 'Mail,city,shop_city,total_spend\ntom@hello.com,,Bern,2000\n');
  const from = '    source: { kind: file, paths: [crm.csv] }';
  writeFileSync(path, file.replace('  crm:', `  crm:\n${from}`));
  await run('apply', '-f', path);
  await run('sync', 'run', 'crm');
  await run(...buyers);
  await run('computed-field', 'create', 'town', '--rule', 'coalesce(city, shop_city)');
  await run('field', 'set', 'segment_membership', '--content', 'on');
  const fields = 'town,segment_membership,shop_city';
  const shown = await run('get', 'email:tom@hello.com', '--fields', fields, '--json');
  const contact = { town: 'Bern', segment_membership: [1], shop_city: 'Bern' };
  assert.deepEqual(JSON.parse(shown), { status: 'success', contact });
});

test('a wrong rule ends with code 2, and says where and what to write', async (context) => {
  const { fail, run } = await inPlace(context);
  const wrong = await fail('segment', 'create', 'x', '--rule', 'citi == "Berlin"');
  assert.equal(wrong.code, 2);
  assert.match(
    wrong.stderr,
    /rule: Line 1, column 1: There is no field "citi"\. Did you mean city\?/,
  );
  const name = await fail('segment', 'create', '<b>x</b>', '--rule', 'true');
  assert.match(name.stderr, /A name has 1 to 100 characters/);
  assert.equal(await run('segment', 'list', '--json'), '[]');
});

test('computed fields are created, edited, listed, shown and removed', async (context) => {
  const { run, fail } = await inPlace(context);
  await run('computed-field', 'create', 'town', '--rule', 'coalesce(city, shop_city)');
  await run('computed-field', 'edit', 'town', '--content', 'off', '--display-name', 'Town');
  const listed = await run('computed-field', 'list');
  assert.match(listed, /town +string +off +on +coalesce\(city, shop_city\)/);
  assert.match(await run('computed-field', 'show', 'town'), /rule: coalesce\(city, shop_city\)/);
  assert.match(await run('field', 'list'), /town +string +computed +off +on/);
  assert.match(await run('computed-field', 'history', 'town'), /^2 {2}[\s\S]*\+ content: false/);
  await run('segment', 'create', 'Berliners', '--rule', 'town == "Berlin"');
  const used = await fail('computed-field', 'remove', 'town', '--yes');
  assert.match(used.stderr, /town would be gone, but rules use it: segment Berliners/);
  const off = await fail('field', 'set', 'city', '--type', 'text', '--yes');
  assert.match(off.stderr, /city would get another type.*computed field town/);
  await run('segment', 'remove', 'Berliners');
  await run('computed-field', 'remove', 'town');
  assert.equal((await fail('computed-field', 'show', 'town')).code, 3);
});

test('a catalog file with rules is applied, exported and applied again', async (context) => {
  const { run, fail, path } = await inPlace(context);
  const rules = `${file}computed_fields:
  town: { rule: "coalesce(city, shop_city)" }
segments:
  Berliners:
    description: live in Berlin
    rule: |
      town == "Berlin" &&
      total_spend > 10
`;
  writeFileSync(path, rules);
  const applied = await run('apply', '-f', path);
  assert.match(applied, /\+ segments:\n\+ {3}Berliners:/);
  assert.equal(await run('apply', '-f', path), 'nothing to change');
  const exported = await run('export');
  writeFileSync(path, exported);
  assert.equal(await run('apply', '-f', path, '--prune'), 'nothing to change');
  assert.match(exported, /Berliners:\n {4}id: 1\n/);
  writeFileSync(path, rules.replace('total_spend > 10', 'total_spent > 10'));
  const wrong = await fail('apply', '-f', path);
  assert.equal(wrong.code, 1);
  assert.match(
    wrong.stderr,
    /usher\.yaml:14:5: .*Line 2, column 1: There is no field "total_spent"/,
  );
});

test('flows and exclusion groups are created, edited, listed, shown and removed', async (context) => {
  const { run, fail, path } = await inPlace(context);
  await run(...buyers);
  const variants = ['--variant', 'A=50', '--variant', 'B=50'];
  await run(
    'flow',
    'create',
    'Spring',
    '--segment',
    'Big spenders',
    ...variants,
    '--holdout',
    '10',
  );
  assert.match(
    await run('flow', 'list'),
    /100001 +Spring +draft +stream +Big spenders +A 50 %, B 50 % +10 % +-/,
  );
  await run('flow', 'edit', 'Spring', '--status', 'live', '--name', 'Spring mail');
  const renamed = await fail('flow', 'edit', '100001', '--variant', 'A=50', '--variant', 'C=50');
  assert.equal(renamed.code, 2);
  assert.match(renamed.stderr, /"B"\. A variant of a live flow cannot be renamed or removed/);
  const shown = await run('flow', 'show', '100001');
  assert.match(shown, /^flows:\n {2}Spring mail:\n {4}id: 100001\n/);
  assert.match(shown, /slots: 0-4999/);
  const tiers = ['--branch', 'gold=total_spend > 100', '--otherwise', 'basic'];
  await run('flow', 'create', 'Tiers', '--segment', 'Big spenders', ...tiers);
  await run('exclusion-group', 'set', 'Mails', '--flow', 'Spring mail=40', '--flow', '100002=60');
  assert.match(
    await run('exclusion-group', 'list'),
    /Mails +contact +Spring mail 40 %, Tiers 60 %/,
  );
  assert.match(await run('exclusion-group', 'show', 'Mails'), /slots: 4000-9999/);
  assert.match(await run('flow', 'holdout', '--percent', '5'), /percent: 5, unit: contact/);
  const exported = await run('export');
  writeFileSync(path, exported);
  assert.equal(await run('apply', '-f', path, '--prune'), 'nothing to change');
  const used = await fail('flow', 'remove', 'Spring mail');
  assert.match(used.stderr, /exclusion groups have a share for it: exclusion group Mails/);
  await run('exclusion-group', 'remove', 'Mails');
  await run('flow', 'edit', 'Tiers', '--no-experiment', '--segment', '', '--kind', 'reported');
  await run('flow', 'remove', 'Tiers');
  assert.match(await run('flow', 'history', '100002'), /^3 {2}.* removed/);
  assert.equal((await fail('flow', 'show', 'Tiers')).code, 3);
  assert.equal((await fail('flow', 'create', 'x', '--variant', 'A')).code, 2);
});

test('a computed field is filled by no import, and its values are not corrected', async (context) => {
  const { run, fail, path } = await inPlace(context);
  await run('computed-field', 'create', 'town', '--rule', 'coalesce(city, shop_city)');
  const rows = join(path, '..', 'rows.csv');
  writeFileSync(rows, 'Mail,town\ntom@hello.com,Berlin\n');
  const taken = await fail('import', rows, '--dataset', 'other', '--identifier', 'email=Mail');
  assert.equal(taken.code, 1);
  assert.match(taken.stderr, /A rule computes town[\s\S]*--prefix other_/);
  writeFileSync(rows, 'Mail,city\ntom@hello.com,Berlin\n');
  await run('import', rows, '--dataset', 'crm', '--identifier', 'email=Mail');
  const amended = await fail('privacy', 'amend', 'email:tom@hello.com', 'town=Bonn', '--yes');
  assert.equal(amended.code, 2);
  assert.match(
    amended.stderr,
    /town is computed from other fields\. Amend those that its rule uses/,
  );
});
