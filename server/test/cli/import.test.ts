/** `usher import` as an operator uses it: what it prints, and what it leaves behind. */
import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { runCommand } from '../launch/run-command.ts';
import { makeDataFolder } from '../launch/run-usher.ts';

function place(context: TestContext) {
  const data = makeDataFolder(context);
  const write = (name: string, content: string) => {
    const path = join(data, '..', name);
    writeFileSync(path, content);
    return path;
  };
  return { data, write, import: (...args: string[]) => runCommand(data, ['import', ...args]) };
}

const people =
  'Mail,Born,Income\nann@x.org,04/08/1966,"$90,000 "\nbob@x.org,5/14/1965,"$6,000.50"\nnobody,5/14/1965,$1\n';

test('an import shows the inferred columns, then the outcome of the rows', async (context) => {
  const here = place(context);
  const path = here.write(
    'people.csv',
    `${people}${'x'}@x.org,1/1/2000,$2\n`.replace('nobody', ''),
  );
  const { code, stdout, stderr } = await here.import(path);
  assert.equal(code, 4, stderr);
  assert.match(
    stderr,
    /New dataset people\. It identifies contacts by email from the column Mail\./,
  );
  assert.match(stderr, /Born +born +date +new, month-first/);
  assert.match(stderr, /To change this: --type/);
  assert.match(stdout, /4 rows read: 3 added, 0 changed, 0 unchanged, 0 cleared, 1 rejected/);
  assert.match(stdout, /row 3, Mail: is empty \(identity_missing\)/);
  assert.match(stdout, /rejections\.csv/);
});

test('a first import says which column is the row key, and how many values are shared', async (context) => {
  const here = place(context);
  const path = here.write('people.csv', 'Mail,CustomerNo\na@x.org,1\nb@x.org,2\nb@x.org,3\n');
  const { code, stderr } = await here.import(path);
  assert.equal(code, 0, stderr);
  assert.match(stderr, /^note: 1 value of email in 2 or more rows .* \(docs\/identities\.md\)$/m);
  assert.match(stderr, /The column CustomerNo says which row is which/);
  assert.match(stderr, /To identify contacts without it: --identifier email=Mail/);
});

test('--json prints one document on stdout', async (context) => {
  const here = place(context);
  const path = here.write('people.csv', people.replace('nobody', 'nob@x.org'));
  const { code, stdout } = await here.import(path, '--json', '--quiet');
  const told = JSON.parse(stdout) as Record<string, unknown>;
  assert.equal(code, 0);
  assert.deepEqual(
    [told['dataset'], told['rows_read'], told['added'], told['rejected']],
    ['people', 3, 3, 0],
  );
  assert.deepEqual(told['identifiers'], [{ identity_type: 'email', column: 'Mail' }]);
});

test('--dry-run reports and writes nothing, with and without a data folder', async (context) => {
  const here = place(context);
  const path = here.write('people.csv', people.replace('nobody', 'nob@x.org'));
  const first = await here.import(path, '--dry-run');
  assert.equal(first.code, 0, first.stderr);
  assert.match(
    first.stdout,
    /would add 3 contacts, update 0, clear 0 and reject 0 rows\.\nNothing was written/,
  );
  assert.equal(existsSync(here.data), false);
  await here.import(path);
  const before = await runCommand(here.data, ['field', 'list', '--json']);
  const second = await here.import(
    here.write('people.csv', `${people.replace('nobody', 'new@x.org').replace('Income', 'Pay')}`),
    '--dry-run',
  );
  assert.match(second.stdout, /would add 1 contact, update 2,/);
  assert.equal((await runCommand(here.data, ['field', 'list', '--json'])).stdout, before.stdout);
  assert.equal((await runCommand(here.data, ['get', 'email:new@x.org'])).code, 3);
});

test('a file without a header is refused before anything is stored', async (context) => {
  const here = place(context);
  const path = here.write('list.csv', '1,ann@x.org,Ann\n2,bob@x.org,Bob\n');
  for (const flags of [[], ['--dry-run']]) {
    const { code, stdout, stderr } = await here.import(path, ...flags);
    assert.equal(code, 1);
    assert.match(stderr, /list\.csv: in its first row, column 2 has an e-mail address/);
    assert.doesNotMatch(stdout + stderr, /ann|bob/i);
  }
  const datasets = await runCommand(here.data, ['dataset', 'list', '--json']);
  assert.doesNotMatch(datasets.stdout, /list|ann/);
});

test('wrong usage exits with 2, an unreadable file with 1', async (context) => {
  const here = place(context);
  assert.equal((await here.import()).code, 2);
  assert.equal((await here.import('x.csv', '--mode', 'other')).code, 2);
  assert.equal((await here.import(here.write('a.csv', people), '--type', 'born')).code, 2);
  const missing = await here.import('/nowhere/x.csv');
  assert.equal(missing.code, 1);
  assert.match(missing.stderr, /The file x\.csv in the folder \/\S+ does not exist/);
  await here.import(here.write('b.csv', 'mail\na@x.org\n'));
  assert.equal((await runCommand(here.data, ['get', 'email:a@x.org', '--fields', ''])).code, 2);
});

test('get shows the id of a contact, which is an identity like any other', async (context) => {
  const here = place(context);
  await here.import(here.write('b.csv', 'mail\na@x.org\n'));
  const found = await runCommand(here.data, ['get', 'email:a@x.org']);
  const id = /id:[0-9a-f-]{36}/.exec(found.stderr)?.[0] ?? '';
  const again = await runCommand(here.data, ['get', id]);
  assert.deepEqual([again.code, again.stdout], [0, found.stdout]);
});

test('the hint for another identity is a command that works', async (context) => {
  const here = place(context);
  const path = here.write('two.csv', 'work mail,home mail\na@x.org,b@x.org\nc@x.org,d@x.org\n');
  const { code, stderr } = await here.import(path);
  assert.equal(code, 1);
  const hint = /import .*--identifier '(email=work mail)'/.exec(stderr)?.[1];
  assert.equal(hint, 'email=work mail');
  assert.equal((await here.import(path, '--identifier', hint ?? '')).code, 0);
});

test('a type is declared by column or by field, with any prefix, and a wrong one is never ignored', async (context) => {
  const here = place(context);
  const path = here.write('people.csv', people);
  const flags = ['--identifier', 'email=Mail', '--prefix', 'crm_', '--dry-run'];
  for (const name of ['income', 'Income', 'crm_income']) {
    const { stderr } = await here.import(path, ...flags, '--type', `${name}=text`);
    assert.match(stderr, /Income +crm_income +text/);
  }
  const unknown = await here.import(path, ...flags, '--type', 'income=money');
  assert.equal(unknown.code, 2);
  assert.match(unknown.stderr, /there is no type money/);
  await here.import(path, '--identifier', 'email=Mail', '--prefix', 'crm_');
  const known = await here.import(path, '--type', 'income=money');
  assert.equal(known.code, 2);
  assert.equal((await here.import(path, '--type', 'shoes=text')).code, 2);
});

test('the dry run of a snapshot says how many contacts it would clear', async (context) => {
  const here = place(context);
  await here.import(here.write('people.csv', people.replace('nobody', 'nob@x.org')));
  await here.import(here.write('others.csv', 'Mail,Shoe\nzoe@x.org,7\n'), '--prefix', 'other_');
  const fewer = here.write('people.csv', 'Mail,Born,Income\nann@x.org,04/08/1966,$1\n');
  const flags = ['--mode', 'snapshot'];
  assert.match(
    (await here.import(fewer, ...flags, '--dry-run')).stdout,
    /, clear 2 and reject 0 rows/,
  );
  assert.match((await here.import(fewer, ...flags)).stdout, /2 cleared/);
  assert.match((await here.import(fewer, '--dry-run')).stdout, /, clear 0 and reject 0 rows/);
});

test('a column that is nearly all e-mail is suggested, not taken', async (context) => {
  const here = place(context);
  const path = here.write('a.csv', 'Id,E-Mail\n1,a@x.org\n2,b@x.org\n3,oops\n4,c@x.org\n5,?\n');
  const { code, stderr } = await here.import(path);
  assert.equal(code, 1);
  assert.match(stderr, /No column has e-mail addresses in nine of ten of its values/);
  assert.match(stderr, /--identifier email=E-Mail\n/);
  assert.doesNotMatch(stderr, /user_id=/);
});

test('an import that rejects many rows writes nothing and names the command that continues', async (context) => {
  const here = place(context);
  const rows = Array.from(
    { length: 59 },
    (_, at) => `p${at}@x.org,${at < 20 ? 'no day' : '2001-05-14'}`,
  );
  const path = here.write('people.csv', `email,born\n${rows.join('\n')}\n`);
  const asked = [path, '--type', 'born=date'];
  const tried = await here.import(...asked, '--dry-run');
  assert.equal(tried.code, 0);
  assert.match(tried.stdout, /It would stop and ask: 20 of 59 rows \(33\.9 %\) would be rejected/);
  const stopped = await here.import(...asked);
  assert.equal(stopped.code, 1);
  assert.match(stopped.stderr, /20 of 59 rows \(33\.9 %\) would be rejected \(value_invalid 20\)/);
  assert.match(stopped.stderr, /row 1, born: /);
  assert.match(
    stopped.stderr,
    /Nothing was applied\. .*: usher import \S+people\.csv --type born=date --yes$/m,
  );
  assert.deepEqual(
    JSON.parse((await runCommand(here.data, ['dataset', 'list', '--json'])).stdout),
    [],
  );
  const done = await here.import(...asked, '--yes');
  assert.equal(done.code, 4, done.stderr);
  assert.match(done.stdout, /59 rows read: 39 added, .*20 rejected/);
  const doctor = await runCommand(here.data, ['doctor']);
  assert.match(
    doctor.stdout,
    /the last run of people rejected 20 of 59 rows \(value_invalid 20\)\. To see more: usher sync show [0-9a-f]{8}/,
  );
  const [, run = ''] = /usher sync show ([0-9a-f]{8})/.exec(doctor.stdout) ?? [];
  const shown = await runCommand(here.data, ['sync', 'show', run]);
  assert.match(shown.stdout, /20 rejected rows \(value_invalid 20\): runs\/\S+\/rejections\.csv/);
});

test('an import that would join many contacts asks, and a dry run says so', async (context) => {
  const here = place(context);
  const all = Array.from({ length: 12 }, (_, at) => at + 1);
  const news = here.write('news.csv', `mail\n${all.map((at) => `p${at}@x.org`).join('\n')}\n`);
  const till = here.write('till.csv', `no,card\n${all.map((at) => `n${at},c`).join('\n')}\n`);
  const rows = all.map((at) => `n${at},p${at}@x.org,Name`).join('\n');
  const crm = here.write('crm.csv', `no,mail,name\n${rows}\n`);
  const types = ['identity-type', 'create', 'no', '--normalisation', 'exact'];
  assert.equal((await here.import(news)).code, 0);
  const made = await runCommand(here.data, types);
  assert.equal(made.code, 0, made.stderr);
  assert.equal((await here.import(till, '--identifier', 'no=no')).code, 0);
  const identifiers = ['--identifier', 'no=no', '--identifier', 'email=mail'];
  const both = [crm, ...identifiers, '--prefix', 'crm_'];
  const tried = await here.import(...both, '--dry-run');
  assert.equal(tried.code, 0, tried.stderr);
  assert.match(tried.stdout, /It would bring 24 existing contacts together, by email, no\./);
  assert.match(tried.stdout, /It would stop and ask: 24 contacts would be joined with others/);
  const stopped = await here.import(...both);
  assert.equal(stopped.code, 1);
  assert.match(stopped.stderr, /12 groups of 2 contacts each by email, no \(1 row each\)/);
  assert.match(stopped.stderr, /Nothing was applied\. To import the rows anyway: .* --yes/);
  const done = await here.import(...both, '--yes');
  assert.equal(done.code, 0, done.stderr);
  assert.match(done.stderr, /note: 24 contacts would be joined with others/);
  assert.match(done.stdout, /12 contacts became part of another one/);
});
