/** Joins and partings of contacts over HTTP, with a real store and its writer's socket. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { updateIdentityType } from '../../src/administration/identity-settings.ts';
import { callApi } from './call-api.ts';
import { readProblem } from './problem-shape.ts';
import { waitFor } from './start-api.ts';
import { codeOf, type Json, root, startJoins } from './start-joins.ts';

test('a merge joins two contacts, outlives a push, and is taken back', async (t) => {
  const { send, push, names, joins } = await startJoins(t);
  await push('shop', { user: '1', name: 'Ann' });
  await push('web', { user: '2', email: 'a@x.org', name: 'Anna' });
  const merged = await send(`${root}/merge`, { identities: ['user_id:1', 'email:A@x.org'] });
  assert.equal(merged.status, 200, merged.answer.body);
  assert.match(String(merged.body['entry']), /^[0-9a-f]{16}$/);
  assert.deepEqual(await names('user_id:1'), ['Ann', 'Anna']);
  await push('shop', { user: '1', name: 'Annie' });
  assert.deepEqual(await names('email:a@x.org'), ['Annie', 'Anna']);
  const parted = await send(`${root}/unmerge`, { entry: merged.body['entry'] });
  assert.equal(parted.status, 200, parted.answer.body);
  assert.deepEqual(await names('user_id:1'), ['Annie', null]);
  assert.deepEqual(await names('email:a@x.org'), [null, 'Anna']);
  const { data } = await joins();
  assert.deepEqual(
    data.map(({ entry, kind, taken_back, dataset }) => [entry, kind, taken_back, dataset]),
    [
      [parted.body['entry'], 'unmerge', false, null],
      [merged.body['entry'], 'merge', true, null],
    ],
  );
  const key = (value: string) => ({ type: 'user_id', value, digest: null });
  assert.deepEqual(data[1]?.['pairs'], [[key('1'), key('2')]]);
});

test('the id of a contact names it in a merge and a split', async (t) => {
  const { send, push, names } = await startJoins(t);
  await push('shop', { user: '1', name: 'Ann' }, { user: '2', name: 'Bob' });
  const shown = await send(`${root}/identities`, { identity: 'user_id:1' });
  const id = `id:${shown.body['contact_id']}`;
  const merged = await send(`${root}/merge`, { identities: [id, 'user_id:2'] });
  assert.equal(merged.status, 200, merged.answer.body);
  assert.deepEqual(await names('user_id:1'), await names('user_id:2'));
  assert.equal((await send(`${root}/split`, { identity: id })).status, 200);
  assert.deepEqual(await names('user_id:1'), ['Ann', null]);
  const unknown = 'id:00000000-0000-7000-8000-000000000000';
  const refused = await send(`${root}/split`, { identity: unknown });
  assert.deepEqual(codeOf(refused), [404, 'contact_not_found']);
});

test('a merge that cannot be is refused, and changes nothing', async (t) => {
  const { api, send, push, names, joins } = await startJoins(t);
  await push('shop', { user: '1', name: 'Ann' }, { user: '2', name: 'Bob' });
  const merge = async (one: string, other: string) =>
    codeOf(await send(`${root}/merge`, { identities: [one, other] }));
  assert.deepEqual(await merge('user_id:1', 'user_id:3'), [404, 'contact_not_found']);
  assert.deepEqual(await merge('user_id:1', 'user_id:1'), [409, 'same_contact']);
  assert.deepEqual(await merge('user_id:1', 'nope:3'), [400, 'identity_type_unknown']);
  assert.deepEqual(await merge('user_id:1', '3'), [400, 'identity_malformed']);
  assert.deepEqual(await merge('user_id:1', 'email:3'), [400, 'identity_value_invalid']);
  const settle = async (settings: { isStable?: boolean; maxPerContact?: number }) => {
    await updateIdentityType(api.administration, 1, { name: 'user_id', settings });
    // A token is known only with everything that was changed before it.
    await api.token();
  };
  await settle({ isStable: true });
  assert.deepEqual(await merge('user_id:1', 'user_id:2'), [409, 'identity_conflict']);
  await settle({ isStable: false, maxPerContact: 1 });
  assert.deepEqual(await merge('user_id:1', 'user_id:2'), [409, 'identity_limit']);
  for (const identities of [['user_id:1'], ['user_id:1', 'user_id:2', 'user_id:3'], 'user_id:1']) {
    const refused = await send(`${root}/merge`, { identities });
    assert.deepEqual(codeOf(refused), [422, 'definition_invalid']);
  }
  assert.deepEqual(await names('user_id:1'), ['Ann', null]);
  assert.deepEqual((await joins()).data, []);
});

test('a merge that rows support, too, cannot be taken back, and the way out is named', async (t) => {
  const { send, push, names } = await startJoins(t);
  await push('shop', { user: '1', name: 'Ann' });
  await push('web', { user: '2', email: 'a@x.org', name: 'Anna' });
  const { body } = await send(`${root}/merge`, { identities: ['user_id:1', 'user_id:2'] });
  await push('shop', { user: '1', email: 'a@x.org' });
  const refused = await send(`${root}/unmerge`, { entry: body['entry'] });
  assert.deepEqual(codeOf(refused), [409, 'still_joined']);
  assert.match(readProblem(refused.answer).detail, /with a split, or change the rows/);
  assert.deepEqual(await names('user_id:2'), ['Ann', 'Anna']);
  for (const entry of ['019ab4c2d1e00001', '019ab4c2d1e00001-0123456789ab']) {
    const unknown = await send(`${root}/unmerge`, { entry });
    assert.deepEqual(codeOf(unknown), [404, 'resource_not_found']);
  }
  const odd = await send(`${root}/unmerge`, { entry: 'x' });
  assert.deepEqual(codeOf(odd), [422, 'definition_invalid']);
});

test('a split parts what rows joined, and the same rows do not join it again', async (t) => {
  const { send, push, names, joins } = await startJoins(t);
  await push('shop', { user: '1', email: 'a@x.org', name: 'Ann' });
  await push('web', { user: '2', email: 'a@x.org', name: 'Anna' });
  assert.deepEqual(await names('user_id:1'), ['Ann', 'Anna']);
  const [join] = (await joins()).data;
  assert.deepEqual([join?.['kind'], join?.['dataset'], join?.['by']], ['join', 'web', null]);
  assert.deepEqual(join?.['identity'], { type: 'email', value: 'a@x.org', digest: null });
  const parted = await send(`${root}/split`, { identity: 'user_id:2' });
  assert.equal(parted.status, 200, parted.answer.body);
  assert.deepEqual(await names('user_id:1'), ['Ann', null]);
  await push('web', { user: '2', email: 'a@x.org', name: 'Anna B.' });
  assert.deepEqual(await names('user_id:1'), ['Ann', null]);
  assert.deepEqual(await names('user_id:2'), [null, 'Anna B.']);
  const again = await send(`${root}/split`, { identity: 'user_id:2' });
  assert.deepEqual(codeOf(again), [409, 'nothing_to_part']);
  const unknown = await send(`${root}/split`, { identity: 'user_id:9' });
  assert.deepEqual(codeOf(unknown), [404, 'contact_not_found']);
});

test('an unmerge of a join by rows parts the two for good', async (t) => {
  const { send, push, names, joins } = await startJoins(t);
  await push('shop', { user: '1', email: 'a@x.org', name: 'Ann' });
  await push('web', { user: '2', email: 'a@x.org', name: 'Anna' });
  const [join] = (await joins()).data;
  assert.match(String(join?.['entry']), /^[0-9a-f]{16}-[0-9a-f]{12}$/);
  assert.equal((await send(`${root}/unmerge`, { entry: join?.['entry'] })).status, 200);
  await push('web', { user: '2', email: 'a@x.org', name: 'Anna' });
  assert.deepEqual(await names('user_id:1'), ['Ann', null]);
});

test('the joins of a time and a dataset are parted together, and those of others stay', async (t) => {
  const { send, push, names } = await startJoins(t);
  await push('shop', { user: '1', email: 'a@x.org', name: 'Ann' });
  await push('web', { user: '2', email: 'a@x.org', name: 'Anna' });
  const sinceMs = Date.now() + 1;
  const before = new Date(sinceMs).toISOString();
  await waitFor(() => Date.now() > sinceMs);
  await push('shop', { user: '3', email: 'b@x.org', name: 'Bob' });
  await push('web', { user: '4', email: 'b@x.org', name: 'Bobby' });
  await push('shop', { user: '5', email: 'c@x.org', name: 'Cy' });
  await push('web', { user: '6', email: 'c@x.org', name: 'Cyril' });
  const part = async (body: Json) => (await send(`${root}/joins/unmerge`, body)).body;
  assert.deepEqual(await part({ since: before, dataset: 'shop' }), { parted: 0 });
  const until = '2020-01-01T00:00:00Z';
  assert.deepEqual(await part({ since: '1970-01-01T00:00:00Z', until }), { parted: 0 });
  assert.deepEqual(await part({ since: before, dataset: 'web' }), { parted: 2 });
  assert.deepEqual(await names('user_id:1'), ['Ann', 'Anna']);
  assert.deepEqual(
    [await names('user_id:3'), await names('user_id:6')],
    [
      ['Bob', null],
      [null, 'Cyril'],
    ],
  );
  assert.deepEqual(await part({ since: before }), { parted: 0 }, 'a second time parts nothing');
  assert.equal((await part({ since: before, dataset: 'nope' }))['code'], 'resource_not_found');
  for (const since of ['yesterday', '2026-02-30T00:00:00Z', '1969-12-31T00:00:00Z']) {
    assert.equal((await part({ since }))['code'], 'definition_invalid', since);
  }
});

test('rows that join because others of the time were parted are parted, too', async (t) => {
  const { send, push, names } = await startJoins(t);
  const web = async (user: string, address: string) =>
    push('web', { user, email: `${address}@x.org`, name: user });
  const pause = async () => {
    const nowMs = Date.now();
    await waitFor(() => Date.now() > nowMs);
    return new Date(nowMs + 1).toISOString();
  };
  const open = ['m', 'n', 'o', 'p'];
  await push('shop', ...open.map((it) => ({ email: `${it}@x.org`, name: it })));
  await web('before', 'p');
  const since = await pause();
  for (const user of ['1', '2', '3']) await web(user, 'm');
  for (const user of ['4', '5']) await web(user, 'n');
  await web('6', 'o');
  await web('7', 'p');
  const untilMs = Date.now();
  await pause();
  await web('later', 'o');
  // News come to the address again: the rows of the web wait for it all the same.
  await push('shop', { email: 'n@x.org', name: 'news' });
  const body = { since, until: new Date(untilMs).toISOString(), dataset: 'web' };
  assert.deepEqual((await send(`${root}/joins/unmerge`, body)).body, { parted: 6 });
  const answers = await Promise.all(open.map((it) => names(`email:${it}@x.org`)));
  assert.deepEqual(answers, [
    ['m', null],
    ['news', null],
    ['o', 'later'],
    ['p', 'before'],
  ]);
  assert.deepEqual((await send(`${root}/joins/unmerge`, body)).body, { parted: 0 });
});

test('a storm ends at what a person merged although it is parted', async (t) => {
  const { send, push, names } = await startJoins(t);
  await push('shop', { user: '1', email: 'a@x.org', name: 'Ann' });
  await push('web', { user: '2', email: 'b@x.org', name: 'Anna' });
  const merge = { identities: ['user_id:1', 'user_id:2'] };
  assert.equal((await send(`${root}/merge`, merge)).status, 200);
  await push('web', { user: '2', email: 'a@x.org', name: 'Anna' });
  for (const parted of [1, 0]) {
    const since = '2020-01-01T00:00:00Z';
    assert.deepEqual((await send(`${root}/joins/unmerge`, { since })).body, { parted });
    assert.deepEqual(await names('user_id:1'), ['Ann', 'Anna']);
  }
});

test('a join is parted also once a push gave its row a stronger key', async (t) => {
  const { send, push, names, joins } = await startJoins(t);
  for (const at of ['1', '2']) {
    await push('web', { email: `${at}@x.org`, name: 'Anna' });
    await push('shop', { user: at, email: `${at}@x.org`, name: 'Ann' });
    await push('web', { user: `web-${at}`, email: `${at}@x.org`, name: 'Anna' });
    assert.deepEqual(await names(`user_id:web-${at}`), ['Ann', 'Anna']);
  }
  const { data } = await joins();
  const listed = data.map(({ pairs }) => (pairs as Json[][])[0]?.map(({ value }) => value).sort());
  assert.deepEqual(listed, [
    ['2', 'web-2'],
    ['1', 'web-1'],
  ]);
  const { status } = await send(`${root}/unmerge`, { entry: data[1]?.['entry'] });
  assert.equal(status, 200);
  const storm = { since: '2020-01-01T00:00:00Z', dataset: 'shop' };
  assert.deepEqual((await send(`${root}/joins/unmerge`, storm)).body, { parted: 1 });
  for (const at of ['1', '2']) {
    assert.deepEqual(await names(`user_id:web-${at}`), [null, 'Anna']);
    assert.deepEqual(await names(`user_id:${at}`), ['Ann', null]);
  }
});

test('the log comes in pages, and each entry is on one of them', async (t) => {
  const { api, token, send, push, joins } = await startJoins(t);
  await push('shop', { user: '1', name: 'Ann' }, { user: '2', name: 'Bob' });
  const expected: unknown[] = [];
  for (let round = 0; round < 3; round += 1) {
    const merged = await send(`${root}/merge`, { identities: ['user_id:1', 'user_id:2'] });
    const parted = await send(`${root}/unmerge`, { entry: merged.body['entry'] });
    expected.unshift(parted.body['entry'], merged.body['entry']);
  }
  const seen: unknown[] = [];
  let cursor: string | null = '';
  while (cursor !== null) {
    const page: Awaited<ReturnType<typeof joins>> = await joins(
      `?limit=4${cursor && `&cursor=${cursor}`}`,
    );
    assert.ok(page.data.length <= 4);
    seen.push(...page.data.map(({ entry }) => entry));
    cursor = page.next_cursor;
  }
  assert.deepEqual(seen, expected);
  for (const query of ['?cursor=abc', '?limit=0', '?limit=201', '?before=1']) {
    const { status } = await callApi(api, { path: `${root}/joins${query}`, token });
    assert.equal(status, 400, query);
  }
});

test('a contact shows who claims its identities, and which claims have no effect', async (t) => {
  const { api, send, push } = await startJoins(t);
  await updateIdentityType(api.administration, 1, {
    name: 'user_id',
    settings: { isStable: true },
  });
  await api.token();
  await push('shop', { user: '1', email: 'a@x.org', name: 'Ann' });
  await push('web', { user: '2', email: 'a@x.org', name: 'Other' });
  const { body } = await send(`${root}/identities`, { identity: 'user_id:1' });
  assert.match(String(body['contact_id']), /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  assert.deepEqual(body['other_ids'], []);
  const shown = body['identities'] as { identity: { type: string }; claims: Json[] }[];
  const [user, email] = ['user_id', 'email'].map((type) => {
    const found = shown.find(({ identity }) => identity.type === type);
    assert.ok(found !== undefined, type);
    const claims = found.claims.map(({ since, ...claim }) => {
      assert.ok(Math.abs(Date.parse(String(since)) - Date.now()) < 60_000);
      return claim;
    });
    return { ...found, claims };
  });
  const key = (type: string, value: string) => ({ type, value, digest: null });
  const shop = { dataset: 'shop', key: key('user_id', '1') };
  const web = { dataset: 'web', key: key('user_id', '2') };
  assert.deepEqual(user, {
    ...{ identity: key('user_id', '1'), leads_here: true, is_founder: true },
    claims: [{ ...shop, refused: null }],
  });
  assert.deepEqual(email, {
    ...{ identity: key('email', 'a@x.org'), leads_here: false, is_founder: false },
    claims: [
      { ...shop, refused: 'identity_taken' },
      { ...web, refused: null },
    ],
  });
  const unknown = await send(`${root}/identities`, { identity: 'user_id:9' });
  assert.deepEqual(codeOf(unknown), [404, 'contact_not_found']);
});
