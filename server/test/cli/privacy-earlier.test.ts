/** What `usher privacy` does with an address that a person had earlier, in two datasets. */
import assert from 'node:assert/strict';
import { globSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { mustRunCommand, runCommand } from '../launch/run-command.ts';
import { catalog, inFolder, news, rows } from './privacy-folder.ts';

/** Kim's address changes in both datasets, first in the one that has it as its key. */
async function changeAddress(context: TestContext) {
  const folder = await inFolder(context);
  const { file, run, must, sync } = folder;
  const read = async (row: string) => {
    writeFileSync(file('news.csv'), `Mail,Topic\n${row}\n`);
    const { code, stderr } = await run('sync', 'run', 'news', '--yes');
    assert.ok(code === 0 || code === 4, stderr);
  };
  writeFileSync(file('usher.yaml'), catalog + news);
  writeFileSync(file('news.csv'), 'Mail,Topic\n');
  await must('apply', '-f', file('usher.yaml'), '--yes');
  await read('kim@x.org,KimTopic');
  await must('privacy', 'amend', 'email:kim@x.org', 'topic=KimAmended');
  await must('backup', file('before'), '-q');
  await read('kim.new@x.org,KimOther');
  await sync('1,kim.new@x.org,Kim,3', ...rows.slice(1));
  return { ...folder, read };
}

test('an export has the earlier address of a person, with its rows and amendments', async (context) => {
  const { must } = await changeAddress(context);
  const { earlier_rows, amendments } = JSON.parse(await must('privacy', 'export', 'no:1'));
  type Row = { dataset: string; identities: { value: string }[]; values: { value: unknown }[] };
  assert.deepEqual(
    earlier_rows.map(({ dataset, identities, values }: Row) => [
      dataset,
      identities.map(({ value }) => value).sort(),
      values.map(({ value }) => value),
    ]),
    [
      ['crm', ['1', 'kim@x.org'], ['Kim', 3]],
      ['news', ['kim@x.org'], ['KimTopic']],
    ],
  );
  assert.deepEqual(
    amendments.map((it: { key: { value: string }; value: string }) => [it.key.value, it.value]),
    [['kim@x.org', 'KimAmended']],
  );
});

test('an export has what was stored under an address that only the person claims without effect', async (context) => {
  const { must, file, read } = await changeAddress(context);
  await read('lea@x.org,Topic');
  await must('privacy', 'amend', 'email:lea@x.org', 'topic=Amended');
  await read('eve@x.org,EveTopic');
  const both = catalog
    .replace('  no: exact', '  no: exact\n  email: { max_per_contact: 1 }')
    .replace('email: Mail', 'email: [Mail, Old]');
  writeFileSync(file('usher.yaml'), both + news);
  const known = ['1,kim.new@x.org,,Kim,3', '2,eve@x.org,,Eve,4', '3,bob@x.org,,Bob,5'];
  const crm = ['No,Mail,Old,Name,Orders', ...known, '4,lea.new@x.org,lea@x.org,Name,6', ''];
  writeFileSync(file('crm.csv'), crm.join('\n'));
  await must('apply', '-f', file('usher.yaml'), '--yes');
  await must('sync', 'run', 'crm', '--yes');
  type Identity = { identity: { value: string }; leads_here: boolean };
  const document = JSON.parse(await must('privacy', 'export', 'no:4'));
  const refused = document.identities.find((it: Identity) => it.identity.value === 'lea@x.org');
  assert.equal(refused?.leads_here, false);
  const amended = document.amendments.map((it: { value: string }) => it.value);
  assert.deepEqual(amended, ['Amended']);
  assert.ok(JSON.stringify(document.earlier_rows).includes('Topic'));
});

test('an earlier row has the time of the run that brought it', async (context) => {
  const { must, sync } = await inFolder(context);
  const started: unknown[] = [];
  for (const name of ['Tim', 'Jim']) {
    started.push(Date.now());
    await sync(`1,kim@x.org,${name},3`, ...rows.slice(1));
  }
  const { earlier_rows } = JSON.parse(await must('privacy', 'export', 'no:1'));
  const [first, second] = earlier_rows.map(({ as_of }: { as_of: string }) => Date.parse(as_of));
  assert.equal(earlier_rows.length, 2);
  assert.ok(first < Number(started[0]), `${first}`);
  assert.ok(second >= Number(started[0]) && second < Number(started[1]), `${second}`);
});

test('an erasure removes the earlier address of a person for good', async (context) => {
  const { data, file, must, run, read } = await changeAddress(context);
  await must('privacy', 'erase', 'no:1', '--yes');
  await must('compact', '-q');
  for (const path of readdirSync(data, { recursive: true, encoding: 'utf8' })) {
    if (!statSync(join(data, path)).isFile()) continue;
    const bytes = readFileSync(join(data, path));
    for (const it of ['kim@x.org', 'KimTopic', 'KimAmended']) {
      assert.ok(!bytes.includes(it), `${path} has ${it}`);
    }
  }
  await must('sync', 'rollback', 'news', '--yes');
  const identity = 'email:kim@x.org';
  assert.equal((await run('get', identity)).code, 3);
  await read('kim@x.org,KimTopic');
  assert.equal((await run('get', identity)).code, 3);
  const [list = ''] = globSync(join(data, 'suppression/*.list'));
  const restored = file('restored');
  await mustRunCommand(restored, ['restore', file('before'), '--suppression', list]);
  for (const it of [identity, 'no:1']) {
    assert.equal((await runCommand(restored, ['get', it])).code, 3);
    assert.equal((await runCommand(restored, ['privacy', 'export', it])).code, 3);
  }
});
