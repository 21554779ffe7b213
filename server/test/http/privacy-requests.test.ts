/** What erasing, exporting and correcting people over HTTP does, and what is kept of it. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { privacyExportSchema } from '@usher/contract/privacy-schema';
import { shapeFaults } from '../../src/http/call/check-shape.ts';
import { codeOf, type Json } from './start-joins.ts';
import { startPrivacy } from './start-privacy.ts';

type Person = Awaited<ReturnType<typeof startPrivacy>>;

/** Kim has a row in each dataset, which an e-mail joins. */
async function addKim({ push }: Person): Promise<void> {
  await push('shop', { user: '1', email: 'kim@hello.com', name: 'Kim' });
  await push('web', { user: '2', email: 'kim@hello.com', name: 'Kimmy' });
  await push('shop', { user: '3', email: 'eve@hello.com', name: 'Eve' });
}

async function exportOf({ ask }: Person, identity: string): Promise<Json> {
  const { status, body } = await ask('export', { identity });
  assert.equal(status, 200, JSON.stringify(body));
  assert.deepEqual(shapeFaults(privacyExportSchema, body), []);
  return body;
}

const valuesOf = (exported: Json) =>
  (exported['values'] as Json[]).map(({ field, value, dataset, amended, source_value }) => [
    ...[field, value, dataset, amended, source_value],
  ]);

test('an amended value counts over that of the source until it is lifted', async (t) => {
  const people = await startPrivacy(t);
  const { request, push, names } = people;
  await addKim(people);
  const amended = await request({
    ...{ kind: 'amend', identity: 'email:kim@hello.com' },
    fields: { shop_name: 'Kimberly' },
  });
  assert.equal(amended.status, 200, amended.answer.body);
  assert.deepEqual(
    [amended.body['kind'], amended.body['state'], amended.body['counts']],
    ['amend', 'done', { set: 1, lifted: 0 }],
  );
  await push('shop', { user: '1', name: 'Kimi' });
  assert.deepEqual(await names('user_id:2'), ['Kimberly', 'Kimmy']);
  assert.deepEqual(valuesOf(await exportOf(people, 'user_id:1')), [
    ['shop_name', 'Kimberly', 'shop', true, 'Kimi'],
    ['web_name', 'Kimmy', 'web', false, null],
  ]);
  const lift = { kind: 'amend', identity: 'user_id:1', lift: ['shop_name'] };
  assert.equal((await request(lift)).status, 200);
  assert.deepEqual(await names('user_id:2'), ['Kimi', 'Kimmy']);
});

test('an export names every identity, claim, join and value of the person', async (t) => {
  const people = await startPrivacy(t);
  await addKim(people);
  await people.request({ kind: 'amend', identity: 'user_id:1', fields: { shop_name: 'Kimberly' } });
  const exported = await exportOf(people, 'email:kim@hello.com');
  const identities = exported['identities'] as { identity: Json; claims: Json[] }[];
  const named = identities.map(({ identity, claims }) => [
    ...[identity['type'], identity['value'], claims.map(({ dataset }) => dataset).sort()],
  ]);
  assert.deepEqual(named.sort(), [
    ['email', 'kim@hello.com', ['shop', 'web']],
    ['user_id', '1', ['shop']],
    ['user_id', '2', ['web']],
  ]);
  const joins = exported['joins'] as Json[];
  assert.deepEqual(
    joins.map(({ kind, dataset, identity }) => [kind, dataset, (identity as Json)['value']]),
    [['join', 'web', 'kim@hello.com']],
  );
  assert.deepEqual((exported['memberships'] as Json)['segment_membership'], []);
  assert.deepEqual(
    (exported['requests'] as Json[]).map(({ kind, state }) => [kind, state]),
    [['amend', 'done']],
  );
  const again = await exportOf(people, 'user_id:2');
  assert.deepEqual(
    (again['requests'] as Json[]).map(({ kind }) => kind),
    ['export', 'amend'],
  );
  assert.doesNotMatch(JSON.stringify(exported), /eve@hello/i);
});

test('an export has the values of rows that do not answer', async (t) => {
  const people = await startPrivacy(t);
  await people.push('shop', { user: '1', name: 'Kim' });
  await people.push('shop', { user: '2', name: 'Kimmy' });
  const merge = { identities: ['user_id:1', 'user_id:2'] };
  assert.equal((await people.send('/admin/v1/contacts/merge', merge)).status, 200);
  assert.deepEqual(await people.names('user_id:1'), ['Kimmy', null]);
  const exported = await exportOf(people, 'user_id:1');
  assert.deepEqual(valuesOf(exported), [['shop_name', 'Kimmy', 'shop', false, null]]);
  const [hidden = {}, ...others] = exported['hidden_rows'] as Json[];
  assert.deepEqual(others, []);
  assert.deepEqual(
    [hidden['dataset'], (hidden['key'] as Json)['value'], hidden['values']],
    ['shop', '1', [{ field: 'shop_name', value: 'Kim' }]],
  );
  assert.match(String(hidden['as_of']), /^20/);
});

test('an export has values with every character that a source may send', async (t) => {
  const people = await startPrivacy(t);
  const odd = 'a\u0000b\u0007\u2028d';
  await people.push('shop', { user: '1', name: odd });
  assert.deepEqual(valuesOf(await exportOf(people, 'user_id:1')), [
    ['shop_name', odd, 'shop', false, null],
  ]);
  await people.request({ kind: 'amend', identity: 'user_id:1', fields: { shop_name: `${odd}c` } });
  assert.deepEqual(valuesOf(await exportOf(people, 'user_id:1')), [
    ['shop_name', `${odd}c`, 'shop', true, odd],
  ]);
});

test('an export of an identity that leads to nobody says how many rows name it', async (t) => {
  const people = await startPrivacy(t);
  const rows = [1, 2, 3, 4].map((user) => ({ user: `${user}`, email: 'info@x.org', name: 'N' }));
  await people.push('shop', ...rows);
  assert.equal(await people.names('email:info@x.org'), 'contact_not_found');
  const exported = await exportOf(people, 'email:info@x.org');
  assert.deepEqual(
    [exported['contact_id'], exported['values'], exported['other_rows']],
    [null, [], [{ dataset: 'shop', rows: 4 }]],
  );
  assert.doesNotMatch(JSON.stringify(exported), /"N"|"user_id"/);
});

test('an export has every amendment of a merged contact, also those that do not count', async (t) => {
  const people = await startPrivacy(t);
  await people.push('shop', { user: '1', name: 'Kim' });
  await people.push('shop', { user: '2', name: 'Kimmy' });
  for (const user of ['1', '2']) {
    const fields = { shop_name: `amended ${user}` };
    await people.request({ kind: 'amend', identity: `user_id:${user}`, fields });
  }
  const merge = { identities: ['user_id:1', 'user_id:2'] };
  assert.equal((await people.send('/admin/v1/contacts/merge', merge)).status, 200);
  const { amendments } = await exportOf(people, 'user_id:1');
  assert.deepEqual(
    (amendments as Json[]).map(({ key, field, value }) => [(key as Json)['value'], field, value]),
    [
      ['1', 'shop_name', 'amended 1'],
      ['2', 'shop_name', 'amended 2'],
    ],
  );
});

test('nobody else is shown in the export of a person with a shared identity', async (t) => {
  const people = await startPrivacy(t);
  const { push, send } = people;
  await push('shop', { user: '71', email: 'family@hello.com', name: 'Ann' });
  await push('shop', { user: '72', email: 'other@hello.com', name: 'Bob' });
  const merge = { identities: ['user_id:71', 'user_id:72'] };
  assert.equal((await send('/admin/v1/contacts/merge', merge)).status, 200);
  assert.equal((await send('/admin/v1/contacts/split', { identity: 'user_id:72' })).status, 200);
  const exported = await exportOf(people, 'user_id:71');
  assert.ok((exported['joins'] as Json[]).length >= 2);
  assert.doesNotMatch(JSON.stringify(exported), /"72"|other@hello|Bob/);
});

test('an erased person is nowhere, and does not come back', async (t) => {
  const people = await startPrivacy(t);
  const { request, read, names, send, api } = people;
  await addKim(people);
  const erased = await request({ kind: 'erase', identity: 'email:kim@hello.com' });
  assert.equal(erased.status, 200, erased.answer.body);
  assert.equal(erased.body['state'], 'done');
  const counts = erased.body['counts'] as Json;
  assert.deepEqual([counts['contacts'], counts['rows'], counts['notFound']], [1, 2, 0]);
  for (const identity of ['user_id:1', 'user_id:2', 'email:kim@hello.com']) {
    assert.equal(await names(identity), 'contact_not_found', identity);
  }
  assert.deepEqual(await names('user_id:3'), ['Eve', null]);
  const row = { dataset: 'web', rows: [{ user: '9', email: 'KIM@hello.com', name: 'Kim' }] };
  const pushed = await send('/ingest/v1/contacts', row);
  assert.equal(pushed.body['rejected'], 1, pushed.answer.body);
  assert.match(pushed.answer.body, /contact_suppressed/);
  const { body: shown } = await read(`requests/${erased.body['id']}`);
  assert.deepEqual(shown, erased.body);
  assert.equal((shown['subjects'] as string[]).length, 3);
  const files = readdirSync(api.dataFolder).filter((name) => name.startsWith('catalog.sqlite'));
  for (const name of files) {
    const bytes = readFileSync(join(api.dataFolder, name)).toString('latin1');
    assert.doesNotMatch(bytes, /kim@hello|Kimmy/i, name);
  }
  assert.doesNotMatch(api.logged.join('\n'), /kim@hello|Kimmy/i);
});

test('a receipt is verified, and says when somebody came back', async (t) => {
  const people = await startPrivacy(t);
  const { request, ask, push } = people;
  await addKim(people);
  const { body } = await request({ kind: 'erase', identities: ['user_id:1', 'user_id:404'] });
  const receipt = body['receipt'] as Json;
  const verify = async (it: Json) => (await ask('verify', { receipt: it })).body;
  const counts = { subjects: 3, suppressed: 3, lifted: 0, missing: 0, found: 0 };
  assert.deepEqual(await verify(receipt), { is_valid: true, mac: 'valid', ...counts });
  const reordered = Object.fromEntries(Object.entries(receipt).reverse());
  assert.equal((await verify(reordered))['is_valid'], true);
  for (const forged of [
    { ...receipt, ended_at: '2020-01-01T00:00:00Z' },
    { ...receipt, subjects: [] },
    { ...receipt, mac: '0a'.repeat(32) },
  ]) {
    assert.equal((await verify(forged))['mac'], 'invalid');
  }
  assert.equal((await verify({ ...receipt, key_id: '0a'.repeat(8) }))['mac'], 'key_missing');
  const lifted = await request({ kind: 'lift', identity: 'email:kim@hello.com' });
  assert.equal(lifted.status, 200, lifted.answer.body);
  await push('shop', { user: '8', email: 'kim@hello.com', name: 'Kim' });
  assert.deepEqual(await verify(receipt), {
    ...{ is_valid: true, mac: 'valid', ...counts },
    ...{ suppressed: 2, lifted: 1 },
  });
});

test('requests are listed in pages, with filters, and audited by their id', async (t) => {
  const people = await startPrivacy(t);
  const { request, read, api } = people;
  await addKim(people);
  await request({ kind: 'amend', identity: 'user_id:1', fields: { shop_name: 'Kimberly' } });
  await exportOf(people, 'user_id:1');
  await request({ kind: 'erase', identity: 'user_id:1' });
  assert.deepEqual(codeOf(await request({ kind: 'lift', identity: 'user_id:404' })), [
    ...[404, 'resource_not_found'],
  ]);
  const kinds = async (query: string) => {
    const { body } = await read(`requests${query}`);
    return (body['data'] as Json[]).map(({ kind, state }) => `${kind} ${state}`);
  };
  const all = ['lift failed', 'erase done', 'export done', 'amend done'];
  assert.deepEqual(await kinds(''), all);
  assert.deepEqual(await kinds('?state=failed'), all.slice(0, 1));
  assert.deepEqual(await kinds('?kind=export'), all.slice(2, 3));
  assert.deepEqual(await kinds('?since=2999-01-01T00:00:00Z'), []);
  const { body: page } = await read('requests?limit=3');
  assert.deepEqual(await kinds(`?cursor=${page['next_cursor']}`), all.slice(3));
  const entries = await api.administration.catalog.read((view) => view.listAudit(1, { limit: 50 }));
  const audited = entries.filter(({ action }) => action.startsWith('privacy.'));
  assert.equal(audited.length, 8);
  assert.ok(audited.every(({ target }) => /^[0-9a-f-]{36}$/.test(target)));
  assert.doesNotMatch(JSON.stringify(audited), /kim|Kimberly/i);
});
