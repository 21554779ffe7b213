/** `usher contact` and `usher get --identities`: what is joined and parted, and how it is told. */
import assert from 'node:assert/strict';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { openReader, openWriter } from '../../src/stores/open-store.ts';
import { runCommand } from '../launch/run-command.ts';
import { makeDataFolder, startUsher } from '../launch/run-usher.ts';
import { email } from '../stores/sample-changes.ts';

const catalog = [
  'version: 1',
  'identity_types:',
  '  user_id: exact',
  '  no: exact',
  'datasets:',
  '  crm:',
  '    source: { kind: file, paths: [crm.csv] }',
  '    identifiers: { no: No, email: Mail }',
  '    fields: { crm_name: { column: Name, type: string } }',
  '    mode: snapshot',
  '    max_change_share: 1',
  '  shop:',
  '    source: { kind: file, paths: [shop.csv] }',
  '    identifiers: { user_id: User, email: Mail }',
  '    fields: { shop_name: { column: Name, type: string } }',
  '    mode: snapshot',
  '    max_change_share: 1',
  '',
].join('\n');

/** Two datasets of files. Rows are written as text, and synced. */
async function inFolder(context: TestContext) {
  const data = makeDataFolder(context);
  const folder = mkdtempSync(`${data}-files-`);
  const run = (...call: readonly string[]) => runCommand(data, call);
  const must = async (...call: readonly string[]) => {
    const { code, stdout, stderr } = await run(...call);
    assert.equal(code, 0, stderr + stdout);
    return stdout.trim();
  };
  const sync = async (dataset: 'crm' | 'shop', ...rows: readonly string[]) => {
    const head = { crm: 'No,Mail,Name', shop: 'User,Mail,Name' }[dataset];
    writeFileSync(join(folder, `${dataset}.csv`), [head, ...rows, ''].join('\n'));
    await must('sync', 'run', dataset, '--yes');
  };
  const names = async (identity: string) => {
    const { code, stdout } = await run('get', identity, '--fields', 'crm_name,shop_name');
    return code === 0 ? Object.values(JSON.parse(stdout).contact as object) : code;
  };
  const joins = async (...flags: readonly string[]) =>
    JSON.parse(await must('contact', 'joins', '--json', ...flags)) as Record<string, unknown>[];
  const file = (text: string) => {
    const path = join(folder, 'usher.yaml');
    writeFileSync(path, text);
    return path;
  };
  writeFileSync(join(folder, 'crm.csv'), 'No,Mail,Name\n1,c@x.org,Ann\n');
  writeFileSync(join(folder, 'shop.csv'), 'User,Mail,Name\n7,s@x.org,Anna\n');
  await must('apply', '-f', file(catalog));
  return { data, run, must, sync, names, joins, file };
}

test('a merge outlives the next syncs of both datasets, and is taken back', async (context) => {
  const { run, must, sync, names } = await inFolder(context);
  await sync('crm', '1,c@x.org,Ann');
  await sync('shop', '7,s@x.org,Anna');
  const merged = await run('contact', 'merge', 'no:1', 'email:S@x.org');
  assert.equal(merged.code, 0, merged.stderr);
  const entry = merged.stdout.trim();
  assert.match(entry, /^[0-9a-f]{16}$/);
  assert.match(merged.stderr, new RegExp(`To take it back: usher contact unmerge ${entry}$`, 'm'));
  assert.deepEqual(await names('no:1'), ['Ann', 'Anna']);
  await sync('crm', '1,c@x.org,Ann B.', '2,d@x.org,Dan');
  await sync('shop', '7,new@x.org,Anna B.');
  for (const identity of ['no:1', 'user_id:7', 'email:new@x.org']) {
    assert.deepEqual(await names(identity), ['Ann B.', 'Anna B.'], identity);
  }
  const parted = JSON.parse(await must('contact', 'unmerge', entry, '--json'));
  assert.deepEqual(Object.keys(parted), ['entry']);
  assert.deepEqual(await names('no:1'), ['Ann B.', null]);
  await sync('shop', '7,new@x.org,Anna C.');
  assert.deepEqual(await names('user_id:7'), [null, 'Anna C.']);
});

test('a split parts what a sync joined, also after the next sync', async (context) => {
  const { must, sync, names, joins } = await inFolder(context);
  await sync('crm', '1,a@x.org,Ann');
  await sync('shop', '7,a@x.org,Anna');
  assert.deepEqual(await names('user_id:7'), ['Ann', 'Anna']);
  assert.match(await must('contact', 'split', 'user_id:7'), /^[0-9a-f]{16}$/);
  await sync('shop', '7,a@x.org,Anna B.');
  assert.deepEqual(await names('no:1'), ['Ann', null]);
  assert.deepEqual(await names('user_id:7'), [null, 'Anna B.']);
  const [split, join] = await joins();
  const no = { type: 'no', value: '1', digest: null };
  const user = { type: 'user_id', value: '7', digest: null };
  assert.deepEqual([split?.['kind'], split?.['by']], ['split', 'operator:test']);
  assert.deepEqual(split?.['pairs'], [[user, no]]);
  assert.deepEqual([join?.['kind'], join?.['dataset']], ['join', 'shop']);
});

test('each refusal has its exit code, and says what to do', async (context) => {
  const { run, sync } = await inFolder(context);
  await sync('crm', '1,a@x.org,Ann');
  await sync('shop', '7,s@x.org,Anna');
  const cases: readonly (readonly [call: string, code: number, words: RegExp])[] = [
    ['merge no:1 no:9', 3, /No contact has this identity/],
    ['merge no:1 email:a@x.org', 1, /lead to the same contact already/],
    ['merge no:1 9', 2, /written <type>:<value>/],
    ['merge no:1 nope:9', 2, /no such identity type/],
    ['split no:9', 3, /No contact has this identity/],
    ['split no:1', 1, /nothing to part the identity from/],
    ['unmerge 019ab4c2d1e00001', 3, /List them: usher contact joins/],
    ['unmerge nonsense', 3, /List them: usher contact joins/],
    ['unmerge', 2, /Name an entry of usher contact joins, or give --since/],
    ['unmerge 019ab4c2d1e00001 --since 2h', 2, /either an entry, or --since/],
    ['unmerge --until 2h', 2, /or give --since/],
    ['unmerge --since yesterday --yes', 2, /--since must be 2h \(ago\)/],
    ['unmerge --since 2026-02-30 --yes', 2, /--since must be 2h \(ago\)/],
    ['unmerge --since 2h --until soon --yes', 2, /--until must be 2h \(ago\)/],
    ['unmerge --since 2h --by nope --yes', 3, /There is no dataset nope/],
    ['unmerge --since 2h', 2, /To answer yes, add --yes/],
    ['joins --limit 0', 2, /--limit must be a whole number from 1 to 1000/],
  ];
  for (const [call, code, words] of cases) {
    const refused = await run('contact', ...call.split(' '));
    assert.match(refused.stderr, words, call);
    assert.deepEqual([refused.code, refused.stdout], [code, ''], call);
  }
});

test('a merge that rows also support is not taken back', async (context) => {
  const { run, must, sync } = await inFolder(context);
  await sync('crm', '1,a@x.org,Ann');
  await sync('shop', '7,s@x.org,Anna');
  const entry = await must('contact', 'merge', 'no:1', 'user_id:7');
  await sync('shop', '7,a@x.org,Anna');
  const refused = await run('contact', 'unmerge', entry, '--json');
  assert.equal(refused.code, 1);
  assert.equal(JSON.parse(refused.stderr).code, 'still_joined');
});

test('the joins of a wrong file are parted together, and earlier ones stay', async (context) => {
  const { run, must, sync, names } = await inFolder(context);
  await sync('shop', '7,a@x.org,Anna', '8,b@x.org,Bob', '9,c@x.org,Cy');
  await sync('crm', '1,a@x.org,Ann');
  const since = new Date().toISOString();
  await sync('crm', '1,a@x.org,Ann', '2,b@x.org,Ben', '3,c@x.org,Cyril');
  assert.deepEqual(await names('user_id:8'), ['Ben', 'Bob']);
  const none = await must('contact', 'unmerge', '--since', since, '--by', 'shop', '--yes');
  assert.equal(none, '0 joins parted');
  const until = ['--since', '2d', '--until', '1d', '--yes', '--json'];
  assert.deepEqual(JSON.parse(await must('contact', 'unmerge', ...until)), { parted: 0 });
  const parted = await run('contact', 'unmerge', '--since', since, '--by', 'crm', '--yes');
  assert.equal(parted.stdout, '2 joins parted\n', parted.stderr);
  assert.deepEqual(await names('user_id:7'), ['Ann', 'Anna']);
  assert.deepEqual(await names('user_id:8'), [null, 'Bob']);
  await sync('crm', '1,a@x.org,Ann', '2,b@x.org,Benny', '3,c@x.org,Cyril');
  assert.deepEqual(await names('no:2'), ['Benny', null]);
});

test('the log is a table for people, and shows as many entries as asked for', async (context) => {
  const { must, sync, joins } = await inFolder(context);
  await sync('crm', '1,a@x.org,Ann', '2,b@x.org,Bob');
  await sync('shop', '7,a@x.org,Anna');
  const merge = await must('contact', 'merge', 'no:1', 'no:2');
  await must('contact', 'unmerge', merge);
  const table = await must('contact', 'joins');
  assert.match(table, /^ENTRY +AT +WHAT +BY +CONTACTS +JOINED BY\n/);
  const time = String.raw`\d{4}-\d{2}-\d{2} \d{2}:\d{2}`;
  const merged = `^${merge} +${time} +merge, taken back +operator:test +no:1 \\+ no:2 +-$`;
  assert.match(table, new RegExp(merged, 'm'));
  const join = `^[0-9a-f]{16}-[0-9a-f]{12} +${time} +join +shop +`;
  assert.match(
    table,
    new RegExp(`${join}(?:no:1 \\+ user_id:7|user_id:7 \\+ no:1) +email:a@x.org$`, 'm'),
  );
  const kinds = (entries: readonly { kind?: unknown }[]) => entries.map(({ kind }) => kind);
  assert.deepEqual(kinds(await joins()), ['unmerge', 'merge', 'join']);
  assert.deepEqual(kinds(await joins('--limit', '2')), ['unmerge', 'merge']);
});

test('an identity that the store no longer knows is shown by its hash', async (context) => {
  const { must, sync, joins } = await inFolder(context);
  const others = ['3,c@x.org,Cy', '4,d@x.org,Dan', '5,e@x.org,Eve'];
  await sync('crm', '1,a@x.org,Ann', '2,b@x.org,Bob', ...others);
  await must('contact', 'merge', 'no:1', 'no:2');
  await sync('crm', ...others);
  const [merge] = await joins();
  // The first digits of the SHA-256 of 1 and of 2.
  const known = ['6b86b273ff34', 'd4735e3a265e'].map((digest) => ({
    type: 'no',
    value: null,
    digest,
  }));
  assert.deepEqual(merge?.['pairs'], [known]);
  assert.match(await must('contact', 'joins'), /no:#6b86b273ff34 \+ no:#d4735e3a265e/);
});

test('the identities of a contact are shown with the rows that claim them', async (context) => {
  const { run, must, sync } = await inFolder(context);
  await must('identity-type', 'set', 'no', '--stable', 'yes');
  await sync('crm', '1,a@x.org,Ann', '2,b@x.org,Bob');
  await sync('shop', '7,a@x.org,Anna');
  const table = await run('get', 'no:1', '--identities');
  const time = String.raw`\d{4}-\d{2}-\d{2} \d{2}:\d{2}`;
  assert.match(table.stdout, /^IDENTITY +DATASET +ROW KEY +SINCE +EFFECT\n/);
  for (const row of [
    `email:a@x.org +crm +no:1 +${time} +yes`,
    `email:a@x.org +shop +user_id:7 +${time} +yes`,
    `user_id:7 +shop +user_id:7 +${time} +yes`,
  ]) {
    assert.match(table.stdout, new RegExp(`^${row}$`, 'm'));
  }
  assert.match(table.stderr, /^contact id: id:[0-9a-f-]{36}$/m);
  assert.doesNotMatch(table.stdout, /no:2|b@x/);
  const shown = JSON.parse(await must('get', 'user_id:7', '--identities', '--json'));
  assert.equal(shown.contact_id, /id:([0-9a-f-]+)/.exec(table.stderr)?.[1]);
  const missing = await run('get', 'no:9', '--identities');
  assert.equal(missing.code, 3, missing.stderr);
  const both = await run('get', 'no:1', '--identities', '--fields', 'crm_name');
  assert.equal(both.code, 2, both.stderr);
});

test('amended values outlive syncs and a rollback, and go with their fields', async (context) => {
  const { data, run, must, sync, names, file } = await inFolder(context);
  await sync('crm', '1,a@x.org,Ann');
  await sync('shop', '7,a@x.org,Anna');
  const writer = await openWriter(data);
  const set = [1, 2].map((fieldId) => ({ fieldId, value: '"Anne"' }));
  const change = { set, lift: [], atMs: Date.UTC(2026, 10, 23, 8) };
  assert.equal(typeof (await writer.amendContact(1, email('a@x.org'), change, {})), 'object');
  await writer.close();
  await sync('crm', '1,a@x.org,Other');
  assert.deepEqual(await names('no:1'), ['Anne', 'Anne']);
  const { stderr } = await run('get', 'no:1', '--fields', 'crm_name');
  assert.match(stderr, /^amended: crm_name \(2026-11-23 08:00\)$/m);
  assert.doesNotMatch(stderr, /shop_name/);
  const explained = await run('get', 'no:1', '--identities');
  assert.match(explained.stderr, /^amended: crm_name .*\namended: shop_name /m);
  await must('sync', 'rollback', 'crm', '--yes');
  assert.deepEqual(await names('no:1'), ['Anne', 'Anne']);

  const amended = async () => {
    const reader = openReader(data);
    const found = await reader.readAmendments(1, email('a@x.org'));
    await reader.close();
    return found?.map(({ fieldId }) => fieldId);
  };
  await must('dataset', 'remove', 'shop', '--yes');
  assert.deepEqual(await amended(), [1]);
  const renamed = catalog.replaceAll('crm_name', 'name').slice(0, catalog.indexOf('  shop:') - 4);
  await must('apply', '-f', file(renamed), '--prune', '--yes');
  await sync('crm', '1,a@x.org,Ann');
  assert.deepEqual(await amended(), []);
});

test('the commands work beside a running server, which shows their work at once', async (context) => {
  const { data, must, sync } = await inFolder(context);
  await sync('crm', '1,a@x.org,Ann');
  await sync('shop', '7,s@x.org,Anna');
  const token = await must('token', 'create', '--email', 'a@x.org', '--quiet');
  const server = await startUsher(data);
  context.after(() => server.stop());
  const names = async () => {
    const url = `${server.url}/audience/v2/contacts?identity=no:1&fields=crm_name,shop_name`;
    const answer = await fetch(url, { headers: { authorization: `Bearer ${token}` } });
    return Object.values(((await answer.json()) as { contact: object }).contact);
  };
  const entry = await must('contact', 'merge', 'no:1', 'user_id:7');
  assert.deepEqual(await names(), ['Ann', 'Anna']);
  await must('contact', 'unmerge', entry);
  assert.deepEqual(await names(), ['Ann', null]);
});
