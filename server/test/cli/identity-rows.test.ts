/** Contacts that only rows of identities make, and the log of joins once such rows are gone. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import { catalog, inFolder } from './privacy-folder.ts';

const same = [
  '  shop:',
  '    source: { kind: file, paths: [shop.csv] }',
  '    identifiers: { user_id: User, email: Mail }',
  '    fields: { topic: { column: Topic, type: string } }',
  '    mode: snapshot',
  '    max_change_share: 1',
  '  same:',
  '    kind: identity',
  '    source: { kind: file, paths: [same.csv] }',
  '    identifiers: { user_id: User, no: No, email: Mail }',
  '    mode: snapshot',
  '',
].join('\n');

async function withSame(context: TestContext) {
  const folder = await inFolder(context);
  const { file, must } = folder;
  writeFileSync(
    file('usher.yaml'),
    catalog.replace('  no: exact', '  no: exact\n  user_id: exact') + same,
  );
  writeFileSync(file('shop.csv'), 'User,Mail,Topic\n2,,S\n');
  writeFileSync(file('same.csv'), 'User,No,Mail\n');
  await must('apply', '-f', file('usher.yaml'), '--yes');
  const read = async (dataset: string, text: string) => {
    writeFileSync(file(`${dataset}.csv`), text);
    await must('sync', 'run', dataset, '--yes');
  };
  return { ...folder, read };
}

type Join = { kind: string; dataset: string };

test('after the rollback of a run that joined contacts, the log says what else joins them', async (t) => {
  const { must, read } = await withSame(t);
  await read('shop', 'User,Mail,Topic\n2,,S\n');
  await read('same', 'User,No,Mail\n2,2,\n');
  await read('shop', 'User,Mail,Topic\n2,eve@x.org,S\n');
  await must('sync', 'rollback', 'same', '--yes');
  const joins = JSON.parse(await must('contact', 'joins', '--json'));
  assert.deepEqual(
    joins.map(({ kind, dataset }: Join) => [kind, dataset]),
    [['join', 'shop']],
  );
  await must('contact', 'unmerge', '--since', '1h', '--by', 'shop', '--yes');
  const contact = JSON.parse(
    await must('get', 'user_id:2', '--fields', 'topic,first_name'),
  ).contact;
  assert.deepEqual(contact, { topic: 'S', first_name: null });
});

test('a contact that only a row of identities makes is exported as it is erased', async (t) => {
  const { must, read, run } = await withSame(t);
  await read('same', 'User,No,Mail\n9,9,solo@x.org\n');
  assert.equal((await run('get', 'no:9')).code, 3);
  const document = JSON.parse(await must('privacy', 'export', 'no:9'));
  const values = document.identities.map(
    (it: { identity: { value: string } }) => it.identity.value,
  );
  assert.deepEqual(values.sort(), ['9', '9', 'solo@x.org']);
  assert.notEqual(document.contact_id, null);
  const erased = JSON.parse(await must('privacy', 'erase', 'no:9', '--yes', '--json'));
  assert.equal(erased.counts.identities, values.length);
  assert.equal((await run('privacy', 'export', 'no:9')).code, 3);
});
