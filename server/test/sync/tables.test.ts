/**
 * The tables of a run match their declarations in `sync/table/tables.ts`: their columns in the
 * engine, the steps that create them and the steps that read them.
 */
import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { globSync, readFileSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import type { Workbench } from '../../src/sources/workbench.ts';
import { columnsOf, sqlName, type TableName, tables } from '../../src/sync/table/tables.ts';
import { ImportPlace } from './import-place.ts';

const names = Object.keys(tables) as TableName[];
const folder = join(import.meta.dirname, '../../src/sync');

/** The code of each step by its file name. */
const steps = new Map(
  globSync('*/*.ts', { cwd: folder, exclude: ['table/**'] }).map((path) => {
    const text = readFileSync(join(folder, path), 'utf8');
    const isCode = (line: string) => !/^\s*(?:\*|\/\/|\/\*)/.test(line);
    return [basename(path, '.ts'), text.split('\n').filter(isCode).join('\n')] as const;
  }),
);

function stepsThat(find: (code: string) => boolean): string[] {
  return [...steps].flatMap(([step, code]) => (find(code) ? [step] : [])).sort();
}

/** The comment of each table, which names its steps, on one line. */
const comments = new Map(
  [
    ...readFileSync(join(folder, 'table/tables.ts'), 'utf8').matchAll(
      /((?:\n {2}\/\/ .*)+)\n {2}(\w+):/g,
    ),
  ].map(([, comment = '', name = '']) => [name, comment.replaceAll(/\n {2}\/\//g, '')] as const),
);

function listed(name: string, words: string): string[] {
  const [, steps = ''] = new RegExp(`${words} by ([^.]*)\\.`).exec(comments.get(name) ?? '') ?? [];
  return steps
    .split(', ')
    .filter((step) => step !== '')
    .sort();
}

for (const name of names) {
  // Holds the invariant tables-are-declared of sync/SPEC.md.
  test(`${name} is created and read by the steps in its declaration`, () => {
    const makes = new RegExp(
      `make(?:Tables|Views|Macros)\\([^;]*?(?<!\\$\\{|\\.)\\b${name}(?=:|,| \\})|makeEmpty\\([^;]*'${name}'`,
    );
    const reads = new RegExp(
      `\\$\\{(?:[\\w.]+\\.)?${name}\\}|(?:countRows|readLines|readKeys|addRows|marksOf)\\([^;]*?\\b${name}\\b(?!')`,
    );
    assert.deepEqual(
      stepsThat((code) => makes.test(code)),
      listed(name, 'Made'),
    );
    const readers = stepsThat((code) => reads.test(code) && !makes.test(code));
    assert.deepEqual(readers, listed(name, 'Read'));
  });
}

/**
 * Tables that an import does not leave: macros without columns, a table that is dropped, and those
 * of reference rows and of rows that add up, which only syncs write.
 */
const notLeft = [
  ...['digestCells', 'hashKey', 'sealOf', 'hexOf', 'sealDigest', 'unsealDigest'],
  ...['rescannedRows', 'numberedRows', 'referenceRows', 'matchedBaselineRows'],
];

test('the tables that an import leaves in its workbench have the declared columns', async (context) => {
  const place = new ImportPlace(context);
  const seen = new Map<string, string[]>();
  place.onDone = async (workbench) => {
    for (const [table, columns] of await readColumns(workbench)) seen.set(table, columns);
  };
  const rows = Array.from(
    { length: 40 },
    (_, at) => `${hash('sha256', `${at}`)},p${at}@example.com,${at}\n`,
  );
  const path = place.write('people.csv', `hash,email,total\n${rows.join('')}`);
  const asked = {
    mode: 'snapshot' as const,
    identifiers: [
      { type: 'email-hash', column: 'hash' },
      { type: 'email', column: 'email' },
    ],
  };
  await place.import(path, asked);
  const changed = rows.map((row, at) => (at === 3 ? row.replace(',3\n', ',many\n') : row));
  changed[7] = changed[7]?.replace(',7\n', ',700\n') ?? '';
  place.write('people.csv', `hash,email,total\n${changed.join('')}${changed[9]}`);
  await place.import(path, asked);
  // Without a baseline, the store finds the vanished contacts.
  rmSync(join(place.dataFolder, 'snapshots'), { recursive: true });
  await place.import(path, asked);
  const known = new Map(names.map((name) => [sqlName(name), columnsOf(name, 2)]));
  for (const [table, columns] of seen) {
    const declared = known.get(table)?.map((column) => column.split(' '));
    assert.ok(declared !== undefined, `${table} is not declared`);
    const found = new Map(columns.map((column) => column.split(' ') as [string, string]));
    for (const [column = '', type] of declared) {
      const isOptional = column.endsWith('?') && !found.has(column.slice(0, -1));
      if (!isOptional) assert.equal(found.get(column.replace('?', '')), type, `${table}.${column}`);
      found.delete(column.replace('?', ''));
    }
    assert.deepEqual([...found.keys()], [], table);
  }
  const missing = names.filter((name) => !seen.has(sqlName(name)));
  assert.deepEqual(missing.sort(), [...notLeft].sort());
});

/** The columns of each table and view, with their types. */
async function readColumns(workbench: Workbench): Promise<ReadonlyMap<string, string[]>> {
  const rows = await workbench.rows(`SELECT table_name, column_name || ' ' || data_type
    FROM duckdb_columns() WHERE NOT internal ORDER BY column_index`);
  const columns = new Map<string, string[]>();
  for (const [table, column] of rows) {
    columns.set(String(table), [...(columns.get(String(table)) ?? []), String(column)]);
  }
  return columns;
}
