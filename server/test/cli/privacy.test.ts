/** `usher privacy`: what a privacy officer does at the command line. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import type { PrivacyKind } from '../../src/catalog/privacy-requests.ts';
import { composeAdministration, composeWriter } from '../../src/compose.ts';
import { identityDigest } from '../../src/domain/contact/identity.ts';
import { catalog, inFolder, rows } from './privacy-folder.ts';

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

test('a validation shows no row of erased people as a contact', async (context) => {
  const { must } = await inFolder(context);
  await must('privacy', 'erase', 'no:1', '--yes');
  const shown = await must('dataset', 'validate', 'crm');
  assert.match(shown, /row 1 would be rejected: the row names an identity .*contact_suppressed/);
  assert.match(shown, /Eve[\s\S]*Bob/);
  assert.doesNotMatch(shown, /kim/i);
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

test('a file of identities is erased in one request', async (context) => {
  const { file, must, run, name } = await inFolder(context);
  const ids = file('ids.csv');
  writeFileSync(
    ids,
    '\uFEFFEmail \r\nkim@x.org,since 2020\r\n"EVE@x.org"\r\n\r\nkim@x.org\r\nno@x.org\r\n',
  );
  const { stdout, stderr, code } = await run('privacy', 'erase', '--file', ids, '--yes', '--json');
  assert.equal(code, 0, stderr);
  assert.match(stderr, /1 identity was not found/);
  const { counts } = JSON.parse(stdout);
  assert.deepEqual([counts.contacts, counts.notFound], [2, 1]);
  assert.deepEqual([await name('no:1'), await name('no:2')], [3, 3]);
  assert.deepEqual(await name('no:3'), ['Bob', 5]);
  assert.equal(JSON.parse(await must('privacy', 'list', '--json')).length, 1);
  const again = await run('privacy', 'erase', 'email:kim@x.org', '--yes');
  assert.deepEqual([again.code, again.stdout.includes('already suppressed: 1')], [0, true]);
  assert.match(again.stderr, /1 identity was suppressed already/);
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
