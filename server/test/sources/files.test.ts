/**
 * Several files as one source: which files belong to it, in which order they are read, and how
 * their rows are named.
 */
import assert from 'node:assert/strict';
import {
  appendFileSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { openEitherWay } from '../../src/sync/stage/open-either-way.ts';
import { refusal } from '../domain/refusal.ts';
import { ImportPlace } from '../sync/import-place.ts';

const filesOf = (...paths: readonly string[]) => ({ kind: 'file' as const, paths });

test('files of a glob are read in the order of their names: the last row of a contact wins', async (context) => {
  const place = new ImportPlace(context);
  place.write('sales_2.csv', 'email,name\nb@x.org,second\nc@x.org,Cy\n');
  place.write('sales_1.csv', 'email,name\na@x.org,Ann\nb@x.org,first\n');
  place.write('other.csv', 'email,name\nd@x.org,Di\n');
  const { report, rejections } = await place.importDefined(
    filesOf(join(place.folder, 'sales_*.csv')),
  );
  assert.deepEqual([report.rowsRead, report.added, report.rejected], [4, 3, 1]);
  assert.equal((await place.find('email:b@x.org'))?.['name'], 'second');
  assert.match(rejections[0] ?? '', /^sales_1\.csv,2,email,identity_repeated,/);
});

test('each file has its own separator, encoding, compression and order of columns', async (context) => {
  const place = new ImportPlace(context);
  place.write('1.csv', 'email,name,age\na@x.org,Ann,1\n');
  place.write('2.csv', Buffer.from('name;age;email\nZoë;2;b@x.org\n', 'latin1'));
  place.write('3.csv.gz', gzipSync('age,email,name\n3,c@x.org,Cy\n'));
  place.write('4.tsv', Buffer.from('\ufeffemail\tage\tname\nd@x.org\t4\tDi\n', 'utf16le'));
  const { report, notes } = await place.importDefined(filesOf(join(place.folder, '[0-9].*')));
  assert.deepEqual([report.rowsRead, report.added, report.rejected], [4, 4, 0]);
  assert.deepEqual(await place.find('email:b@x.org'), { email: 'b@x.org', name: 'Zoë', age: 2 });
  assert.deepEqual(await place.find('email:d@x.org'), { email: 'd@x.org', name: 'Di', age: 4 });
  assert.match(notes.join(' '), /2\.csv is read as Windows-1252/);
});

test('a broken row is reported with its file and its row number in it', async (context) => {
  const place = new ImportPlace(context);
  place.write('1.csv', 'email,name\na@x.org,Ann\nb@x.org,Bob\n');
  place.write('2.csv', 'email,name\nc@x.org,Cy\nbroken\nd@x.org,Di\n');
  place.write('3.csv', 'email,name\nno mail,E\nf@x.org,F\n');
  const { report, rejections } = await place.importDefined(filesOf(join(place.folder, '?.csv')), {
    identifiers: [{ type: 'email', column: 'email' }],
  });
  assert.deepEqual([report.rowsRead, report.added, report.rejected], [7, 5, 2]);
  assert.deepEqual(rejections, [
    '2.csv,2,,value_invalid,has 1 cells where the header has 2',
    '3.csv,1,email,identity_invalid,has no @',
  ]);
  assert.equal(report.first[1]?.file, '3.csv');
});

test('a file with other columns is refused, and the message names the file and the places', async (context) => {
  const place = new ImportPlace(context);
  place.write('1.csv', 'email,name\na@x.org,Ann\n');
  place.write('2.csv', 'email,nom,ville\na@x.org,Ann,Lyon\n');
  await assert.rejects(
    place.importDefined(filesOf(join(place.folder, '*.csv'))),
    refusal(
      /^2\.csv does not have the columns of 1\.csv: it lacks column 2 of that file and has columns 2, 3 besides/,
    ),
  );
});

test('JSON files need not have the same keys, and files without rows do no harm', async (context) => {
  const place = new ImportPlace(context);
  place.write('1.ndjson', '{"email":"a@x.org","name":"Ann"}\n');
  place.write('2.ndjson', '');
  place.write('3.ndjson', '{"age":3,"email":"b@x.org"}\n');
  const { report } = await place.importDefined(filesOf(join(place.folder, '*.ndjson')));
  assert.equal(report.added, 2);
  assert.deepEqual(await place.find('email:b@x.org'), { email: 'b@x.org', age: 3 });
});

test('a file with only a header is read among files with rows, and refused alone', async (context) => {
  const place = new ImportPlace(context);
  const empty = place.write('1.csv', 'email,name\n');
  place.write('2.csv', 'email,name\na@x.org,Ann\nno mail,B\n');
  const { report, rejections } = await place.importDefined(filesOf(join(place.folder, '*.csv')), {
    identifiers: [{ type: 'email', column: 'email' }],
  });
  assert.equal(report.added, 1);
  assert.match(rejections[0] ?? '', /^2\.csv,2,/);
  await assert.rejects(place.importDefined(filesOf(empty)), refusal(/a header and no rows/));
});

test('files of different formats are refused together', async (context) => {
  const place = new ImportPlace(context);
  place.write('1.csv', 'email\na@x.org\n');
  place.write('2.ndjson', '{"email":"b@x.org"}\n');
  await assert.rejects(
    place.importDefined(filesOf(join(place.folder, '[12].*'))),
    refusal(/1\.csv and 2\.ndjson have different formats/),
  );
});

test('two stars descend into folders, and the names of files contain the folder', async (context) => {
  const place = new ImportPlace(context);
  for (const [folder, email] of [
    ['2026/01', 'a'],
    ['2026/02', 'b'],
    ['.hidden', 'h'],
  ] as const) {
    mkdirSync(join(place.folder, folder), { recursive: true });
    place.write(`${folder}/day.csv`, `email,name\n${email}@x.org,Ann\nno mail,x\n`);
  }
  const { report, rejections } = await place.importDefined(
    filesOf(join(place.folder, '**/day.csv')),
    { identifiers: [{ type: 'email', column: 'email' }] },
  );
  assert.deepEqual([report.rowsRead, report.added], [4, 2]);
  assert.deepEqual(
    rejections.map((line) => line.split(',').slice(0, 2).join(',')),
    ['01/day.csv,2', '02/day.csv,2'],
  );
});

for (const [name, make, words] of [
  ['no match', () => 'sales_*.csv', /No file matches .*sales_\*\.csv/],
  ['a missing folder', () => 'nowhere/*.csv', /No file matches/],
  [
    'a link to a file outside of the folder',
    (place: ImportPlace) => {
      place.write('secret.csv', 'email\na@x.org\n');
      mkdirSync(join(place.folder, 'drop'));
      symlinkSync(join(place.folder, 'secret.csv'), join(place.folder, 'drop', 'x.csv'));
      return 'drop/*.csv';
    },
    /x\.csv is a link to a file outside of the glob's folder/,
  ],
  [
    'a link to itself',
    (place: ImportPlace) => {
      symlinkSync(join(place.folder, 'x.csv'), join(place.folder, 'x.csv'));
      return '*.csv';
    },
    /x\.csv is a link to a file that does not exist/,
  ],
  [
    'more files than can be read',
    (place: ImportPlace) => {
      for (let n = 0; n < 1_001; n += 1) place.write(`${n}.csv`, 'email\n');
      return '*.csv';
    },
    /more than 1000/,
  ],
  [
    'a tree that is too deep',
    (place: ImportPlace) => {
      mkdirSync(join(place.folder, 'd/'.repeat(20)), { recursive: true });
      return '**/*.csv';
    },
    /more than 16 folders deep/,
  ],
] as const) {
  test(`a glob is refused with a reason: ${name}`, async (context) => {
    const place = new ImportPlace(context);
    const pattern = make(place);
    await assert.rejects(place.importDefined(filesOf(join(place.folder, pattern))), refusal(words));
  });
}

test('a path that is not absolute is refused', async (context) => {
  const place = new ImportPlace(context);
  await assert.rejects(place.importDefined(filesOf('people.csv')), refusal(/not an absolute path/));
});

for (const name of [
  'a[1].csv',
  'b*.csv',
  'c?.csv',
  `q'u"o.csv`,
  'new\nline[2].csv',
  'back\\slash*.csv',
]) {
  test(`the file ${JSON.stringify(name)} is read by its name, not treated as a glob`, async (context) => {
    const place = new ImportPlace(context);
    for (const decoy of ['a1.csv', 'bb.csv', 'cc.csv', 'back\\slashes.csv']) {
      place.write(decoy, 'email,name\nwrong@x.org,wrong\n');
    }
    const path = place.write(name, 'email,name\na@x.org,Ann\n');
    const { report } = await place.importDefined(filesOf(path));
    assert.equal(report.added, 1);
    assert.equal((await place.find('email:a@x.org'))?.['name'], 'Ann');
  });
}

test('a data folder whose name looks like a glob works like others', async (context) => {
  const place = new ImportPlace(context);
  mkdirSync(join(place.folder, 'data[1]'));
  Object.assign(place, { dataFolder: join(place.folder, 'data[1]', 'it*') });
  Object.assign(place.settings, { dataFolder: place.dataFolder });
  const path = place.write('people.csv', 'email,name\na@x.org,Ann\nbroken\n');
  const { report } = await place.importDefined(filesOf(path));
  assert.deepEqual([report.added, report.rejected], [1, 1]);
  assert.equal((await place.importDefined(filesOf(path))).report.unchanged, 1);
});

test('a folder named like a partition adds no column', async (context) => {
  const place = new ImportPlace(context);
  mkdirSync(join(place.folder, 'name=wrong'));
  place.write('name=wrong/1.csv', 'email,name\na@x.org,Ann\n');
  place.write('name=wrong/2.csv', 'email,name\nb@x.org,Bob\n');
  await place.importDefined(filesOf(join(place.folder, '*/*.csv')));
  assert.deepEqual(await place.find('email:a@x.org'), { email: 'a@x.org', name: 'Ann' });
});

for (const [name, change] of [
  ['grows', (path: string) => appendFileSync(path, 'b@x.org,Bob\n')],
  ['shrinks', (path: string) => truncateSync(path, 30)],
  ['is replaced', (path: string) => replace(path)],
  ['is removed', (path: string) => rmSync(path)],
] as const) {
  test(`a file that ${name} while it is read is refused, and nothing is applied`, async (context) => {
    const place = new ImportPlace(context);
    const rows = Array.from({ length: 200_000 }, (_, n) => `p${n}@x.org,Ann`).join('\n');
    const path = place.write('people.csv', `email,name\n${rows}\n`);
    const identifier = {
      type: 'email',
      get column() {
        // Read when the plan is made. By then the file is open, but not yet read to its end.
        change(path);
        return 'email';
      },
    };
    await assert.rejects(
      place.importDefined(filesOf(path), { identifiers: [identifier] }),
      refusal(/people\.csv changed while it was read/, 'source_unavailable'),
    );
    assert.equal(await place.find('email:p1@x.org'), undefined);
  });
}

/**
 * Replaces the file by writing another one beside it and renaming that. It has the same size and
 * other content.
 */
function replace(path: string): void {
  writeFileSync(`${path}.new`, readFileSync(path, 'utf8').replaceAll('Ann', 'Bob'));
  renameSync(`${path}.new`, path);
}

test('a sync also refuses a file that changed while it was read', async (context) => {
  const place = new ImportPlace(context);
  const path = place.write('people.csv', 'email,name\na@x.org,Ann\n');
  const { source, workbench } = await place.openDefined(filesOf(path));
  context.after(() => workbench.close());
  const work = () => Promise.resolve(appendFileSync(path, 'b@x.org,Bob\n'));
  await assert.rejects(
    openEitherWay({ source, workbench }, work),
    refusal(/changed while it was read/, 'source_unavailable'),
  );
});

const emails = [{ type: 'email', column: 'email' }];

async function since(place: ImportPlace, path: string, from: string | null) {
  const { report, watermark } = await place.importDefined(filesOf(path), {
    identifiers: emails,
    watermark: { column: 'changed', from },
  });
  return { read: report.rowsRead, watermark };
}

for (const [kind, values, highest] of [
  ['times', ['2026-01-02', '2026-01-10 08:00:00', '2026-01-10T09:00:00+02:00'], '2026-01-10 08:00'],
  ['numbers', ['9', '10.5', '-3'], '10.5'],
  ['texts', ['rev-a', 'rev-c', 'rev-b'], 'rev-c'],
] as const) {
  test(`only rows since the watermark are read: ${kind} compare as ${kind}`, async (context) => {
    const place = new ImportPlace(context);
    const rows = values.map((value, n) => `p${n}@x.org,${value}`).join('\n');
    const path = place.write('people.csv', `email,changed\n${rows}\nalways@x.org,\n`);
    const first = await since(place, path, null);
    assert.equal(first.read, 4);
    assert.ok(first.watermark?.includes(highest), String(first.watermark));
    // The row at the watermark itself, and the row without a time of change.
    const second = await since(place, path, first.watermark);
    assert.deepEqual(second, { read: 2, watermark: first.watermark });
  });
}

test('a rejected row keeps its number when only some rows are read', async (context) => {
  const place = new ImportPlace(context);
  const path = place.write(
    'people.csv',
    'email,changed\na@x.org,2026-01-01\nb@x.org,2026-01-02\nno mail,2026-01-03\n',
  );
  const { rejections } = await place.importDefined(filesOf(path), {
    identifiers: emails,
    watermark: { column: 'changed', from: 'time:2026-01-02' },
  });
  assert.match(rejections[0] ?? '', /^3,email,identity_invalid/);
});

test('one row dated far ahead hides no later row', async (context) => {
  const place = new ImportPlace(context);
  const path = place.write(
    'people.csv',
    'email,changed\na@x.org,2026-01-01\nb@x.org,2999-01-01\nc@x.org,infinity\nd@x.org,9999999\n',
  );
  const { watermark } = await since(place, path, null);
  assert.match(String(watermark), /^time:2026-01-01/);
});

test('a watermark never moves back, and a column of dates that are not ISO is refused', async (context) => {
  const place = new ImportPlace(context);
  const old = place.write('old.csv', 'email,changed\na@x.org,2020-01-01\nb@x.org,\n');
  const { watermark } = await since(place, old, 'time:2026-01-02 00:00:00+00');
  assert.match(String(watermark), /2026-01-02/);
  const slashed = place.write(
    'slashed.csv',
    'email,changed\na@x.org,4/8/2026\nb@x.org,12/1/2025\n',
  );
  await assert.rejects(since(place, slashed, null), refusal(/whose text does not sort by time/));
  await assert.rejects(
    since(place, place.write('x.csv', 'email,when\na@x.org,1\n'), null),
    refusal(
      /There is no column changed.*The source has 2 columns, none of which the definition names/,
    ),
  );
});
