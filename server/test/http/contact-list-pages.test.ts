/** Pages of lists of contacts: their cursors, what changes between pages, and their size. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Administration } from '../../src/administration/administration.ts';
import {
  type ContactList,
  type ListedContact,
  openContactList,
} from '../../src/administration/contact/list-contacts.ts';
import { updateField } from '../../src/administration/fields.ts';
import { createFlow, editFlow } from '../../src/administration/flow/flows.ts';
import { maxPageBytes } from '../../src/administration/limits.ts';
import { createOrganization } from '../../src/administration/organizations.ts';
import { editComputedField } from '../../src/administration/rule/computed-fields.ts';
import {
  createSegment,
  editSegment,
  removeSegment,
} from '../../src/administration/rule/segments.ts';
import { type CursorList, ListCursors } from '../../src/http/call/list-cursors.ts';
import { listCursorMs } from '../../src/http/limits.ts';
import { readSecretKey } from '../../src/stores/secret-key.ts';
import { approved } from '../administration/approved.ts';
import { email, replace } from '../stores/sample-changes.ts';
import { callApi } from './call-api.ts';
import { readProblem } from './problem-shape.ts';
import { type RunningApi, startApi } from './start-api.ts';
import { startComputed } from './start-computed.ts';
import { reading, root, startJoins } from './start-joins.ts';

interface Page {
  readonly data: readonly ListedContact[];
  readonly next_cursor: string | null;
}

const lists = ['segment_membership', 'flow_variant_membership', 'flow_membership'];

async function pageOf(api: RunningApi, token: string, query: string): Promise<Page> {
  const answer = await callApi(api, { path: `${root}?${query}`, token });
  assert.equal(answer.status, 200, answer.body);
  return JSON.parse(answer.body) as Page;
}

/** Makes and reads cursors of the list of contacts with these parameters. */
function cursorsOf(api: RunningApi, query: object, other: Partial<CursorList> = {}): ListCursors {
  const list = { organizationId: 1, operationId: 'listContacts', params: undefined, asked: query };
  return new ListCursors({ ...list, ...other }, () => readSecretKey(api.dataFolder));
}

/** All pages; `between` runs before each but the first. */
async function pages(
  read: (query: string) => Promise<Page>,
  query: string,
  between: (page: Page) => Promise<void> = async () => undefined,
): Promise<readonly ListedContact[]> {
  let page = await read(query);
  const found = [...page.data];
  while (page.next_cursor !== null) {
    await between(page);
    page = await read(`${query}&cursor=${page.next_cursor}`);
    found.push(...page.data);
  }
  return found;
}

test('a list shows the memberships that look-ups answer', async (t) => {
  const { api, token, contact, segment, push } = await startComputed(t);
  await segment('Buyers', 'total_spend > 100');
  const halves = [...'AB'].map((name) => ({ name, weight: 50 }));
  const flow = { name: 'Spring', segment: 'Buyers', status: 'live', variants: halves } as const;
  await createFlow(api.administration, 1, { ...flow, id: 7, unit: 'email' });
  await push({ user: '5', email: 'tom@hello.com', spend: '3' });
  const asked = [...lists, 'campaigns_received', 'journey_membership'];
  const wanted = await contact('email:tom@hello.com', asked);
  assert.deepEqual(wanted['segment_membership'], [1]);
  const { data } = await pageOf(api, token, `fields=${asked.join(',')}`);
  const tom = data.find(({ identities }) => identities.some((it) => it.value === 'tom@hello.com'));
  assert.deepEqual(tom?.values, wanted);
});

test('memberships need the content flag and the list of the token', async (t) => {
  const { api, segment } = await startComputed(t);
  await segment('Buyers', 'total_spend > 100');
  const listed = await api.token({ scopes: [...reading], fields: ['first_name'] });
  const whole = await api.token({ scopes: [...reading] });
  const ask = async (token: string, fields: string) =>
    readProblem(await callApi(api, { path: `${root}?fields=${fields}`, token }));
  const { code, detail } = await ask(listed, 'segment_membership');
  assert.equal(code, 'parameter_invalid');
  assert.match(detail, /There is no content field segment_membership/);
  assert.match((await ask(whole, 'recent_events')).detail, /field set recent_events --content on/);
  const one = await api.token({ scopes: [...reading], fields: ['segment_membership'] });
  const { data } = await pageOf(api, one, 'fields=segment_membership');
  assert.deepEqual(data[0]?.values, { segment_membership: [1] });
});

test('all pages are as of the first one', async (t) => {
  const { api, token, segment, push } = await startComputed(t);
  const nowMs = api.administration.clock();
  const seen = new Date(nowMs - 3_600_000).toISOString();
  await push(...['1', '2', '3'].map((user) => ({ user, seen })));
  await segment('Seen', 'shop_seen < now');
  const query = 'limit=1&segment=Seen&fields=shop_seen';
  const { data, next_cursor: next } = await pageOf(api, token, query);
  assert.equal(data.length, 1);
  const own = cursorsOf(api, { segment: 'Seen', fields: 'shop_seen' });
  const [after, time, revision] = (await own.open(next ?? '')).split('.');
  assert.ok(Number(time) >= nowMs && Number(time) <= api.administration.clock());
  assert.equal((await pageOf(api, token, `${query}&cursor=${next}`)).data.length, 1);
  // A list that was begun two hours ago goes on as of then: nobody had been seen yet.
  const earlier = await own.seal(`${after}.${nowMs - 7_200_000}.${revision}`);
  const page = await pageOf(api, token, `${query}&cursor=${earlier}`);
  assert.deepEqual(page, { data: [], next_cursor: null });
});

test('a cursor that is altered, expired or of another list or organization is refused', async (t) => {
  const { api, token } = await startJoins(t);
  await createOrganization(api.administration, 'other');
  const nowMs = api.administration.clock();
  const { organizations } = await api.administration.catalog.loadState();
  const revision = organizations.get(1)?.definitions.revision;
  const placeAt = (atMs: number) => `${'0'.repeat(32)}.${atMs}.${revision}`;
  const place = placeAt(nowMs);
  const ask = async (cursor: string, query = '') => {
    const answer = await callApi(api, { path: `${root}?cursor=${cursor}${query}`, token });
    return answer.status === 200 ? 'answered' : readProblem(answer).detail;
  };
  const own = cursorsOf(api, {});
  const right = await own.seal(place);
  assert.equal(await ask(right), 'answered');
  assert.equal(await ask(right, '&limit=7'), 'answered');
  const old = await own.seal(placeAt(nowMs - listCursorMs - 1));
  assert.match(await ask(old), /begun more than 6 hours ago. Start again without a cursor/);
  const foreign = /does not belong to this list. Start again without it/;
  const text = (plain: string) => Buffer.from(plain).toString('base64url');
  const altered = [0, 15, 40, 70].map((at) => {
    const bytes = Buffer.from(right, 'base64url');
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    return bytes.toString('base64url');
  });
  const wrong = [
    await cursorsOf(api, {}, { organizationId: 2 }).seal(place),
    await cursorsOf(api, {}, { operationId: 'listJoins' }).seal(place),
    await cursorsOf(api, { segment: '1' }).seal(place),
    await own.seal(placeAt(nowMs + 60_000)),
    ...[...altered, right.slice(0, -4), right.slice(4), text(place), 'abc', 'A'.repeat(512)],
  ];
  for (const cursor of wrong) assert.match(await ask(cursor), foreign, cursor);
  assert.match(await ask(right, '&fields=shop_name'), foreign);
});

test('all pages use the definitions of the first one, or the list has to start again', async (t) => {
  const { api, token, segment, computed, push } = await startComputed(t, { isUnhurried: true });
  const { administration } = api;
  await push(...['1', '2', '3'].map((user) => ({ user, city: 'Bern', spend: Number(user) })));
  await segment('Bern', 'shop_city == "Bern"');
  await segment('Used', 'shop_spend > 0');
  await computed('level', 'in_segment("Used") ? "high" : "low"');
  const flow = { id: 7, name: 'Spring', segment: 'Used', status: 'live' } as const;
  await createFlow(administration, 1, flow);
  await updateField(administration, 1, { name: 'shop_tags', settings: { content: false } });
  const queries = ['segment=Bern', 'segment=Bern&fields=level,flow_membership', 'fields=shop_city'];
  const edit = (by: Administration, name: string, rule: string): Promise<unknown> =>
    editSegment(by, 1, { reference: name, rule });
  const changes: ((by: Administration) => Promise<unknown>)[] = [
    (by) => edit(by, 'Bern', 'shop_city == "Rome"'),
    (by) => edit(by, 'Used', 'shop_spend < 0'),
    (by) => editComputedField(by, 1, { name: 'level', settings: {}, rule: '"none"' }),
    (by) => editFlow(by, 1, { reference: '7', status: 'paused' }),
    (by) => updateField(by, 1, { name: 'shop_tags', settings: { content: true } }),
    (by) => edit(by, 'Bern', 'shop_city == "Bern"'),
    (by) => removeSegment(by, 1, { reference: 'Bern' }),
  ];
  for (const [place, change] of changes.entries()) {
    await api.token();
    const begun = await Promise.all(
      queries.map(async (query) => ({ query, page: await pageOf(api, token, `${query}&limit=1`) })),
    );
    await api.token();
    const open = begun.filter(({ page }) => page.next_cursor !== null);
    assert.ok(open.length > 0, `${place}`);
    const next = open.map(({ query, page }) => `${query}&cursor=${page.next_cursor}`);
    // New tokens and rows change no definitions.
    await push({ user: '9', city: 'Bern' });
    for (const query of next) await pageOf(api, token, query);
    await approved(administration, change);
    await api.token();
    for (const query of next) {
      const { status, code, detail } = readProblem(
        await callApi(api, { path: `${root}?${query}`, token }),
      );
      assert.deepEqual([status, code], [409, 'revision_conflict'], `${place} ${query}`);
      assert.match(detail, /have changed since this list was begun.*Start again without a cursor/);
    }
  }
});

test('a thread that has not read new definitions yet lists contacts with them', async (t) => {
  const { api, segment, push } = await startComputed(t);
  await push(...['1', '2', '3'].map((user) => ({ user, city: 'Bern' })));
  const { administration } = api;
  await segment('Bern', 'shop_city == "Rome"');
  const { organizations } = await administration.catalog.loadState();
  const organization = organizations.get(1);
  assert.ok(organization);
  const { revision } = organization.definitions;
  await editSegment(administration, 1, { reference: 'Bern', rule: 'shop_city == "Bern"' });
  await administration.contacts(async (reader) => {
    const open = (definitionsRevision?: number) =>
      openContactList({ administration, organization }, reader, {
        ...{ segment: 'Bern', fields: null, identityTypes: null },
        ...(definitionsRevision !== undefined && { definitionsRevision }),
      });
    const found = async (list: ContactList) => (await list.readPage(null, 10)).contacts.length;
    const begun = await open();
    assert.equal(await found(begun), 3);
    assert.ok(begun.definitionsRevision > revision);
    assert.equal(await found(await open(begun.definitionsRevision)), 3);
    assert.equal(await found(await open(revision)), 0, 'a list that was begun before goes on');
    await assert.rejects(open(revision - 1), { code: 'revision_conflict' });
  });
});

test('nothing can be read from the cursor of any list', async (t) => {
  const { api, send, push, token } = await startJoins(t);
  await push('shop', { user: '1', name: 'Ann' }, { user: '2', name: 'Bob' }, { user: '3' });
  await send(`${root}/merge`, { identities: ['user_id:1', 'user_id:2'] });
  await send(`${root}/split`, { identity: 'user_id:2' });
  const masked = await api.token({ scopes: [...reading], identityTypes: ['email'] });
  const { contact_id: id } = (await pageOf(api, token, 'limit=1')).data[0] ?? {};
  const shown = await pageOf(api, masked, 'limit=1');
  assert.equal(shown.data[0]?.contact_id, null);
  const first = async (path: string): Promise<Page> =>
    JSON.parse((await callApi(api, { path: `${path}?limit=1`, token })).body);
  const lists = {
    ...{ '/admin/v1/contacts/joins': 'entry', '/admin/v1/tokens': 'id' },
    ...{ '/admin/v1/fields': 'name', '/admin/v1/datasets': 'name' },
  };
  const found = [{ cursor: shown.next_cursor, key: String(id).replaceAll('-', '') }];
  for (const [path, name] of Object.entries(lists)) {
    const { data, next_cursor: cursor } = await first(path);
    found.push({ cursor, key: String(Object(data[0])[name]) });
    assert.notEqual((await first(path)).next_cursor, cursor, path);
  }
  for (const { cursor, key } of found) {
    const bytes = Buffer.from(String(cursor), 'base64url');
    assert.ok(bytes.length >= key.length && key.length > 2, key);
    assert.ok(!bytes.includes(key), key);
    // Of another text only the first digits would be read, which a random cursor may contain.
    if (/^[0-9a-f]+$/.test(key)) assert.ok(!bytes.includes(Buffer.from(key, 'hex')), key);
  }
});

test('people who are joined, erased or added between pages are listed once or not at all', async (t) => {
  const { api, token, push, send } = await startJoins(t);
  const people = Array.from({ length: 12 }, (_, n) => ({ user: `u${n}`, name: `P${n}` }));
  await push('shop', ...people);
  const scopes = ['privacy:write', 'admin:read', 'contacts:read'] as const;
  const officer = await api.token({ scopes: [...scopes] });
  const merge = (one: string, other: string) =>
    send(`${root}/merge`, { identities: [`user_id:${one}`, `user_id:${other}`] });
  const steps: (() => Promise<unknown>)[] = [
    // One that was listed joins one that was not, in both directions.
    () => merge('u0', 'u9'),
    () => merge('u8', 'u1'),
    () => send('/admin/v1/privacy/requests', { kind: 'erase', identity: 'user_id:u7' }, officer),
    () => push('shop', { user: 'late', name: 'Late' }, { user: 'u2', name: 'Changed' }),
  ];
  const read = (query: string) => pageOf(api, token, query);
  const found = await pages(read, 'limit=3&fields=shop_name', async () => {
    await steps.shift()?.();
  });
  assert.equal(steps.length, 0);
  const ids = found.map(({ contact_id }) => contact_id);
  assert.equal(new Set(ids).size, ids.length);
  const users = found.flatMap(({ identities }) => identities.map(({ value }) => value));
  const stayed = ['u0', 'u1', 'u2', 'u3', 'u4', 'u5', 'u6', 'u10', 'u11', 'late'];
  for (const user of stayed) assert.equal(users.filter((it) => it === user).length, 1, user);
  assert.ok(!users.includes('u7'));
});

test('a list read while a sync writes holds everybody who was there once', async (t) => {
  const api = await startApi(t);
  const token = await api.token({ scopes: [...reading] });
  const spend = api.fieldId('total_spend');
  const batch = (from: number, more: number) =>
    Array.from({ length: more }, (_, n) => replace([email(`p${from + n}@x.com`)], { [spend]: n }));
  const run = { organizationId: 1, datasetId: 1 };
  const first = await api.writer.beginRun({ ...run, runId: 'one' });
  await api.writer.applyBatch(first, batch(0, 300));
  await api.writer.finishRun(first, { baselineId: 'one', asOfMs: 0 });
  const lease = await api.writer.beginRun({ ...run, runId: 'two' });
  let from = 0;
  const found = await pages(
    (query) => pageOf(api, token, query),
    'limit=100',
    async () => {
      await api.writer.applyBatch(lease, batch(from, 50));
      from += 50;
    },
  );
  const emails = found.flatMap(({ identities }) => identities.map(({ value }) => value));
  assert.equal(new Set(emails).size, emails.length);
  for (let n = 0; n < 300; n += 1) assert.ok(emails.includes(`p${n}@x.com`), `${n}`);
});

test('a page of large contacts ends early, and the next one goes on', async (t) => {
  const api = await startApi(t);
  const token = await api.token({ scopes: [...reading] });
  const name = api.fieldId('first_name');
  const lease = await api.writer.beginRun({ runId: 'run', organizationId: 1, datasetId: 1 });
  const text = `\u0000\u2028"${'ü'.repeat(60_000)}`;
  for (let n = 0; n < 60; n += 1) {
    await api.writer.applyBatch(lease, [replace([email(`p${n}@x.com`)], { [name]: text })]);
  }
  await createSegment(api.administration, 1, { name: 'All', rule: 'first_name != "x"' });
  for (const query of ['limit=200', 'limit=200&segment=All']) {
    const sizes: number[] = [];
    const found = await pages(async (asked) => {
      const answer = await callApi(api, { path: `${root}?${asked}`, token });
      sizes.push(answer.body.length);
      return JSON.parse(answer.body) as Page;
    }, `${query}&fields=first_name`);
    const long = found.filter(({ values }) => values['first_name'] === text);
    assert.equal(new Set(long.map(({ contact_id }) => contact_id)).size, 60);
    assert.ok(sizes.length > 1 && Math.max(...sizes) < 2 * maxPageBytes, String(sizes));
  }
});
