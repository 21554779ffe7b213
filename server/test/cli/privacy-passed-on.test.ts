/** What `usher privacy` does with an address that another person has now. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import { catalog, inFolder, news, rows } from './privacy-folder.ts';

const others = rows.slice(1);

/** Kim's address goes to Else, in both datasets, and the rows of Else change afterwards. */
async function passAddressOn(context: TestContext) {
  const folder = await inFolder(context);
  const { file, run, must, sync } = folder;
  const read = async (...lines: readonly string[]) => {
    writeFileSync(file('news.csv'), ['Mail,Topic', ...lines, ''].join('\n'));
    const { code, stderr } = await run('sync', 'run', 'news', '--yes');
    assert.ok(code === 0 || code === 4, stderr);
  };
  writeFileSync(file('usher.yaml'), catalog + news);
  writeFileSync(file('news.csv'), 'Mail,Topic\n');
  await must('apply', '-f', file('usher.yaml'), '--yes');
  await read('kim@x.org,KimTopic');
  await read('kim.new@x.org,KimOther');
  await sync('1,kim.new@x.org,Kim,3', ...others);
  await sync('1,kim.new@x.org,Kim,3', ...others, '4,kim@x.org,Else,90417');
  await read('kim.new@x.org,KimOther', 'kim@x.org,ElseTopic');
  await must('privacy', 'amend', 'no:4', 'first_name=ElseAmended');
  await sync('1,kim.new@x.org,Kim,3', ...others, '4,kim@x.org,Else,91417');
  await read('kim.new@x.org,KimOther', 'kim@x.org,ElseLater');
  return { ...folder, read };
}

test('an export has nothing of the person who has an earlier address now', async (context) => {
  const { must } = await passAddressOn(context);
  const document = await must('privacy', 'export', 'no:1');
  for (const it of ['Else', '90417', '91417']) assert.ok(!document.includes(it), it);
  const { earlier_rows } = JSON.parse(document);
  assert.deepEqual(
    earlier_rows.map((it: { key: { value: string } }) => it.key.value),
    ['1'],
  );
});

test('nor of a person who is gone, and had the address earlier', async (context) => {
  const { must, sync } = await inFolder(context);
  await sync(...others);
  await sync(...others, '4,kim@x.org,Else,90417');
  const document = await must('privacy', 'export', 'email:kim@x.org');
  assert.ok(document.includes('Else') && !document.includes('Kim'));
  await sync(...others);
  const both = await must('privacy', 'export', 'email:kim@x.org');
  assert.ok(both.includes('Else') && both.includes('Kim'), 'nobody has the address');
});

test('an erasure leaves the person who has an earlier address now, with the address', async (context) => {
  const { must, name, sync, read } = await passAddressOn(context);
  await must('privacy', 'erase', 'no:1', '--yes');
  assert.deepEqual(await name('email:kim@x.org'), ['ElseAmended', 91417]);
  const { rejected } = await sync(...others, '4,kim@x.org,Else,92');
  assert.equal(rejected, 0);
  await read('kim.new@x.org,KimOther', 'kim@x.org,ElseLast');
  assert.deepEqual(await name('email:kim@x.org'), ['ElseAmended', 92]);
  assert.ok((await must('privacy', 'export', 'no:4')).includes('ElseLast'));
  for (const it of ['no:1', 'email:kim.new@x.org']) assert.equal(await name(it), 3);
});
