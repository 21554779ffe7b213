/** Who looked at which contact, noted and listed over real sockets. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { accessDaysSchema } from '@usher/contract/access-schema';
import type { Operation } from '@usher/contract/operation';
import { operations } from '@usher/contract/operations';

import { mergeContacts } from '../../src/administration/contact/join-contacts.ts';
import type { LookDays } from '../../src/administration/overview/count-looks.ts';
import { shapeFaults } from '../../src/http/call/check-shape.ts';
import { openReader } from '../../src/stores/open-store.ts';
import { email } from '../stores/sample-changes.ts';
import { callApi } from './call-api.ts';
import { startApi } from './start-api.ts';
import { startNoted } from './start-noted.ts';
import { uploadFile } from './upload-file.ts';

test('a look-up is noted with its token, its fields, and the actor that the caller claims', async (t) => {
  const { reader, idOf, lookUp, list } = await startNoted(t);
  const answer = await lookUp(
    'identity=email:tom@hello.com&fields=first_name,total_spend,nothing',
    {
      'usher-actor': 'agent 7',
    },
  );
  assert.equal(answer.status, 200);
  const [look] = (await list()).data;
  assert.deepEqual(
    { ...look, at: '', subject: '' },
    {
      ...{ at: '', actor: `token:${idOf(reader)}`, claimed_actor: 'agent 7' },
      ...{ address: '127.0.0.1', way: 'lookup', outcome: 'success' },
      ...{ fields: ['first_name', 'total_spend'], remark: null, subject: '', found: true },
    },
  );
  assert.ok(Date.now() - Date.parse(look?.at ?? '') < 60_000);
});

test('misses and unchanged answers are noted, and refused calls are not', async (t) => {
  const { api, reader, lookUp, list } = await startNoted(t);
  const found = await lookUp('identity=email:tom@hello.com');
  const etag = found.headers.get('etag') ?? '';
  assert.equal(
    (await lookUp('identity=email:tom@hello.com', { 'if-none-match': etag })).status,
    304,
  );
  assert.equal((await lookUp('identity=email:nobody@hello.com')).status, 404);
  assert.equal((await lookUp('identity=unknown:1')).status, 400);
  const wrong = reader.replace(/.$/, '!');
  assert.equal(
    (
      await callApi(api, {
        path: '/audience/v2/contacts?identity=email:tom@hello.com',
        token: wrong,
      })
    ).status,
    401,
  );
  const outcomes = (await list()).data.map(({ outcome, found: isFound }) => [outcome, isFound]);
  assert.deepEqual(outcomes, [
    ['contact_not_found', false],
    ['not_modified', true],
    ['success', true],
  ]);
  const misses = await list('?outcome=contact_not_found');
  assert.equal(misses.data.length, 1);
});

test('an actor that is too long or not printable is refused before anything else', async (t) => {
  const { api, list } = await startNoted(t);
  for (const actor of ['a'.repeat(129), '', 'a\tb', 'caf\u00e9']) {
    for (const call of [
      { path: '/audience/v2/contacts?identity=email:tom@hello.com' },
      {
        path: '/audience/v2/contacts/batch',
        method: 'POST',
        body: { identities: ['email:x@y.z'] },
      },
    ]) {
      const answer = await callApi(api, {
        ...call,
        token: 'bad',
        headers: { 'usher-actor': actor },
      });
      assert.equal(answer.status, 400, `${actor} ${answer.body}`);
      assert.equal(JSON.parse(answer.body).parameter, 'Usher-Actor');
    }
  }
  assert.deepEqual((await list()).data, []);
});

test('a contact is found by any of its identities, also by those that joined it later', async (t) => {
  const { api, lookUp, list } = await startNoted(t);
  await lookUp('identity=email:tom@hello.com');
  await lookUp(`identity=email:${encodeURIComponent('zoë@hello.com')}`);
  await lookUp('identity=email:nobody@hello.com');
  const tom = await list('?contact=email:tom@hello.com');
  assert.deepEqual([tom.data.length, tom.data[0]?.found], [1, true]);
  const missed = await list('?contact=email:nobody@hello.com');
  assert.deepEqual([missed.data.length, missed.data[0]?.found], [1, false]);
  const reader = openReader(api.dataFolder);
  t.after(() => reader.close());
  const { administration, writer } = api;
  const organization = (await administration.catalog.loadState()).organizations.get(1);
  assert.ok(organization);
  const pair = [email('tom@hello.com'), email('zoë@hello.com')] as const;
  await mergeContacts({ administration, organization }, { reader, writer }, pair);
  // Both entries are about the one contact now, whichever of the two ids answers.
  for (const name of ['tom@hello.com', encodeURIComponent('zoë@hello.com')]) {
    const both = await list(`?contact=email:${name}`);
    assert.equal(both.data.length, 2, name);
    assert.equal(new Set(both.data.map(({ subject }) => subject)).size, 2);
  }
  const subject = tom.data[0]?.subject;
  const same = await list(`?subject=${subject}`);
  assert.deepEqual(same.data, tom.data);
  assert.deepEqual((await list(`?subject=${subject}&contact=email:tom@hello.com`)).data, tom.data);
  assert.deepEqual((await list(`?subject=${subject}&contact=email:nobody@hello.com`)).data, []);
  assert.deepEqual((await list(`?subject=${'0'.repeat(32)}`)).data, []);
});

test('looks are listed by token, user and time, page by page', async (t) => {
  const { api, reader, idOf, lookUp, list, ask } = await startNoted(t);
  for (let number = 0; number < 7; number += 1) await lookUp('identity=email:tom@hello.com');
  assert.equal((await list(`?actor=token:${idOf(reader)}`)).data.length, 7);
  assert.equal((await list('?actor=token:other')).data.length, 0);
  assert.equal((await list(`?actor=user:${idOf(reader)}`)).data.length, 0);
  assert.equal((await list('?since=2026-01-01T00:00:00Z')).data.length, 7);
  assert.equal((await list('?until=2026-01-01T00:00:00Z')).data.length, 0);
  const times: string[] = [];
  let cursor: string | null = null;
  do {
    const more: string = cursor === null ? '' : `&cursor=${cursor}`;
    const page = await list(`?limit=3${more}`);
    times.push(...page.data.map(({ at }) => at));
    cursor = page.next_cursor;
  } while (cursor !== null);
  assert.equal(times.length, 7);
  assert.deepEqual(times, times.toSorted().reverse());
  const { body } = await ask('/days', await api.token({ scopes: ['admin:read'] }));
  const counted = JSON.parse(body) as LookDays;
  assert.deepEqual(shapeFaults(accessDaysSchema, counted), []);
  const { days, ...sums } = counted;
  assert.deepEqual(sums, { looks: 7, by_users: 0, reveals: 0 });
  assert.deepEqual(days.at(-1), { ...sums, day: new Date().toISOString().slice(0, 10) });
  assert.equal(days.length, 30);
  assert.equal((await ask('/days', reader)).status, 403);
});

test('only tokens that may read contacts and administration, without lists, see the log', async (t) => {
  const { api, reader, ask } = await startNoted(t);
  assert.equal((await ask('', reader)).status, 403);
  const half = await api.token({ scopes: ['admin:read'] });
  assert.equal((await ask('', half)).status, 403);
  const listed = await api.token({
    scopes: ['admin:read', 'contacts:read'],
    fields: ['first_name'],
  });
  assert.equal((await ask('', listed)).status, 403);
  const full = await api.token({ scopes: ['admin:read', 'contacts:read'] });
  assert.equal((await ask('?actor=other', full)).status, 400);
  assert.equal((await ask('?contact=nothing', full)).status, 400);
  assert.equal((await ask('?cursor=abc', full)).status, 400);
});

test('administration that shows contacts is noted, with misses', async (t) => {
  const { api, idOf, list } = await startNoted(t);
  const token = await api.token({ scopes: ['admin:read', 'contacts:read', 'privacy:write'] });
  const call = (path: string, body?: unknown) =>
    callApi(api, {
      ...{ path: `/admin/v1/${path}`, token, headers: { 'usher-actor': 'agent 9' } },
      ...(body === undefined ? {} : { method: 'POST', body }),
    });
  const tom = { identity: 'email:tom@hello.com' };
  const nobody = { identity: 'email:nobody@hello.com' };
  for (const path of ['contacts/identities', 'contacts/explain']) {
    assert.equal((await call(path, tom)).status, 200);
    assert.equal((await call(path, nobody)).status, 404);
  }
  assert.equal((await call('contacts/search', { query: 'tom@hello.com' })).status, 200);
  assert.equal((await call('contacts/search', { query: 'nobody@hello.com' })).status, 200);
  assert.equal((await call('contacts?fields=first_name')).status, 200);
  assert.equal((await call('privacy/export', tom)).status, 200);
  const { data } = await list();
  const about = (identity: string) =>
    data.filter(({ way, outcome }) => `${way} ${outcome}` === identity).length;
  assert.deepEqual([about('identities success'), about('identities contact_not_found')], [1, 1]);
  assert.deepEqual([about('explain success'), about('explain contact_not_found')], [1, 1]);
  assert.equal(about('search success'), 1);
  assert.ok(about('search contact_not_found') >= 1);
  assert.deepEqual([about('list success'), about('privacy_export success')], [2, 1]);
  assert.ok(data.every(({ actor }) => actor === `token:${idOf(token)}`));
  assert.ok(data.every(({ claimed_actor: claimed }) => claimed === 'agent 9'));
  const listed = data.find(({ way }) => way === 'list');
  assert.deepEqual(listed?.fields, ['first_name']);
  const ofTom = (await list('?contact=email:tom@hello.com')).data.map(({ way }) => way);
  assert.deepEqual(ofTom.toSorted(), ['explain', 'identities', 'list', 'privacy_export', 'search']);
});

test('every operation of administration that shows contacts notes whom', async (t) => {
  const { api, list } = await startNoted(t, { isWriting: true, isUnhurried: true });
  const token = await api.token({
    scopes: ['admin:read', 'admin:write', 'contacts:read', 'contacts:write', 'privacy:write'],
  });
  const call = async (path: string, body?: unknown) => {
    const asked = { path: `/admin/v1/${path}`, token };
    const post = body === undefined ? {} : { method: 'POST', body };
    const answer = await callApi(api, { ...asked, ...post });
    assert.equal(answer.status, 200, answer.body);
  };
  const identity = 'email:tom@hello.com';
  await call('contacts/merge', { identities: [identity, 'email:zoë@hello.com'] });
  const file = 'email_address,first_name\ntom@hello.com,Tom\n';
  const upload = await uploadFile({ port: api.port, token, name: 'crm.csv' }, file);
  const shows: Readonly<Record<string, () => Promise<void>>> = {
    explainContact: () => call('contacts/identities', { identity }),
    explainEverything: () => call('contacts/explain', { identity }),
    searchContacts: () => call('contacts/search', { query: 'tom@hello.com' }),
    revealValue: () =>
      call('contacts/reveal', { identity, field: 'first_name', reason: 'complaint' }),
    listContacts: () => call('contacts'),
    listJoins: () => call('contacts/joins'),
    previewSegment: () => call('segments/preview', { rule: 'true' }),
    followPreview: () => call('segments/preview/steps', { rule: 'true' }),
    sampleUpload: () => call(`uploads/${upload.body['id']}/sample`),
    exportContact: () => call('privacy/export', { identity }),
  };
  const administered = operations.filter(({ path }) => path.startsWith('/admin/v1/'));
  const declared = administered.filter((it: Operation) => it.showsContacts === true);
  // It needs a run that waits for approval.
  const others = ['listPlanExamples'];
  const tried = [...Object.keys(shows), ...others];
  assert.deepEqual(declared.map(({ id }) => id).toSorted(), tried.toSorted());
  for (const [id, show] of Object.entries(shows)) {
    const before = (await list(`?contact=${identity}`)).data.length;
    await show();
    const after = (await list(`?contact=${identity}`)).data.length;
    assert.ok(after > before, `${id} does not note whom it shows`);
  }
});

test('an operation that may read contacts says whether it shows them', () => {
  const showNobody = [
    // They change contacts, and answer with an entry of the log of joins.
    ...['mergeContacts', 'partJoins', 'splitContact', 'unmergeContacts'],
    // The access log has only digests of contacts.
    ...['exportAccess', 'listAccess'],
  ];
  const administered = operations.filter(({ path }) => path.startsWith('/admin/v1/'));
  const silent = administered.filter(
    ({ contactAccess, showsContacts }: Operation) =>
      contactAccess !== undefined && showsContacts !== true,
  );
  assert.deepEqual(silent.map(({ id }) => id).toSorted(), showNobody.toSorted());
});

test('a required log that cannot be written stops everything that shows contacts', async (t) => {
  const access = {
    admits: () => false,
    note: () => undefined,
    isWriting: () => true,
    synced: async () => false,
  };
  const api = await startApi(t, { access });
  const token = await api.token({ scopes: ['admin:read', 'contacts:read'] });
  const identity = 'email:tom@hello.com';
  for (const call of [
    { path: `/audience/v2/contacts?identity=${identity}` },
    { path: '/audience/v2/contacts/lookup', method: 'POST', body: { identity } },
    { path: '/audience/v2/contacts/batch', method: 'POST', body: { identities: [identity] } },
    { path: '/admin/v1/contacts' },
    { path: '/admin/v1/contacts/explain', method: 'POST', body: { identity } },
  ]) {
    const answer = await callApi(api, { ...call, token });
    assert.equal(answer.status, 503, answer.body);
    assert.equal(JSON.parse(answer.body).code, 'access_log_unavailable');
    assert.equal(answer.headers.get('retry-after'), '1');
  }
  // Who looked can still be read.
  assert.equal((await callApi(api, { path: '/admin/v1/access-log', token })).status, 200);
});
