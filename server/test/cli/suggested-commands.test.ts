/**
 * Commands that messages suggest can be pasted into a shell unchanged, and do what the message
 * says.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { makeDataFolder, program } from '../launch/run-usher.ts';

/** A folder, and a shell in it that finds `usher`. */
function place(context: TestContext) {
  const folder = dirname(makeDataFolder(context));
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  const script = `#!/bin/sh\nexec '${process.execPath}' '${program}' "$@"\n`;
  writeFileSync(join(bin, 'usher'), script, { mode: 0o755 });
  const others = Object.entries(process.env).filter(([name]) => !name.startsWith('USHER_'));
  const path = `${bin}${delimiter}${process.env['PATH']}`;
  const env = { ...Object.fromEntries(others), PATH: path };
  return {
    write: (name: string, text: string) => writeFileSync(join(folder, name), text),
    shell: (command: string) => {
      const { status, stdout, stderr } = spawnSync('sh', ['-c', command], {
        ...{ cwd: folder, env, encoding: 'utf8' },
      });
      return { code: status, stdout, stderr };
    },
  };
}

/** The commands in a message, each on its own line or after a colon. */
function commandsIn(text: string): string[] {
  return [...text.matchAll(/(?:^|[ :])(usher [a-z]+ (?!.*: usher ).*)$/gm)].map(
    ([, command = '']) => command,
  );
}

test('the command that carries out a plan has the flags as they were given', (context) => {
  const { write, shell } = place(context);
  const rows = Array.from({ length: 100 }, (_, at) => `${at}@example.org,${at}`);
  write('people.csv', `email,visits\n${rows.join('\n')}\n`);
  for (const command of [
    'usher import people.csv --dataset crm',
    "usher segment create All --rule 'visits >= 0'",
    'usher flow create Spring --segment All --status live --variant A=50 --variant "B 2=50"',
    'usher flow create Other --segment All --status live',
  ]) {
    assert.equal(shell(command).code, 0, command);
  }
  for (const given of [
    `usher flow edit Spring --variant A=99.50 --variant 'B 2=0.50'`,
    `usher flow edit Other --branch 'x=visits < 3' --branch 'y=visits > 3'`,
    'usher exclusion-group set Mails --flow Spring=40 --flow Other=60',
  ]) {
    const { stderr } = shell(given);
    const again = stderr.trimEnd().split('\n').at(-1) ?? '';
    assert.equal(again.replace(/ --plan \S+$/, ''), given);
    assert.equal(shell(again).code, 0, again);
  }
});

test('the command that an import suggests repeats every flag of the call', (context) => {
  const { write, shell } = place(context);
  write(
    "Ann's list.csv",
    'Main mail,Second mail,When,Sum,Internal\na@x.org,b@x.org,01/02/2024,1.50,x\n',
  );
  const flags =
    "--data 'the data' --organization shop-de --dataset crm --mode snapshot --type sum=currency " +
    "--type when=date:day-first --rename 'Second mail=other' --prefix crm_ --skip Internal --yes --json " +
    '--log-level warn';
  assert.equal(shell("usher organization create shop-de --data 'the data'").code, 0);
  const refused = shell(`usher import ${flags} "Ann's list.csv"`);
  assert.equal(refused.code, 1, refused.stderr);
  const { detail } = JSON.parse(refused.stderr) as { detail: string };
  const [first = '', second = '', ...others] = commandsIn(detail);
  assert.deepEqual(others, []);
  assert.ok(first.startsWith("usher import 'Ann'\\''s list.csv' "), first);
  for (const flag of flags.split(' --')) assert.ok(first.includes(flag), `${flag} is in: ${first}`);
  assert.match(second, /--identifier 'email=Second mail'$/);
  const done = shell(first);
  assert.equal(done.code, 0, done.stderr);
  const { dataset, columns } = JSON.parse(done.stdout) as {
    dataset: string;
    columns: readonly { readonly column: string; readonly field: string | null }[];
  };
  const fields = columns.map(({ column, field }) => [column, field]);
  assert.equal(dataset, 'crm');
  assert.deepEqual(Object.fromEntries(fields), {
    ...{ 'Main mail': 'crm_main_mail', 'Second mail': 'other' },
    ...{ When: 'crm_when', Sum: 'crm_sum', Internal: null },
  });
});

test('a suggested flag replaces one of the call', (context) => {
  const { write, shell } = place(context);
  write('a.csv', 'email,city\na@x.org,Rome\n');
  write('-b.csv', 'email,city\na@x.org,Oslo\n');
  assert.equal(shell('usher import a.csv --data d').code, 0);
  const refused = shell('usher import --data d --dataset other -- -b.csv');
  assert.equal(refused.code, 1);
  const [prefixed = '', joined = ''] = commandsIn(refused.stderr);
  assert.equal(prefixed, 'usher import --dataset other --data d --prefix other_ -- -b.csv');
  assert.equal(joined, 'usher import --data d --dataset a -- -b.csv');
  assert.match(shell(joined).stdout, /1 changed/);
  assert.equal(shell(prefixed).code, 0);
});

test('commands about a run name the data folder and the organization of the call', (context) => {
  const { write, shell } = place(context);
  const source = 'source: { kind: file, paths: [people.csv] }';
  const members = `${source}\n    identifiers: { email: email }\n    fields: { city: { type: string } }`;
  write('usher.yaml', `version: 1\ndatasets:\n  people:\n    ${members}\n`);
  const rows = (city: string) => Array.from({ length: 50 }, (_, n) => `p${n}@x.org,${city}\n`);
  const flags = "--data 'a b' --organization shop-de";
  write('people.csv', `email,city\n${rows('Rome').join('')}`);
  assert.equal(shell("usher organization create shop-de --data 'a b'").code, 0);
  assert.equal(shell(`usher apply -f usher.yaml ${flags}`).code, 0);
  assert.equal(shell(`usher sync run people ${flags}`).code, 0);
  write('people.csv', `email,city\n${rows('Oslo').join('')}`);
  const stopped = shell(`usher sync run people ${flags}`);
  assert.equal(stopped.code, 1);
  const [approve = '', reject = ''] = commandsIn(stopped.stdout);
  assert.match(approve, /^usher sync approve \S+ .*--organization shop-de/);
  assert.match(reject, /^usher sync reject \S+ .*--data 'a b'/);
  assert.match(shell(approve).stdout, /50 changed/);
});
