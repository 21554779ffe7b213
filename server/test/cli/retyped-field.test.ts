/** What becomes of stored values, and of amendments, when the type of their field changes. */
import assert from 'node:assert/strict';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
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
