/** `usher privacy`: what a privacy officer does at the command line, and what is told. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { copyFileSync, mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { PrivacyKind } from '../../src/catalog/privacy-requests.ts';
import { composeAdministration, composeWriter } from '../../src/compose.ts';
import { identityDigest } from '../../src/domain/contact/identity.ts';
import { runCommand } from '../launch/run-command.ts';
import { makeDataFolder } from '../launch/run-usher.ts';

const catalog = [
  'version: 1',
  'identity_types:',
  '  no: exact',
  'datasets:',
  '  crm:',
  '    source: { kind: file, paths: [crm.csv] }',
  '    identifiers: { no: No, email: Mail }',
  '    fields:',
  '      first_name: { column: Name, type: string }',
  '      orders: { column: Orders, type: integer }',
  '    mode: snapshot',
  '    max_change_share: 1',
  '',
].join('\n');

const rows = ['1,kim@x.org,Kim,3', '2,eve@x.org,Eve,4', '3,"bob@x.org",Bob,5'];

async function inFolder(context: TestContext) {
  const data = makeDataFolder(context);
  const files = mkdtempSync(`${data}-files-`);
  const file = (name: string) => join(files, name);
  const run = (...call: readonly string[]) => runCommand(data, call);
  const must = async (...call: readonly string[]) => {
    const { code, stdout, stderr } = await run(...call);
    assert.equal(code, 0, stderr + stdout);
    return stdout.trim();
  };
  const sync = async (...lines: readonly string[]) => {
    writeFileSync(file('crm.csv'), ['No,Mail,Name,Orders', ...lines, ''].join('\n'));
    const { code, stdout, stderr } = await run('sync', 'run', 'crm', '--yes', '--json');
    assert.ok(code === 0 || code === 4, stderr);
    return JSON.parse(stdout) as Record<string, unknown>;
  };
  const name = async (identity: string) => {
    const { code, stdout } = await run('get', identity, '--fields', 'first_name,orders');
    return code === 0 ? Object.values(JSON.parse(stdout).contact as object) : code;
  };
  writeFileSync(file('usher.yaml'), catalog);
  writeFileSync(file('crm.csv'), 'No,Mail,Name,Orders\n');
  await must('apply', '-f', file('usher.yaml'));
  await sync(...rows);
  return { data, file, run, must, sync, name };
}

test('an amended value outlives syncs, until it is lifted', async (context) => {
  const { must, sync, name } = await inFolder(context);
  const amended = await must(
    'privacy',
    'amend',
    'no:1',
    'first_name=Kimberly',
    'orders=7',
    '--json',
  );
  assert.equal(JSON.parse(amended).changed, true);
  assert.deepEqual(await name('email:kim@x.org'), ['Kimberly', 7]);
  await sync('1,kim@x.org,Kimi,9', ...rows.slice(1));
  assert.deepEqual(await name('no:1'), ['Kimberly', 7]);
  await must('privacy', 'amend', 'no:1', 'first_name=');
  assert.deepEqual(await name('no:1'), [null, 7]);
  await must('privacy', 'amend', 'no:1', '--lift', 'first_name');
  assert.deepEqual(await name('no:1'), ['Kimi', 7]);
});

test('an export names the lists that mark the contact', async (context) => {
  const { file, must } = await inFolder(context);
  const vip =
    '  vip:\n    kind: list\n    source: { kind: file, paths: [vip.csv] }\n' +
    '    identifiers: { no: No }\n    mode: snapshot\n    max_change_share: 1\n';
  writeFileSync(file('usher.yaml'), catalog + vip);
  writeFileSync(file('vip.csv'), 'No\n1\n');
  await must('apply', '-f', file('usher.yaml'), '--yes');
  await must('sync', 'run', 'vip', '--yes');
  const exported = JSON.parse(await must('privacy', 'export', 'email:kim@x.org'));
  const names = exported.datasets.map(({ dataset }: { dataset: string }) => dataset);
  assert.deepEqual(names, ['crm', 'vip']);
});

test('an export is written to a file that only its owner can read', async (context) => {
  const { file, must, run } = await inFolder(context);
  const out = file('kim.json');
  writeFileSync(out, 'old', { mode: 0o644 });
  assert.equal(
    (await run('privacy', 'export', 'no:1', '--out', out)).code,
    2,
    'no terminal to ask',
  );
  await must('privacy', 'export', 'no:1', '--out', out, '--yes');
  assert.equal(statSync(out).mode & 0o777, 0o600);
  const written = JSON.parse(readFileSync(out, 'utf8'));
  assert.deepEqual(
    written.values.map(({ field, value, dataset }: Record<string, unknown>) => [
      field,
      value,
      dataset,
    ]),
    [
      ['first_name', 'Kim', 'crm'],
      ['orders', 3, 'crm'],
    ],
  );
  const printed = JSON.parse(await must('privacy', 'export', 'email:kim@x.org'));
  assert.deepEqual(printed.values, written.values);
  assert.equal(printed.requests.length, 1);
});

test('an erased person does not come back with syncs until they are lifted', async (context) => {
  const { file, must, run, sync, name } = await inFolder(context);
  assert.equal((await run('privacy', 'erase', 'no:1')).code, 2, 'no terminal to ask');
  assert.deepEqual(await name('no:1'), ['Kim', 3]);
  const receipt = file('receipt.json');
  const request = await must('privacy', 'erase', 'no:1', '--receipt', receipt, '--yes', '--json');
  const { id, counts } = JSON.parse(request);
  assert.equal(counts.contacts, 1);
  for (const identity of ['no:1', 'email:kim@x.org']) assert.equal(await name(identity), 3);
  await sync(...rows);
  assert.equal(await name('no:1'), 3);
  const synced = await sync('1,kim@x.org,Kimi,3', '4,kim@x.org,Kim,1', ...rows.slice(1));
  assert.deepEqual(synced['rejections'], { contact_suppressed: 2 });
  assert.equal(await name('no:1'), 3);
  assert.doesNotMatch(readFileSync(receipt, 'utf8'), /kim/i);
  assert.match(await must('privacy', 'verify', receipt), /^valid\nsubjects: 2, suppressed: 2/);
  const again = file('again.json');
  await must('privacy', 'show', id, '--receipt', again);
  assert.equal(readFileSync(again, 'utf8'), readFileSync(receipt, 'utf8'));
  assert.match(await must('privacy', 'list'), new RegExp(`${id}  erase  done .*contacts: 1`));
  for (const identity of ['no:1', 'email:kim@x.org'])
    await must('privacy', 'lift', identity, '--yes');
  await sync(...rows);
  assert.deepEqual(await name('no:1'), ['Kim', 3]);
});

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

test('a dry run and a plan leave erased people out', async (context) => {
  const { file, must, sync } = await inFolder(context);
  await must('privacy', 'erase', 'no:1', '--yes');
  const lines = [
    'No,Mail,Name,Orders',
    '1,kim@x.org,Kimi,3',
    '9,kim@x.org,Kim,1',
    ...rows.slice(1),
  ];
  writeFileSync(file('crm.csv'), [...lines, '10,ann@x.org,Ann,1', ''].join('\n'));
  const dry = ['sync', 'run', 'crm', '--dry-run'];
  const trial = JSON.parse(await must(...dry, '--json'));
  assert.deepEqual([trial.rejected, trial.rejections], [2, { contact_suppressed: 2 }]);
  assert.equal(trial.plan.would_add, 1);
  assert.equal(trial.plan.rejections.suppressed, 2);
  assert.match(await must(...dry), /2 rejected\n(.*\n)*It would reject 2 rows of erased people/);
  const people = [
    'import',
    file('crm.csv'),
    '--dataset',
    'copy',
    '--identifier',
    'email=Mail',
    '--prefix',
    'copy_',
  ];
  const tried = JSON.parse(await must(...people, '--dry-run', '--json'));
  assert.deepEqual(
    [tried.would_add + tried.would_apply, tried.rejections],
    [3, { contact_suppressed: 1, identity_repeated: 1 }],
  );
  const done = await sync(...lines.slice(1), '10,ann@x.org,Ann,1');
  assert.deepEqual([done['added'], done['rejections']], [1, { contact_suppressed: 2 }]);
});

test('a bulk erasure does not let a source go bad unnoticed', async (context) => {
  const { file, must, run, sync } = await inFolder(context);
  const people = Array.from({ length: 100 }, (_, n) => `${n + 10},p${n}@x.org,P,1`);
  await sync(...people);
  writeFileSync(
    file('ids.csv'),
    ['no', ...people.slice(0, 60).map((row) => row.split(',')[0])].join('\n'),
  );
  await must('privacy', 'erase', '--file', file('ids.csv'), '--yes');
  const changed = people.map((row) => row.replace(',1', ',2'));
  assert.deepEqual((await sync(...changed))['rejections'], { contact_suppressed: 60 });
  const bad = changed.map((row, n) => (n >= 60 && n < 80 ? row.replace(',2', ',two') : row));
  writeFileSync(file('crm.csv'), ['No,Mail,Name,Orders', ...bad, ''].join('\n'));
  const { stdout } = await run('sync', 'run', 'crm', '--json');
  const { state, plan } = JSON.parse(stdout);
  assert.equal(state, 'waiting');
  assert.match(plan.reasons.join(' '), /20 of 40 rows \(50 %\) would be rejected/);
});

test('what is left of a person whose row is gone is exported and lifted', async (context) => {
  const { must, run, sync } = await inFolder(context);
  await must('privacy', 'amend', 'email:kim@x.org', 'first_name=Kimberly', 'orders=7');
  await sync(...rows.slice(1));
  const exported = async (identity: string) => {
    const { code, stdout, stderr } = await run('privacy', 'export', identity);
    assert.equal(code, 0, stderr);
    assert.match(stderr, /No contact has this identity/);
    return JSON.parse(stdout);
  };
  for (const identity of ['no:1', 'email:kim@x.org']) {
    const { contact_id, amendments, earlier_rows, values } = await exported(identity);
    assert.deepEqual([contact_id, values], [null, []]);
    assert.deepEqual(
      amendments.map(({ value }: { value: unknown }) => value),
      ['Kimberly', 7],
    );
    assert.deepEqual(
      earlier_rows.map((row: Record<string, unknown>) => row['values']),
      [
        [
          { field: 'first_name', value: 'Kim' },
          { field: 'orders', value: 3 },
        ],
      ],
    );
  }
  await must('privacy', 'amend', 'email:kim@x.org', '--lift', 'orders');
  assert.equal((await exported('no:1')).amendments.length, 1);
  assert.equal((await run('privacy', 'export', 'no:404')).code, 3);
  await must('privacy', 'erase', 'no:1', '--yes');
  assert.equal((await run('privacy', 'export', 'no:1')).code, 3);
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

test('a file of identities is erased in one request', async (context) => {
  const { file, must, run, name } = await inFolder(context);
  const ids = file('ids.csv');
  writeFileSync(
    ids,
    '\uFEFFemail\r\nkim@x.org,since 2020\r\n"EVE@x.org"\r\n\r\nkim@x.org\r\nno@x.org\r\n',
  );
  const { stdout, stderr, code } = await run('privacy', 'erase', '--file', ids, '--yes', '--json');
  assert.equal(code, 0, stderr);
  assert.match(stderr, /1 identity was not found/);
  const { counts } = JSON.parse(stdout);
  assert.deepEqual([counts.contacts, counts.notFound], [2, 1]);
  assert.deepEqual([await name('no:1'), await name('no:2')], [3, 3]);
  assert.deepEqual(await name('no:3'), ['Bob', 5]);
  assert.equal(JSON.parse(await must('privacy', 'list', '--json')).length, 1);
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

test('the next command goes on with requests whose process died', async (context) => {
  const { data, must, run, name } = await inFolder(context);
  const clock = () => Date.now() - 60_000;
  const settings = { dataFolder: data, catalog: 'sqlite' } as const;
  const ids = ['0a', '0b', '0c'].map((end) => `019ab4c2-d1e0-7001-8f8b-2c1e6c1f0a${end}`);
  const [taken, unknown, exported] = ids as [string, string, string];
  const options = { operator: 'test', clock, randomBytes, make: false };
  const { catalog } = await composeAdministration(settings, options);
  for (const id of ids) {
    const kind: PrivacyKind = id === exported ? 'export' : 'erase';
    const request = { id, organizationId: 1, kind, actor: 'operator:test', receivedAtMs: clock() };
    await catalog.receivePrivacyRequest({ actor: 'operator:test', atMs: clock() }, request);
  }
  const digest = identityDigest('email', 'kim@x.org');
  const writer = await composeWriter(settings);
  await writer.eraseContacts(1, { requestId: taken, identities: [{ typeId: 1, digest }] }, {});
  await writer.close();
  await catalog.close();
  const { stdout, stderr } = await run('privacy', 'list', '--json');
  assert.match(stderr, /Went on with privacy requests that were left/);
  const listed = JSON.parse(stdout) as { id: string; state: string; failure: string | null }[];
  assert.deepEqual(
    new Map(listed.map(({ id, state, failure }) => [id, [state, failure]])),
    new Map([
      [exported, ['failed', 'interrupted']],
      [unknown, ['failed', 'interrupted']],
      [taken, ['done', null]],
    ]),
  );
  assert.equal(await name('no:1'), 3);
  const shown = JSON.parse(await must('privacy', 'show', taken, '--json'));
  assert.equal(shown.receipt.subjects.length, 2);
});
