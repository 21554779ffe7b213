/** `usher privacy`: receipts, warnings and refusals at the command line. */
import assert from 'node:assert/strict';
import { copyFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { inFolder, rows } from './privacy-folder.ts';

test('a receipt tells that an older store brought an erased person back', async (context) => {
  const { data, file, must, run, name } = await inFolder(context);
  copyFileSync(join(data, 'contacts.mdb'), file('older.mdb'));
  const receipt = file('receipt.json');
  await must('privacy', 'erase', 'no:1', '--receipt', receipt, '--yes');
  copyFileSync(file('older.mdb'), join(data, 'contacts.mdb'));
  assert.deepEqual(await name('no:1'), ['Kim', 3]);
  const verified = await run('privacy', 'verify', receipt);
  assert.equal(verified.code, 1);
  assert.match(verified.stdout, /^not valid: contacts have .* Erase them again.\n.*found: 2$/m);
});

test('erasing by an identity of many people says that nobody was erased', async (context) => {
  const { file, run, sync, name } = await inFolder(context);
  await sync(...rows, ...[4, 5, 6, 7].map((no) => `${no},family@x.org,Member,1`));
  const receipt = file('receipt.json');
  const call = ['privacy', 'erase', 'email:family@x.org', '--receipt', receipt, '--yes'];
  const { code, stdout, stderr } = await run(...call);
  assert.equal(code, 3);
  assert.match(stdout, /identities: 1, kept rows: 4, without contact: 1$/m);
  assert.match(stderr, /1 identity led to no contact, so nobody was erased by it/);
  assert.deepEqual(await name('no:4'), ['Member', 1]);
  const verified = await run('privacy', 'verify', receipt);
  assert.match(verified.stdout, /^valid\n.*\n1 identity led to no contact/);
});

test('a receipt that cannot be written is not an erasure that failed', async (context) => {
  const { file, must, run, name } = await inFolder(context);
  const call = ['privacy', 'erase', 'no:1', '--receipt', '/dev/full', '--yes', '--json'];
  const { code, stdout, stderr } = await run(...call);
  assert.equal(code, 1);
  assert.equal(await name('no:1'), 3);
  const { id } = JSON.parse(stdout);
  const { detail } = JSON.parse(stderr);
  assert.match(detail, /^The erasure is done, but its receipt is missing: .*ENOSPC/);
  assert.match(detail, new RegExp(`usher privacy show ${id} --receipt FILE`));
  await must('privacy', 'show', id, '--receipt', file('receipt.json'));
  await must('privacy', 'verify', file('receipt.json'));
});

test('an erasure that a bad list refuses has failed, with its reason', async (context) => {
  const { data, must, run } = await inFolder(context);
  await must('privacy', 'erase', 'no:1', '--yes');
  const folder = join(data, 'suppression');
  const list = readdirSync(folder).find((name) => name.endsWith('.list')) ?? '';
  writeFileSync(join(folder, list), 'damaged');
  const { code, stderr } = await run('privacy', 'erase', 'no:2', '--yes');
  assert.equal(code, 1);
  assert.match(stderr, /is damaged. Copy it from the newest backup/);
  const [last] = JSON.parse(await must('privacy', 'list', '--json'));
  assert.deepEqual([last.state, last.failure], ['failed', 'store_unavailable']);
});

test('a token that cannot use its scope for people is created with a warning', async (context) => {
  const { run } = await inFolder(context);
  const call = ['token', 'create', '--email', 'dpo@x.org', '--scope', 'privacy:write'];
  assert.doesNotMatch((await run(...call)).stderr, /no effect/);
  const limited = await run(...call, '--field', 'first_name');
  assert.match(limited.stderr, /The scope privacy:write has no effect/);
});

test('a token that cannot approve with its scope alone is created with a warning', async (context) => {
  const { run } = await inFolder(context);
  const call = ['token', 'create', '--email', 'boss@x.org', '--scope', 'admin:approve'];
  const alone = await run(...call, '--scope', 'admin:read');
  assert.equal(alone.code, 0);
  assert.match(alone.stderr, /admin:approve has no effect without admin:write/);
  assert.match((await run('token', 'list')).stderr, /admin:approve has no effect/);
  assert.doesNotMatch((await run(...call, '--scope', 'admin:write')).stderr, /no effect/);
});

test('a receipt is verified for its own organization alone', async (context) => {
  const { file, must, run } = await inFolder(context);
  await must('organization', 'create', 'other');
  const receipt = file('receipt.json');
  await must('privacy', 'erase', 'no:1', '--receipt', receipt, '--yes');
  const elsewhere = await run('privacy', 'verify', receipt, '--organization', 'other', '--json');
  assert.equal(elsewhere.code, 1);
  const { is_valid, mac } = JSON.parse(elsewhere.stdout);
  assert.deepEqual([is_valid, mac], [false, 'other_organization']);
  const told = await run('privacy', 'verify', receipt, '--organization', 'other');
  assert.match(told.stdout, /^not verified: the receipt belongs to another organization/);
  await must('privacy', 'verify', receipt);
});

test('a bad line is named by its number, never by its value', async (context) => {
  const { file, run, name } = await inFolder(context);
  const ids = file('ids.csv');
  writeFileSync(ids, 'identity\nno:1\nemail:Zaphod Secret\nZaphod\n"no:2\nnope:Zaphod\n');
  const { code, stdout, stderr } = await run('privacy', 'erase', '--file', ids, '--yes');
  assert.equal(code, 2);
  for (const line of [3, 4, 5, 6]) assert.match(stderr, new RegExp(`^Line ${line}: `, 'm'));
  assert.match(stderr, /ids.csv has 4 bad lines. Nothing was erased/);
  assert.doesNotMatch(stdout + stderr, /Zaphod|Secret/);
  assert.deepEqual(await name('no:1'), ['Kim', 3]);
});

test('a file that is not UTF-8 is refused, since its values would be others', async (context) => {
  const { file, run, name } = await inFolder(context);
  const ids = file('ids.csv');
  writeFileSync(ids, Buffer.from('identity\nno:1\nemail:jos\xe9@hello.com\n', 'latin1'));
  const { code, stderr } = await run('privacy', 'erase', '--file', ids, '--yes');
  assert.equal(code, 2);
  assert.match(stderr, /ids.csv is not UTF-8 \(line 3\)\. Save it as UTF-8/);
  assert.deepEqual(await name('no:1'), ['Kim', 3]);
});

test('each refusal has its exit code, says what to do, and repeats no value', async (context) => {
  const { file, run } = await inFolder(context);
  writeFileSync(file('empty.csv'), 'identity\n');
  writeFileSync(file('none.json'), '{"version":1}');
  const many = Array.from({ length: 10_001 }, (_, n) => `no:${n}`).join('\n');
  writeFileSync(file('many.csv'), many);
  const cases: readonly (readonly [call: readonly string[], code: number, words: RegExp])[] = [
    [['erase'], 2, /Give either identities or --file/],
    [['erase', 'no:1', '--file', file('empty.csv')], 2, /Give either identities or --file/],
    [['erase', '--file', file('empty.csv'), '--yes'], 2, /has no identity/],
    [['erase', '--file', file('absent.csv'), '--yes'], 2, /There is no file/],
    [['erase', '--file', file('many.csv'), '--yes'], 2, /has 10001 identities. .* split the file/],
    [['erase', 'no:Zaphod', '--yes'], 3, /Usher has nothing of it/],
    [['export', 'no:Zaphod'], 3, /No contact has this identity/],
    [['erase', '--file', file('.'), '--yes'], 2, /is a folder. Name a file/],
    [['amend', 'no:1'], 2, /Give a value as FIELD=VALUE, or --lift FIELD/],
    [['amend', 'no:1', 'orders=1', '--lift', 'orders'], 2, /Either give a value or lift/],
    [['amend', 'no:1', 'Zaphod'], 2, /Value 1 is not written as FIELD=VALUE/],
    [['amend', 'no:1', 'first_nam=Zaphod'], 2, /no field first_nam. Did you mean first_name/],
    [['amend', 'no:1', 'email=Zaphod'], 2, /email is an identity of the contact, not a field/],
    [['amend', 'no:1', '--lift', 'id'], 2, /id is an identity of the contact, not a field/],
    [['amend', 'no:1', 'orders=Zaphod'], 2, /orders \(integer\) is not/],
    [['amend', 'no:1', 'orders=1', 'orders=2'], 2, /given twice/],
    [['amend', 'no:99', 'orders=1'], 3, /No contact has this identity/],
    [['lift', 'no:Zaphod', '--yes'], 3, /not suppressed/],
    [['verify', file('none.json')], 2, /not a receipt of an erasure/],
    [['verify', file('absent.json')], 2, /There is no file/],
    [['erase', 'no:1', '--receipt', file('no/r.json'), '--yes'], 2, /There is no folder/],
    [['erase', 'no:1', '--receipt', file('.'), '--yes'], 2, /is a folder. Name a file in it/],
    [['export', 'no:1', '--out', file('.'), '--yes'], 2, /is a folder. Name a file in it/],
    [['show', '019ab4c2-d1e0-7001-8f8b-2c1e6c1f0a4b'], 3, /usher privacy list/],
    [['list', '--kind', 'forget'], 2, /erase, export, amend, lift/],
    [['list', '--limit', '0'], 2, /from 1 to/],
    [['list', '--since', 'Zaphod'], 2, /--since must be/],
  ];
  for (const [call, code, words] of cases) {
    const { code: found, stdout, stderr } = await run('privacy', ...call);
    assert.equal(found, code, `${call.join(' ')}\n${stderr}`);
    assert.match(stderr, words, call.join(' '));
    assert.doesNotMatch(stdout + stderr, /Zaphod/, call.join(' '));
  }
});
