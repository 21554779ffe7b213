/**
 * Rules for datasets: the members, sources and modes of each kind, and problems with their paths.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defineDataset } from '../../src/administration/dataset/define-dataset.ts';
import { DefinitionProblems } from '../../src/administration/dataset/definition-problems.ts';
import { removeDataset } from '../../src/administration/dataset/remove-dataset.ts';
import { readDatasetDocument } from '../../src/administration/document/dataset-document.ts';
import { DocumentReader } from '../../src/administration/document/document-reader.ts';
import { UsherError } from '../../src/domain/errors.ts';
import { type CatalogForTest, inCatalog, isProblem } from './in-catalog.ts';

/**
 * Defines a dataset from a document.
 * @returns the paths of its problems
 */
async function faults(
  { operator }: CatalogForTest,
  document: unknown,
  name = 'set',
): Promise<readonly string[]> {
  const problems = new DefinitionProblems();
  try {
    const request = readDatasetDocument(new DocumentReader(document, '', problems), name);
    problems.throwIfAny();
    await defineDataset(operator, 1, request);
    return [];
  } catch (error) {
    if (!(error instanceof UsherError) || error.code !== 'definition_invalid') throw error;
    const { problems: found } = error.members;
    return (found as { path: string }[]).map(({ path }) => path).toSorted();
  }
}

const email = { identifiers: { email: 'Mail' } };
const pair = { identifiers: { email: 'Mail', 'email-hash': 'Hash' } };
const file = { kind: 'file', paths: ['/data/a.csv'] };

test('each kind of dataset refuses the members of other kinds', async () => {
  await using catalog = await inCatalog();
  const cases: readonly (readonly [string, object, readonly string[]])[] = [
    ['contact', { kind: 'contact', ...email }, []],
    ['contact without identifiers', { kind: 'contact' }, ['/identifiers']],
    ['contact with a key', { ...email, key: 'K', feed: 'flow' }, ['/feed', '/key']],
    ['reference', { kind: 'reference', source: file, key: 'Id' }, []],
    ['reference without key', { kind: 'reference', source: file }, ['/key']],
    ['reference of contacts', { kind: 'reference', key: 'Id', ...email }, ['/identifiers']],
    ['reference that appends', { kind: 'reference', key: 'Id', mode: 'append' }, ['/mode']],
    ['list', { kind: 'list', source: file, ...email }, []],
    ['list with fields', { kind: 'list', ...email, fields: { a: { type: 'text' } } }, ['/fields']],
    ['feed', { kind: 'membership', feed: 'flow', ...email }, []],
    ['feed of nothing', { kind: 'membership', ...email }, ['/feed']],
    [
      'feed as snapshot',
      { kind: 'membership', feed: 'flow', mode: 'snapshot', ...email },
      ['/mode'],
    ],
    [
      'feed with a wrong column',
      { kind: 'membership', feed: 'campaign', ...email, columns: { campagn_id: 'C' } },
      ['/columns/campagn_id'],
    ],
    ['identity', { kind: 'identity', source: file, ...pair }, []],
    ['identity as snapshot', { kind: 'identity', mode: 'snapshot', ...pair }, []],
    [
      'identity of one type',
      { kind: 'identity', identifiers: { email: ['Mail', 'Old mail'] } },
      [],
    ],
    ['identity of one column', { kind: 'identity', ...email }, ['/identifiers']],
    ['identity without identifiers', { kind: 'identity' }, ['/identifiers']],
    [
      'identity with a column twice',
      { kind: 'identity', identifiers: { email: 'Mail', 'email-hash': 'Mail' } },
      ['/identifiers/email-hash'],
    ],
    [
      'identity with fields',
      { kind: 'identity', ...pair, fields: { a: { type: 'text' } } },
      ['/fields'],
    ],
    [
      'identity with a key and a feed',
      { kind: 'identity', ...pair, key: 'K', feed: 'flow' },
      ['/feed', '/key'],
    ],
    [
      'identity with columns',
      { kind: 'identity', ...pair, columns: { flow_id: 'F' } },
      ['/columns'],
    ],
    [
      'identity of changed rows',
      { kind: 'identity', source: file, mode: 'incremental', updated_at: 'At', ...pair },
      ['/mode'],
    ],
    ['identity that is pushed', { kind: 'identity', source: { kind: 'push' }, ...pair }, []],
    [
      'identity that is pushed as snapshot',
      { kind: 'identity', source: { kind: 'push' }, mode: 'snapshot', ...pair },
      ['/mode'],
    ],
    ['list that is pushed', { kind: 'list', source: { kind: 'push' }, ...email }, ['/source/kind']],
    ['unknown kind', { kind: 'people', ...email }, ['/kind']],
    ['unknown member', { ...email, identifers: {} }, ['/identifers']],
  ];
  for (const [title, document, expected] of cases) {
    const name = title.replaceAll(' ', '_');
    assert.deepEqual(await faults(catalog, document, name), expected, title);
  }
});

test('a required column of a feed has its own name by default', async () => {
  await using catalog = await inCatalog();
  const feed = { kind: 'membership', feed: 'campaign', ...email, columns: { channel: 'Via' } };
  assert.deepEqual(await faults(catalog, feed, 'sent'), []);
  const dataset = await catalog.operator.catalog.read((view) => view.findDataset(1, 'sent'));
  assert.deepEqual(dataset?.definition?.columns, [
    { column: 'campaign_id', field: 'campaign_id' },
    { column: 'received_at', field: 'received_at' },
    { column: 'Via', field: 'channel' },
  ]);
});

test('each kind of source refuses the members of other kinds', async () => {
  await using catalog = await inCatalog();
  const sql = 'SELECT 1';
  const cases: readonly (readonly [object | string, readonly string[]])[] = [
    [{ kind: 'file', paths: ['/a/*.csv', '/b/**/c.csv.gz'] }, []],
    [{ kind: 'file', paths: ['a.csv'] }, ['/source/paths/0']],
    [{ kind: 'file', paths: [] }, ['/source/paths']],
    [{ kind: 'file', sql, paths: ['/a.csv'] }, ['/source/sql']],
    [{ kind: 'query', files: { sales: '/a.csv', more: ['/b.csv'] }, sql }, []],
    [{ kind: 'query', files: { 'Sales!': '/a.csv' }, sql }, ['/source/files/Sales!']],
    [{ kind: 'query', files: { sales: '/a.csv' } }, ['/source/sql']],
    [{ kind: 'postgres', url: 'env:DATABASE_URL', sql }, []],
    [{ kind: 'postgres', url: 'postgres://me:secret@host/db', sql }, ['/source/url']],
    [{ kind: 'mysql', url: 'file:/run/secrets/url', sql }, []],
    [{ kind: 'sqlite', path: '/data/a.sqlite', sql }, []],
    [{ kind: 'sqlite', path: 'a.sqlite' }, ['/source/path', '/source/sql']],
    [{ kind: 'http', url: 'https://example.com/a.csv' }, []],
    [{ kind: 'http', url: 'https://me:secret@example.com/a.csv' }, ['/source/url']],
    [{ kind: 'http', url: 'ftp://example.com/a.csv' }, ['/source/url']],
    [
      { kind: 'http', url: 'https://example.com/a', headers: { Authorization: 'Bearer x' } },
      ['/source/headers/Authorization'],
    ],
    [{ kind: 'http', url: 'https://example.com/a', pages: { items: '/data', next: '/n' } }, []],
    [{ kind: 'push' }, []],
    [{ kind: 'kafka' }, ['/source/kind']],
    [{}, ['/source']],
    ['/a.csv', ['/source']],
  ];
  for (const [source, expected] of cases) {
    const found = await faults(catalog, { ...email, source });
    assert.deepEqual(found, expected, JSON.stringify(source));
  }
});

test('an error does not repeat a secret that was given in place of a reference', async () => {
  await using catalog = await inCatalog();
  const source = { kind: 'postgres', url: 'postgres://me:hunter2@host/db', sql: 'SELECT 1' };
  const problems = new DefinitionProblems();
  readDatasetDocument(new DocumentReader({ ...email, source }, '', problems), 'set');
  assert.throws(
    () => problems.throwIfAny(),
    (error: UsherError) => !JSON.stringify([error.detail, error.members]).includes('hunter2'),
  );
  assert.deepEqual(await faults(catalog, { ...email, source }), ['/source/url']);
});

test('mode, schedule and guards fit the source', async () => {
  await using catalog = await inCatalog();
  const sql = { kind: 'postgres', url: 'env:URL', sql: 'SELECT 1' };
  const cases: readonly (readonly [object, readonly string[]])[] = [
    [{ source: sql, mode: 'incremental', updated_at: 'changed' }, []],
    [{ source: sql, mode: 'incremental' }, ['/updated_at']],
    [{ source: sql, updated_at: 'changed' }, ['/updated_at']],
    [{ mode: 'incremental', updated_at: 'changed' }, ['/mode']],
    [{ source: { kind: 'push' }, mode: 'snapshot' }, ['/mode']],
    [{ source: { kind: 'push' }, schedule: { cron: '0 4 * * *' } }, ['/schedule']],
    [{ schedule: { cron: '0 4 * * *' } }, ['/schedule']],
    [{ source: file, schedule: { cron: '0 4 * * *', time_zone: 'Europe/Berlin' } }, []],
    [{ source: file, schedule: { cron: '30 0 4 * * *' } }, []],
    [{ source: file, schedule: { cron: '*/10 * * * * *' } }, ['/schedule/cron']],
    [{ source: file, schedule: { cron: 'daily' } }, ['/schedule/cron']],
    [
      { source: file, schedule: { cron: '0 4 * * *', time_zone: 'Mars/Olympus' } },
      ['/schedule/time_zone'],
    ],
    [{ max_change_share: 1.1 }, ['/max_change_share']],
    [{ max_change_share: Number.NaN }, ['/max_change_share']],
    [{ max_age: { after: '1s' } }, ['/max_age/after']],
    [{ max_age: { after: 'a while' } }, ['/max_age/after']],
    [{ max_age: { after: '2d', policy: 'drop' } }, ['/max_age/policy']],
  ];
  for (const [members, expected] of cases) {
    const found = await faults(catalog, { ...email, ...members });
    assert.deepEqual(found, expected, JSON.stringify(members));
  }
});

test('a field has a column, a type, and settings that fit the type', async () => {
  await using catalog = await inCatalog();
  const cases: readonly (readonly [object, readonly string[]])[] = [
    [{ city: { type: 'string' } }, []],
    [{ city: { column: 'C' } }, []],
    [{ town: { column: 'C' } }, ['/fields/town/type']],
    [{ City: { type: 'string' } }, ['/fields/City']],
    [{ recent_events: { type: 'set' } }, ['/fields/recent_events']],
    [{ a: { type: 'integer', implied_value: 'many' } }, ['/fields/a/implied_value']],
    [{ a: { type: 'date', format: { separator: ';' } } }, ['/fields/a/format/separator']],
    [{ a: { type: 'set', format: { separator: ';;' } } }, ['/fields/a/format/separator']],
    [{ a: { type: 'string', sensitivity: 'secret' } }, ['/fields/a/sensitivity']],
    [{ a: { type: 'string', content: 'on' } }, ['/fields/a/content']],
    [{ a: { column: 'X', type: 'string' }, b: { column: 'X', type: 'text' } }, ['/fields/b']],
  ];
  for (const [fields, expected] of cases) {
    const found = await faults(catalog, { ...email, fields });
    assert.deepEqual(found, expected, JSON.stringify(fields));
  }
  const owned = { ...email, fields: { city: { type: 'string' } } };
  assert.deepEqual(await faults(catalog, owned, 'other'), ['/fields/city']);
});

test('names such as __proto__ are checked like any other name', async () => {
  await using catalog = await inCatalog();
  const document = JSON.parse(
    '{"identifiers":{"__proto__":"A"},"fields":{"__proto__":{"type":"text"},"constructor":{"type":"text"}}}',
  );
  assert.deepEqual(await faults(catalog, document), [
    '/fields/__proto__',
    '/identifiers/__proto__',
  ]);
});

test('there are at most ten reference datasets, and no query table has the name of one', async () => {
  await using catalog = await inCatalog();
  const reference = { kind: 'reference', source: file, key: 'Id' };
  for (let count = 0; count < 10; count += 1) {
    assert.deepEqual(await faults(catalog, reference, `products_${count}`), []);
  }
  assert.deepEqual(await faults(catalog, reference, 'one_more'), ['/kind']);
  const source = { kind: 'query', files: { products_3: '/a.csv' }, sql: 'SELECT 1' };
  assert.deepEqual(await faults(catalog, { ...email, source }), ['/source/files/products_3']);
  const sales = { kind: 'query', files: { sales: '/a.csv' }, sql: 'SELECT 1' };
  assert.deepEqual(await faults(catalog, { ...email, source: sales }), []);
  assert.deepEqual((await faults(catalog, reference, 'sales')).toSorted(), ['/kind', '/name']);
});

test('a feed that has run is removed only after its reports are cleared', async () => {
  await using catalog = await inCatalog();
  const { operator } = catalog;
  const feed = { kind: 'membership', feed: 'flow', mode: 'append', source: file, ...email };
  assert.deepEqual(await faults(catalog, feed), []);
  await removeDataset(operator, 1, { name: 'set', force: false, sections: 0 });
  assert.deepEqual(await faults(catalog, feed), []);
  const [dataset] = await operator.catalog.read((view) => view.listDatasets(1));
  await operator.catalog.startRun({
    ...{ id: 'run', organizationId: 1, datasetId: dataset?.id ?? 0, kind: 'sync' },
    ...{ trigger: 'command', definitionVersion: 1, approvalOf: null, startedAtMs: 1 },
  } as const);
  const removal = { name: 'set', force: true, sections: 0 };
  await assert.rejects(
    removeDataset(operator, 1, removal),
    isProblem('approval_required', /may still hold reports of set/),
  );
  await removeDataset(operator, 1, { ...removal, isCleared: true });
});

test('an identity dataset that has run is removed only after its rows are cleared', async () => {
  await using catalog = await inCatalog();
  const { operator } = catalog;
  assert.deepEqual(await faults(catalog, { kind: 'identity', source: file, ...pair }), []);
  const [dataset] = await operator.catalog.read((view) => view.listDatasets(1));
  await operator.catalog.startRun({
    ...{ id: 'run', organizationId: 1, datasetId: dataset?.id ?? 0, kind: 'sync' },
    ...{ trigger: 'command', definitionVersion: 1, approvalOf: null, startedAtMs: 1 },
  } as const);
  const removal = { name: 'set', force: true, sections: 0 };
  await assert.rejects(
    removeDataset(operator, 1, removal),
    isProblem('approval_required', /Rows of set may still join contacts/),
  );
  await removeDataset(operator, 1, { ...removal, isCleared: true });
});
