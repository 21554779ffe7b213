/** What becomes of stored values, and of amendments, when the type of their field changes. */
import assert from 'node:assert/strict';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import SqliteDatabase from 'better-sqlite3';
import { dataFiles } from '../../src/domain/data-files.ts';
import { catalog, inFolder, rows } from './privacy-folder.ts';

async function inCatalog(context: TestContext) {
  const folder = await inFolder(context);
  const retyped = (from: string, to: string) => {
    writeFileSync(folder.file('usher.yaml'), catalog.replace(from, to));
    return folder.run('apply', '-f', folder.file('usher.yaml'), '--yes');
  };
  return { ...folder, retyped };
}

const name = 'first_name: { column: Name, type: string }';

test('a Parquet export leaves values of an earlier type out', async (context) => {
  const { file, must, retyped } = await inCatalog(context);
  await must('privacy', 'amend', 'no:1', 'first_name=Thomas');
  const out = file('people.parquet');
  for (const type of ['integer', 'big integer', 'float', 'boolean', 'date', 'set', 'rate']) {
    const { code, stderr } = await retyped(name, name.replace('string', type));
    assert.equal(code, 0, stderr);
    await must('contact', 'export', '--parquet', out);
    assert.ok(existsSync(out), type);
    rmSync(out);
  }
});

test('an amendment stays while its value fits the type', async (context) => {
  const { must, sync, retyped, name: valuesOf } = await inCatalog(context);
  const orders = 'orders: { column: Orders, type: integer }';
  await must('privacy', 'amend', 'no:1', 'orders=7');
  await must('privacy', 'amend', 'no:2', 'orders=-1');
  await retyped(orders, orders.replace('integer', 'positive integer'));
  await sync(...rows);
  assert.deepEqual(await valuesOf('no:1'), ['Kim', 7]);
  assert.deepEqual(await valuesOf('no:2'), ['Eve', 4]);
});

test('a change of type says how many amendments end, and is audited', async (context) => {
  const { data, file, must, run } = await inCatalog(context);
  await must('privacy', 'amend', 'no:1', 'first_name=Thomas');
  await must('privacy', 'amend', 'no:2', 'first_name=7');
  writeFileSync(file('usher.yaml'), catalog.replace(name, name.replace('string', 'big integer')));
  const apply = (...flags: readonly string[]) => run('apply', '-f', file('usher.yaml'), ...flags);
  const words = 'The field first_name would get another type. 1 amendment ends with the next run.';
  const tried = await apply('--dry-run', '--json');
  assert.ok(tried.stderr.includes(words), tried.stderr);
  const [use] = JSON.parse(tried.stdout).uses;
  assert.deepEqual([use.field, use.change, use.amendments], ['first_name', 'retyped', 1]);
  assert.equal((await apply()).code, 1);
  assert.equal((await apply('--yes')).code, 0);
  const database = new SqliteDatabase(join(data, dataFiles.catalog), { readonly: true });
  const ended = database.prepare(
    "SELECT target, before FROM audit WHERE action = 'field.end_amendments'",
  );
  assert.deepEqual(ended.all(), [{ target: 'first_name', before: '{"amendments":1}' }]);
  database.close();
});
