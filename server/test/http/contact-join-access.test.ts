/** Who may see, join and part contacts over HTTP, and what the audit log says of it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { callApi } from './call-api.ts';
import { readProblem } from './problem-shape.ts';
import type { RunningApi } from './start-api.ts';
import { codeOf, type Json, reading, root, startJoins, writing } from './start-joins.ts';

test('each route needs both of its scopes', async (t) => {
  const { api, send } = await startJoins(t);
  const bodies: Readonly<Record<string, Json>> = {
    merge: { identities: ['user_id:1', 'user_id:2'] },
    unmerge: { entry: '019ab4c2d1e00001' },
    split: { identity: 'user_id:1' },
    'joins/unmerge': { since: '2026-01-01T00:00:00Z' },
    identities: { identity: 'user_id:1' },
  };
  for (const [path, body] of Object.entries(bodies)) {
    const [admin, contacts] = path === 'identities' ? reading : writing;
    for (const [held, missing] of [
      [admin, contacts],
      [contacts, admin],
    ] as const) {
      const token = await api.token({ scopes: [held] });
      const refused = await send(`${root}/${path}`, body, token);
      assert.deepEqual(codeOf(refused), [403, 'scope_missing'], `${path} with ${held}`);
      assert.equal(refused.body['scope'], missing);
    }
  }
  const token = await api.token({ scopes: ['admin:read'] });
  const list = await callApi(api, { path: `${root}/joins`, token });
  assert.equal(readProblem(list).code, 'scope_missing');
});

test('a token with lists joins and parts nothing', async (t) => {
  const { api, send, push, names } = await startJoins(t);
  await push('shop', { user: '1', name: 'Ann' }, { user: '2', name: 'Bob' });
  const scopes = [...reading, ...writing];
  for (const lists of [
    { fields: ['shop_name', 'web_name'] },
    { identityTypes: ['user_id'] },
    { dataset: 'shop' },
  ]) {
    const token = await api.token({ scopes, ...lists });
    for (const [path, body] of [
      ['merge', { identities: ['user_id:1', 'user_id:2'] }],
      ['split', { identity: 'user_id:1' }],
      ['unmerge', { entry: '019ab4c2d1e00001' }],
      ['joins/unmerge', { since: '2026-01-01T00:00:00Z' }],
    ] as const) {
      const refused = await send(`${root}/${path}`, body, token);
      assert.deepEqual(codeOf(refused), [403, 'scope_missing'], path);
    }
  }
  assert.deepEqual(await names('user_id:1'), ['Ann', null]);
});

test('a token with lists sees only what these allow', async (t) => {
  const { api, send, push, joins } = await startJoins(t);
  await push('shop', { user: '1', email: 'a@x.org', name: 'Ann' });
  await push('web', { user: '2', email: 'a@x.org', name: 'Anna' });
  const show = async (lists: Parameters<RunningApi['token']>[0], identity = 'user_id:1') => {
    const token = await api.token({ scopes: reading, ...lists });
    return (await send(`${root}/identities`, { identity }, token)).body;
  };
  const shop = await show({ fields: ['shop_name'] });
  const named = (body: Json) =>
    (body['identities'] as { identity: Json; claims: Json[] }[]).map(({ identity, claims }) => [
      identity['value'],
      ...claims.map(({ dataset }) => dataset),
    ]);
  assert.deepEqual(named(shop).sort(), [
    ['1', 'shop'],
    ['a@x.org', 'shop'],
  ]);
  assert.deepEqual(named(await show({ fields: ['web_name'] })).sort(), [
    ['2', 'web'],
    ['a@x.org', 'web'],
  ]);
  const emailOnly = await show({ identityTypes: ['email'] }, 'email:a@x.org');
  assert.equal(emailOnly['contact_id'], null);
  assert.deepEqual(named(emailOnly), [['a@x.org', 'shop', 'web']]);
  assert.doesNotMatch(JSON.stringify(emailOnly), /user_id/);
  assert.equal((await show({ identityTypes: ['email'] }))['code'], 'identity_type_not_allowed');
  const pushing = { scopes: [...reading, 'contacts:write'], dataset: 'shop' } as const;
  for (const lists of [{ scopes: reading, fields: ['shop_name'] }, pushing]) {
    const token = await api.token(lists);
    const refused = await callApi(api, { path: `${root}/joins`, token });
    assert.equal(readProblem(refused).code, 'scope_missing');
  }
  const token = await api.token({ scopes: reading, identityTypes: ['email'] });
  const [join] = (await joins('', token)).data;
  assert.deepEqual(
    [join?.['pairs'], join?.['identity']],
    [[[null, null]], { type: 'email', value: 'a@x.org', digest: null }],
  );
});

test('each act is audited without an identity, and a refused one is not', async (t) => {
  const { api, send, push } = await startJoins(t);
  const before = await api.administration.catalog.readRevision();
  await push('shop', { user: '1', email: 'a@x.org', name: 'Ann' }, { user: '2', name: 'Bob' });
  await push('web', { user: '4', email: 'a@x.org', name: 'Anna' });
  const revision = await api.administration.catalog.readRevision();
  assert.ok(revision >= before);
  const merged = await send(`${root}/merge`, { identities: ['user_id:1', 'user_id:2'] });
  await send(`${root}/merge`, { identities: ['user_id:1', 'user_id:2'] });
  const unmerged = await send(`${root}/unmerge`, { entry: merged.body['entry'] });
  const since = '2026-01-01T00:00:00Z';
  await send(`${root}/joins/unmerge`, { since, dataset: 'web' });
  await send(`${root}/joins/unmerge`, { since });
  const entries = await api.administration.catalog.read((view) => view.listAudit(1, { limit: 3 }));
  const shown = entries.map(({ action, target, before, after }) => [action, target, before, after]);
  const merge = { entry: merged.body['entry'] };
  const unmerge = { entry: unmerged.body['entry'] };
  assert.deepEqual(shown, [
    ['contact.part_joins', 'web', null, { since, until: null, parted: 1 }],
    ['contact.unmerge', unmerge.entry, merge, unmerge],
    ['contact.merge', merge.entry, null, merge],
  ]);
  assert.ok(entries.every(({ actor }) => actor.startsWith('token:')));
  assert.equal(await api.administration.catalog.readRevision(), revision);
  assert.ok(api.logged.every((line) => !line.includes('x.org')));
});
