/** The settings of identity types and the order of trust, at the command line and in its files. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { dataFiles } from '../../src/domain/data-files.ts';
import { runCommand } from '../launch/run-command.ts';
import { makeDataFolder } from '../launch/run-usher.ts';

function inFolder(context: TestContext) {
  const data = makeDataFolder(context);
  const file = join(dirname(data), 'usher.yaml');
  return {
    data,
    run: (...call: readonly string[]) => runCommand(data, call),
    apply: (text: string, ...flags: readonly string[]) => {
      writeFileSync(file, text);
      return runCommand(data, ['apply', '-f', file, '--yes', ...flags]);
    },
  };
}

test('flags change how an identity type joins contacts, and keep what they do not name', async (context) => {
  const { run } = inFolder(context);
  await run('identity-type', 'create', 'customer_no');
  const set = await run(
    ...['identity-type', 'set', 'customer_no', '--stable', 'yes', '--max-per-contact', '1'],
  );
  const first = 'customer_no: joins yes, stable yes, max per contact 1, shared limit 3.';
  assert.equal(set.stderr.trim(), first);
  await run('identity-type', 'set', 'customer_no', '--joins', 'no', '--shared-limit', '50');
  const listed = JSON.parse((await run('identity-type', 'list', '--json')).stdout) as {
    name: string;
  }[];
  const { blocked: _, ...shown } = listed.find(({ name }) => name === 'customer_no') as {
    name: string;
    blocked: string[];
  };
  assert.deepEqual(shown, {
    ...{ name: 'customer_no', normalisation: 'exact', built_in: false },
    ...{ joins: false, stable: true, max_per_contact: 1, shared_limit: 50 },
  });
  const table = (await run('identity-type', 'list')).stdout;
  assert.match(table, /^customer_no +exact +no +no +yes +1 +50 +null,/m);
  assert.match(table, /^id +contact-id +yes +- +- +- +- +-$/m);
});

test('wrong flags of an identity type are refused in words', async (context) => {
  const { run } = inFolder(context);
  for (const [name, flags, words] of [
    ['email', ['--joins', 'on'], /Give yes or no/],
    ['email', ['--max-per-contact', '101'], /max_per_contact: Give a whole number from 1 to 100/],
    ['email', ['--shared-limit', '0'], /shared_limit: Give a whole number from 1 to 50/],
    ['email-hash', ['--stable', 'yes'], /email-hash has the settings of email/],
    ['simonid', ['--joins', 'no'], /simonid has no settings/],
  ] as const) {
    const refused = await run('identity-type', 'set', name, ...flags);
    assert.notEqual(refused.code, 0, flags.join(' '));
    assert.match(refused.stderr, words);
  }
});

test('a second stable identity type is refused by name, also in a file', async (context) => {
  const { run, apply } = inFolder(context);
  const types = 'version: 1\nidentity_types:\n';
  const made = await apply(`${types}  one: exact\n  two: { stable: true }\n`);
  assert.equal(made.code, 0, made.stderr);
  const second = await run('identity-type', 'set', 'one', '--stable', 'yes');
  assert.match(
    second.stderr,
    /^usher: stable: The identity type two is stable already, and only one/,
  );
  assert.match(second.stderr, /usher identity-type set two --stable no/);
  const alone = await apply(`${types}  one: { stable: true }\n`);
  assert.match(alone.stderr, /:3:\d+: \/identity_types\/one\/stable: The identity type two is/);
  const both = await apply(`${types}  two: { stable: true }\n  email: { stable: true }\n`);
  assert.match(both.stderr, /:4:\d+: \/identity_types\/email\/stable: The identity type two is/);
  const moved = await apply(`${types}  one: { stable: true }\n  two: { stable: false }\n`);
  assert.equal(moved.code, 0, moved.stderr);
  const pruned = await apply(`${types}  two: { stable: true }\n`, '--prune');
  assert.equal(pruned.code, 0, 'a stable type that the file removes is not in the way');
  assert.match(
    (await run('export')).stdout,
    /identity_types:\n {2}two: \{ normalisation: exact, stable: true \}\n$/,
  );
});

test('a file with wrong settings of identity types names line and member', async (context) => {
  const { apply } = inFolder(context);
  const refused = await apply(
    'version: 1\nidentity_types:\n  one: { joins: yes please }\n  two: { max_per_contact: 0 }\n' +
      '  email: { shared_limit: 2.5 }\n  email-hash: { stable: true }\n  three: { stabel: true }\n',
  );
  assert.match(refused.stderr, /:3:\d+: \S+joins: Give true or false/);
  assert.match(refused.stderr, /:4:\d+: \S+max_per_contact: Give a number from 1 to 100/);
  assert.match(refused.stderr, /:5:\d+: \S+shared_limit: Give a whole number from 1 to 50/);
  assert.match(refused.stderr, /:6:\d+: \S+email-hash: .*settings of email/);
  assert.match(refused.stderr, /:7:\d+: \S+ This member is unknown\. Did you mean stable\?/);
});

const two = ['crm', 'shop']
  .map((name) => `  ${name}: { identifiers: { email: Mail }, fields: { ${name}_x: string } }\n`)
  .join('')
  .replaceAll('string', '{ type: string }');

test('a file defines datasets and trusts them, and an export says the same', async (context) => {
  const { run, apply } = inFolder(context);
  const datasets = `datasets:\n${two}`;
  const made = await apply(`version: 1\norganization: { trust: [shop, crm] }\n${datasets}`);
  assert.equal(made.code, 0, made.stderr);
  const exported = (await run('export')).stdout;
  assert.match(exported, /\n {2}trust: \[ shop, crm \]\n/);
  assert.equal((await apply(exported)).stdout, 'nothing to change\n');
  const unnamed = await apply(`version: 1\norganization: {}\n${datasets}`);
  assert.equal(unnamed.stdout, 'nothing to change\n', 'an order that is not given stays');
  const wrong = await apply('version: 1\norganization: { trust: [shop, krm, shop] }\n');
  assert.match(wrong.stderr, /trust\/1: There is no dataset krm\. Did you mean crm\?/);
  assert.match(wrong.stderr, /trust\/2: shop is named twice/);
  const emptied = await apply('version: 1\norganization: { trust: [] }\n');
  assert.equal(emptied.code, 0, emptied.stderr);
  assert.doesNotMatch((await run('export')).stdout, /trust/);
});

test('the order of trust is set by flags, and a removed dataset leaves it', async (context) => {
  const { run, apply } = inFolder(context);
  await apply(`version: 1\ndatasets:\n${two}`);
  const set = ['organization', 'set', 'default'];
  const done = await run(...set, '--trust', 'shop', '--trust', 'crm');
  assert.equal(done.code, 0, done.stderr);
  assert.match((await run('organization', 'list')).stdout, /shop, crm$/m);
  const wrong = await run(...set, '--trust', 'zzzzzzz');
  assert.match(wrong.stderr, /no dataset zzzzzzz\. List the datasets: usher dataset list/);
  const removed = await run('dataset', 'remove', 'shop', '--yes');
  assert.equal(removed.code, 0, removed.stderr);
  assert.match((await run('organization', 'list')).stdout, / crm$/m);
  await apply(`version: 1\ndatasets:\n${two}`);
  const again = (await run('organization', 'list')).stdout;
  assert.match(again, / crm$/m, 'a new dataset of that name is another dataset');
  await run(...set, '--trust', '');
  assert.match((await run('organization', 'list')).stdout, / -$/m);
});

test('the audit log says how many values are blocked, and no byte of the catalog which', async (context) => {
  const { data, run, apply } = inFolder(context);
  const must = async (...call: readonly string[]) => {
    const { code, stderr } = await run(...call);
    assert.equal(code, 0, stderr);
  };
  const set = ['identity-type', 'set', 'email'];
  await must(...set, '--block', 'jane@x.org', '--block', 'tom@x.org');
  await must(...set, '--unblock', 'jane@x.org', '--unblock', 'tom@x.org');
  const blocking = '{ own: { normalisation: exact, blocked: [jane-9] } }';
  assert.equal((await apply(`version: 1\nidentity_types: ${blocking}\n`)).code, 0);
  assert.equal((await apply('version: 1\nidentity_types: {}\n', '--prune')).code, 0);
  const people = join(dirname(data), 'people.csv');
  writeFileSync(people, 'email,name\nann@x.org,Ann\n');
  await must('import', people, '--yes');
  await must('compact');
  const stored = readFileSync(join(data, dataFiles.catalog), 'latin1');
  assert.doesNotMatch(stored, /jane|tom@x\.org/);
  const counts = [...stored.matchAll(/"blocked":(\d+)/g)].map(([, count]) => Number(count));
  assert.deepEqual([...new Set(counts)].sort(), [1, 10, 12]);
});
