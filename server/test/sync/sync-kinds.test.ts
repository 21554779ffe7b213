/**
 * Syncs of the other kinds of datasets: lists, membership reports, reference rows and incremental
 * sources.
 */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import Database from 'better-sqlite3';
import {
  type IdentitySettingsChange,
  updateIdentityType,
} from '../../src/administration/identity-settings.ts';
import { SyncPlace } from './sync-place.ts';

test('a list marks known contacts, adds none, and tries unknown ones again', async (context) => {
  const place = new SyncPlace(context);
  const people = await place.defineCsv('crm', { name: 'string' });
  people('email,name\ntom@example.org,Tom\neva@example.org,Eva\n');
  await place.sync('crm');
  const list = await place.defineCsv('vips', {}, { kind: 'list' });
  list('email\ntom@example.org\nkim@example.org\n');
  const first = await place.sync('vips');
  assert.deepEqual(
    { changed: first.changed, unmatched: first.unmatched, rejected: first.rejected },
    { changed: 1, unmatched: 1, rejected: 0 },
  );
  assert.equal(await place.find('email:kim@example.org'), undefined);
  people('email,name\ntom@example.org,Tom\neva@example.org,Eva\nkim@example.org,Kim\n');
  await place.sync('crm');
  const second = await place.sync('vips');
  assert.deepEqual(
    { changed: second.changed, unmatched: second.unmatched, unchanged: second.unchanged },
    { changed: 1, unmatched: 0, unchanged: 1 },
  );
  list('email\ntom@example.org\n');
  const third = await place.sync('vips', { approved: null });
  // One of two rows has vanished, which is more than the share allows.
  assert.equal(third.state, 'waiting');
  assert.equal(third.plan?.wouldVanish, 1);
});

test('a row of a list is found by any of its identities, and is gone once none of them is there', async (context) => {
  const place = new SyncPlace(context);
  const identifiers = [
    { identityType: 'email', column: 'email' },
    { identityType: 'user_id', column: 'user' },
  ];
  const people = await place.defineCsv('crm', { name: 'string' }, { identifiers });
  people('email,user,name\ntom@example.org,1,Tom\neva@example.org,2,Eva\n');
  await place.sync('crm');
  const list = await place.defineCsv(
    'vips',
    {},
    { kind: 'list', identifiers, mode: 'snapshot', maxChangeShare: 1 },
  );
  const sync = async (...rows: readonly string[]) => {
    list(`email,user\n${rows.join('\n')}\n`);
    const { unmatched, cleared } = await place.sync('vips');
    return [await place.members(2), unmatched, cleared > 0];
  };
  const marked = ['old@example.org,1', 'eva@example.org,'];
  assert.deepEqual(await sync(...marked), [2, 0, false]);
  assert.deepEqual(await sync(...marked), [2, 0, false]);
  assert.deepEqual(await sync('tom@example.org,9', ',2'), [2, 0, false]);
  assert.deepEqual(await sync('old@example.org,2'), [1, 0, true]);
  assert.deepEqual(await sync('kim@example.org,3', ',1'), [1, 1, true]);
});

test('rows of identities with one key add up, and are sent only if one of them changed', async (context) => {
  const place = new SyncPlace(context);
  const people = await place.defineCsv('crm', { name: 'string' });
  people('email,name\na@example.org,Ann\nb@example.org,Bob\n');
  await place.sync('crm');
  const identifiers = [
    { identityType: 'user_id', column: 'user' },
    { identityType: 'email', column: 'email' },
  ];
  const definition = { kind: 'identity', identifiers, mode: 'snapshot' } as const;
  const links = await place.defineCsv('links', {}, definition);
  const sync = async (...rows: readonly string[]) => {
    links(`user,email\n${rows.join('\n')}\n`);
    const { changed, added, unchanged, cleared, rejected } = await place.sync('links');
    return { changed: added + changed, unchanged, cleared, rejected };
  };
  const none = { changed: 0, unchanged: 0, cleared: 0, rejected: 0 };
  const rows = ['7,a@example.org', '7,A2@example.org', '8,b@example.org'];
  assert.deepEqual(await sync(...rows), { ...none, changed: 2 });
  for (const found of ['user_id:7', 'email:a@example.org', 'email:a2@example.org']) {
    assert.equal((await place.find(found))?.['name'], 'Ann', found);
  }
  const baseline = baselinesOf(place, 2);
  assert.deepEqual(await sync(...rows.toReversed()), { ...none, unchanged: 2 });
  assert.deepEqual(baselinesOf(place, 2), baseline, 'no row was sent');
  // One more row of the first key: the others must come with it.
  assert.deepEqual(await sync(...rows, '7,a3@example.org'), { ...none, changed: 1, unchanged: 1 });
  for (const found of ['email:a@example.org', 'email:a2@example.org', 'email:a3@example.org']) {
    assert.equal((await place.find(found))?.['name'], 'Ann', found);
  }
  assert.deepEqual(await sync('7,a@example.org', '7,no mail', '8,b@example.org'), {
    ...none,
    ...{ changed: 1, unchanged: 1, rejected: 1 },
  });
  assert.equal(await place.find('email:a3@example.org'), undefined);
  assert.deepEqual(await sync('7,no mail', ',c@example.org'), {
    ...none,
    ...{ changed: 1, cleared: 1, rejected: 1 },
  });
  assert.equal(await place.find('user_id:8'), undefined);
  assert.equal((await place.find('user_id:7'))?.['name'], 'Ann', 'its only row was rejected');
});

function baselinesOf(place: SyncPlace, datasetId: number): readonly string[] {
  return readdirSync(join(place.dataFolder, 'snapshots', '1', `${datasetId}`));
}

test('a whole number that JSON holds as a double finds the contact with those digits, in imports, syncs and lists', async (context) => {
  const place = new SyncPlace(context);
  const path = join(place.folder, 'shop.ndjson');
  const identifiers = [{ identityType: 'user_id', column: 'user_id' }];
  const source = { kind: 'file', paths: [path] } as const;
  await place.define('shop', { score: 'float', code: 'string' }, { source, identifiers });
  place.write('shop.ndjson', '{"user_id":123.0,"score":4.0,"code":"7.0"}\n{"user_id":1.24E2}\n');
  assert.equal((await place.sync('shop')).added, 2);
  assert.ok((await place.find('user_id:123')) !== undefined);
  assert.ok((await place.find('user_id:124')) !== undefined);
  const list = join(place.folder, 'vips.json');
  const vips = { kind: 'list', source: { kind: 'file', paths: [list] }, identifiers } as const;
  await place.define('vips', {}, vips);
  place.write('vips.json', '[{"user_id":123.0},{"user_id":"124.0"}]');
  const marked = await place.sync('vips');
  assert.deepEqual(
    { changed: marked.changed, unmatched: marked.unmatched },
    { changed: 1, unmatched: 1 },
  );
  const imported = await place.import(
    place.write('more.json', '[{"user_id":123.0,"height":2.0},{"user_id":125.0,"height":3}]'),
    { identifiers: [{ type: 'user_id', column: 'user_id' }] },
  );
  assert.equal(imported.report.added + imported.report.changed, 2);
  assert.equal(
    imported.plan.columns.find(({ column }) => column === 'height')?.format.type,
    'float',
  );
  assert.ok((await place.find('user_id:125')) !== undefined);
});

test('a flow feed records memberships: the newest counts, and the same feed changes nothing', async (context) => {
  const place = new SyncPlace(context);
  const columns = ['flow_id', 'timestamp', 'flow_name', 'variant', 'operation', 'segment_name'];
  const definition = {
    kind: 'membership',
    feed: 'flow',
    columns: columns.map((column) => ({ column, field: column })),
  } as const;
  const write = await place.defineCsv('flows', {}, { ...definition, mode: 'append' });
  const head = `email,${columns.join(',')}\n`;
  write(
    `${head}tom@example.org,142309,2026-11-01T10:00:00Z,Welcome,,,\n` +
      'tom@example.org,203850,2026-11-02T10:00:00Z,Winback,Variant A,,\n' +
      'tom@example.org,203850,2026-11-01T10:00:00Z,Winback,Variant B,,\n',
  );
  await place.sync('flows');
  assert.deepEqual(await place.memberships('tom@example.org'), ['142309', '203850-Variant A']);
  const before = await place.digest();
  const again = await place.sync('flows', { isFull: true });
  assert.deepEqual({ changed: again.changed, added: again.added }, { changed: 0, added: 0 });
  assert.equal(await place.digest(), before);
  write(`${head}tom@example.org,142309,2026-11-03T10:00:00Z,Welcome,,remove,\n`);
  await place.sync('flows');
  assert.deepEqual(await place.memberships('tom@example.org'), ['203850-Variant A']);
});

test('a campaign feed records campaigns, newest first', async (context) => {
  const place = new SyncPlace(context);
  const columns = ['campaign_id', 'received_at', 'campaign_name', 'channel'];
  const write = await place.defineCsv(
    'sent',
    {},
    {
      ...{ kind: 'membership', feed: 'campaign', mode: 'append' },
      columns: columns.map((column) => ({ column, field: column })),
    },
  );
  write(
    `email,${columns.join(',')}\ntom@example.org,spring,2026-04-01T08:00:00Z,Spring,email\n` +
      'tom@example.org,autumn,2026-10-01T08:00:00Z,Autumn,sms\n',
  );
  await place.sync('sent');
  const campaigns = await place.memberships('tom@example.org', 'campaigns_received');
  assert.deepEqual(
    campaigns.map((campaign) => (campaign as { campaign_id: string }).campaign_id),
    ['autumn', 'spring'],
  );
});

test('queries read reference rows under the name of their dataset', async (context) => {
  const place = new SyncPlace(context);
  const products = await place.defineCsv(
    'products',
    {},
    { kind: 'reference', key: 'sku', identifiers: [], columns: [] },
  );
  products('sku,price\n,2.5\n,10\n');
  await assert.rejects(place.sync('products'), /No row of 2 can be used \(identity_missing\)/);
  products('sku,price\na,2.5\nb,10\nb,11\n,3\n');
  assert.equal((await place.try('products')).plan?.wouldAdd, 2);
  const first = await place.sync('products');
  assert.deepEqual({ added: first.added, rejected: first.rejected }, { added: 2, rejected: 2 });
  const sales = place.write(
    'sales.csv',
    'email,sku,quantity\ntom@example.org,a,4\ntom@example.org,b,1\neva@example.org,a,1\n',
  );
  await place.define(
    'revenue',
    { orders: 'integer', revenue: 'currency' },
    {
      mode: 'snapshot',
      source: {
        kind: 'query',
        files: [['sales', [sales]]],
        sql: `SELECT email, count(*) AS orders, sum(CAST(quantity AS INTEGER) * CAST(price AS DOUBLE)) AS revenue
          FROM sales JOIN products USING (sku) GROUP BY email -- all of them`,
      },
    },
  );
  await place.sync('revenue');
  assert.deepEqual(await place.find('email:tom@example.org'), { orders: 2, revenue: 21 });
  products('sku,price\na,5\nb,11\n,3\n');
  const trial = await place.try('products');
  assert.deepEqual([trial.plan?.wouldAdd, trial.plan?.wouldChange, trial.rejected], [0, 1, 1]);
  products('sku,price\na,5\nb,11\n');
  const changed = await place.sync('products', { approved: null });
  assert.equal(changed.state, 'waiting');
  assert.equal(changed.plan?.wouldChange, 1);
});

test('an incremental dataset reads only new rows, and all of them after a new definition', async (context) => {
  const place = new SyncPlace(context);
  const path = join(place.folder, 'crm.sqlite');
  const database = new Database(path);
  database.exec('CREATE TABLE people (email TEXT, name TEXT, visits TEXT, updated_at TEXT)');
  const insert = database.prepare('INSERT INTO people VALUES (?, ?, ?, ?)');
  for (let index = 0; index < 20; index += 1) {
    insert.run(
      `c${index}@example.org`,
      `Name ${index}`,
      index === 7 ? 'seven' : '1',
      '2026-11-01 10:00:00',
    );
  }
  const definition = {
    source: { kind: 'sqlite', path, sql: 'SELECT * FROM people' },
    mode: 'incremental',
    updatedAt: 'updated_at',
    maxChangeShare: 1,
  } as const;
  await place.define('crm', { name: 'string', visits: 'integer' }, definition);
  const first = await place.sync('crm');
  assert.deepEqual(
    { read: first.rowsRead, added: first.added, rejected: first.rejected },
    { read: 20, added: 19, rejected: 1 },
  );
  insert.run('new@example.org', 'New', '2', '2026-11-02 10:00:00');
  const second = await place.sync('crm');
  assert.equal(second.added, 1);
  const third = await place.sync('crm');
  assert.deepEqual({ read: third.rowsRead, unchanged: third.unchanged }, { read: 1, unchanged: 1 });
  await place.define('crm', { name: 'string', visits: 'string' }, definition);
  const fourth = await place.sync('crm');
  assert.deepEqual({ read: fourth.rowsRead, rejected: fourth.rejected }, { read: 21, rejected: 0 });
  assert.deepEqual(await place.find('email:c7@example.org'), { name: 'Name 7', visits: 'seven' });
  const administration = await place.administration();
  const email = (settings: IdentitySettingsChange) =>
    updateIdentityType(administration, 1, { name: 'email', settings });
  await email({ blocked: ['c7@'] });
  const fifth = await place.sync('crm');
  assert.deepEqual({ read: fifth.rowsRead, rejected: fifth.rejected }, { read: 21, rejected: 1 });
  assert.equal((await place.sync('crm')).rowsRead, 1);
  await email({ isStable: true });
  assert.equal((await place.sync('crm')).rowsRead, 21, 'rows may have another key now');
  await email({ joins: false, maxPerContact: 1, sharedLimit: 1 });
  assert.equal((await place.sync('crm')).rowsRead, 1);
  await administration.catalog.close();
  database.close();
});
