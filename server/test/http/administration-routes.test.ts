/**
 * Administration over real sockets: tokens, identity types, fields and the organization. Each call
 * is made with a token.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { usualBlocked } from '../../src/domain/contact/identity-type.ts';
import { type ApiCall, callApi } from './call-api.ts';
import { readProblem } from './problem-shape.ts';
import { type RunningApi, startApi, waitFor } from './start-api.ts';

type Json = Record<string, unknown>;

async function must(api: RunningApi, call: ApiCall, status = 200): Promise<Json> {
  const answer = await callApi(api, call);
  assert.equal(answer.status, status, answer.body);
  return JSON.parse(answer.body) as Json;
}

async function admin(api: RunningApi): Promise<string> {
  return api.token({ scopes: ['contacts:read', 'admin:read', 'admin:write'] });
}

test('a token is shown once, works within a second, and stops within a second of its revocation', async (t) => {
  const api = await startApi(t);
  const token = await admin(api);
  const call = { method: 'POST', path: '/admin/v1/tokens', token };
  const answer = await callApi(api, { ...call, body: { created_by: 'ann@example.com' } });
  assert.equal(answer.status, 201);
  assert.equal(answer.headers.get('cache-control'), 'no-store');
  const made = JSON.parse(answer.body) as Json;
  const text = String(made['token']);
  assert.match(text, /^ush_[0-9A-Za-z]{12}_[0-9A-Za-z]{49}$/);
  const path = answer.headers.get('location') ?? '';
  const shown = await must(api, { path, token });
  assert.equal(shown['token'], undefined);
  assert.deepEqual({ token: text, ...shown }, made);
  const look = { path: '/audience/v2/contacts?identity=email:tom@hello.com', token: text };
  await waitFor(async () => (await callApi(api, look)).status === 200);
  const gone = await must(api, { method: 'DELETE', path, token });
  assert.equal(gone['state'], 'revoked');
  await waitFor(async () => (await callApi(api, look)).status === 401);
  const listed = await must(api, { path: '/admin/v1/tokens', token });
  assert.ok(!JSON.stringify(listed).includes(path.slice(-12)));
  const all = await must(api, { path: '/admin/v1/tokens?include_revoked=true', token });
  assert.ok(JSON.stringify(all).includes(path.slice(-12)));
  const again = await must(api, { method: 'DELETE', path, token });
  assert.equal(again['revoked_at'], gone['revoked_at']);
});

test('a rotated token stays valid beside the new one during the overlap', async (t) => {
  const api = await startApi(t);
  const token = await admin(api);
  const old = await must(
    api,
    {
      method: 'POST',
      path: '/admin/v1/tokens',
      token,
      body: { created_by: 'bob@example.com', name: 'site', fields: ['first_name'] },
    },
    201,
  );
  const path = '/admin/v1/tokens/bob@example.com/rotate';
  const made = await must(api, { method: 'POST', path, token, body: { overlap: '1h' } }, 201);
  assert.notEqual(made['token'], old['token']);
  assert.deepEqual([made['name'], made['fields']], ['site', ['first_name']]);
  const replaced = made['replaced'] as Json;
  assert.deepEqual([replaced['id'], replaced['replaced_by']], [old['id'], made['id']]);
  const ambiguous = await callApi(api, { path: '/admin/v1/tokens/bob@example.com', token });
  const problem = readProblem(ambiguous);
  assert.equal(problem.code, 'token_ambiguous');
  assert.equal((problem['tokens'] as Json[]).length, 2);
  const next = `/admin/v1/tokens/${made['id']}/rotate`;
  const atOnce = await must(api, { method: 'POST', path: next, token }, 201);
  assert.equal(atOnce['name'], 'site');
});

test('a token cannot grant a right that it does not have', async (t) => {
  const api = await startApi(t);
  const token = await api.token({ scopes: ['admin:read', 'admin:write'], fields: ['first_name'] });
  const make = (body: Json) =>
    callApi(api, {
      method: 'POST',
      path: '/admin/v1/tokens',
      token,
      body: { created_by: 'eve@example.com', ...body },
    });
  assert.equal(readProblem(await make({ scopes: ['contacts:write'] })).code, 'scope_missing');
  const wider = { scopes: ['admin:read'], fields: ['shoe_size'] };
  assert.equal(readProblem(await make(wider)).code, 'definition_invalid');
  const any = { scopes: ['admin:read'], fields: null };
  assert.equal(readProblem(await make(any)).code, 'definition_invalid');
  assert.equal((await make({ scopes: ['admin:read'] })).status, 201);
});

test('lists come in pages without gaps or repetitions', async (t) => {
  const api = await startApi(t);
  const token = await admin(api);
  for (let count = 0; count < 6; count += 1) await api.token({ name: `number ${count}` });
  const ids: unknown[] = [];
  let path = '/admin/v1/tokens?limit=3';
  for (let cursor: unknown = ''; cursor !== null; ) {
    const page = await must(api, { path, token });
    ids.push(...(page['data'] as Json[]).map(({ id }) => id));
    cursor = page['next_cursor'];
    path = `/admin/v1/tokens?limit=3&cursor=${cursor}`;
  }
  assert.equal(ids.length, 7);
  assert.equal(new Set(ids).size, 7);
  const fields = await must(api, { path: '/admin/v1/fields?limit=200', token });
  const names = (fields['data'] as Json[]).map(({ name }) => name);
  assert.equal(names.length, 6 + 4);
  assert.equal(fields['next_cursor'], null);
});

test('a field changes only if the caller saw its current version, and look-ups follow', async (t) => {
  const api = await startApi(t);
  const token = await admin(api);
  const path = '/admin/v1/fields/total_spend';
  const seen = await callApi(api, { path, token });
  const etag = seen.headers.get('etag') ?? '';
  const known = await callApi(api, { path, token, headers: { 'if-none-match': etag } });
  assert.equal(known.status, 304);
  const change = (body: Json, headers: Record<string, string> = {}) =>
    callApi(api, { method: 'PATCH', path, token, body, headers });
  const changed = await change({ implied_value: 7 }, { 'if-match': etag });
  assert.equal(changed.status, 200);
  assert.notEqual(changed.headers.get('etag'), etag);
  const stale = await change({ content: false }, { 'if-match': etag });
  assert.equal(readProblem(stale).code, 'precondition_failed');
  const weak = await change({ content: false }, { 'if-match': `W/${changed.headers.get('etag')}` });
  assert.equal(readProblem(weak).code, 'precondition_failed');
  assert.equal((await change({ content: false }, { 'if-match': '*' })).status, 200);
  const look = {
    path: '/audience/v2/contacts?identity=email:tom@hello.com&fields=total_spend',
    token,
  };
  await waitFor(async () =>
    Boolean((await callApi(api, look)).headers.get('usher-omitted')?.includes('not_content')),
  );
});

test('every error in a definition is listed with its path', async (t) => {
  const api = await startApi(t);
  const token = await admin(api);
  const cases: readonly (readonly [ApiCall, readonly string[]])[] = [
    [
      {
        method: 'PATCH',
        path: '/admin/v1/organization',
        body: { currency: 'usd', token_pool_max: 0, rate_limit: 1_000 },
      },
      ['/rate_limit', '/currency', '/token_pool_max'],
    ],
    [{ method: 'PATCH', path: '/admin/v1/organization', body: { currency: 'XQX' } }, ['/currency']],
    [
      { method: 'PATCH', path: '/admin/v1/fields/shoe_size', body: { implied_value: 'large' } },
      ['/implied_value'],
    ],
    [
      { method: 'PATCH', path: '/admin/v1/fields/recent_events', body: { condition: true } },
      ['/condition'],
    ],
    [
      {
        method: 'POST',
        path: '/admin/v1/tokens',
        body: {
          created_by: 'x@example.com',
          identity_types: ['shoe'],
          max_share: 1,
          expires: 'soon',
        },
      },
      ['/identity_types/0', '/expires'],
    ],
    [{ method: 'POST', path: '/admin/v1/tokens', body: {} }, ['/created_by']],
    [
      {
        method: 'POST',
        path: '/admin/v1/identity-types',
        body: { name: 'A', normalisation: 'id' },
      },
      ['/name', '/normalisation'],
    ],
  ];
  for (const [call, paths] of cases) {
    const problem = readProblem(await callApi(api, { ...call, token }));
    assert.equal(problem.code, 'definition_invalid', JSON.stringify(call));
    const listed = (problem['problems'] as Json[]).map(({ path }) => path);
    assert.deepEqual([...listed].sort(), [...paths].sort());
  }
  const whole = await callApi(api, {
    method: 'PATCH',
    path: '/admin/v1/organization',
    token,
    body: '[]',
  });
  assert.equal(readProblem(whole).code, 'body_malformed');
});

test('an identity type is created once and found again, and a missing one is not found', async (t) => {
  const api = await startApi(t);
  const token = await admin(api);
  const call = { method: 'POST', path: '/admin/v1/identity-types', token };
  const made = await must(api, { ...call, body: { name: 'user_id' } }, 201);
  assert.deepEqual(made, {
    ...{ name: 'user_id', normalisation: 'exact', built_in: false },
    ...{ joins: true, stable: false, max_per_contact: 20, shared_limit: 3 },
    blocked: usualBlocked,
  });
  assert.deepEqual(await must(api, { path: '/admin/v1/identity-types/user_id', token }), made);
  const again = await callApi(api, { ...call, body: { name: 'user_id' } });
  assert.equal(readProblem(again).code, 'name_taken');
  for (const path of [
    '/admin/v1/identity-types/shoe',
    '/admin/v1/identity-types/__proto__',
    '/admin/v1/fields/colour',
    '/admin/v1/fields/NOT-A-NAME',
    '/admin/v1/tokens/zzz',
    '/admin/v1/tokens/%00',
  ]) {
    const missing = readProblem(await callApi(api, { path, token }));
    assert.equal(missing.code, 'resource_not_found', path);
  }
});

test('the blocked values of an identity type are replaced, also those of a built-in one', async (t) => {
  const api = await startApi(t);
  const token = await admin(api);
  const change = (name: string, blocked: unknown, status = 200) => {
    const path = `/admin/v1/identity-types/${name}`;
    return must(api, { method: 'PATCH', path, token, body: { blocked } }, status);
  };
  const changed = await change('email', ['Info@', ' X@Y.org ', 'info@']);
  assert.deepEqual(changed, {
    ...{ name: 'email', normalisation: 'email', built_in: true },
    ...{ joins: true, stable: false, max_per_contact: 20, shared_limit: 3 },
    blocked: ['info@', 'x@y.org'],
  });
  assert.deepEqual(await must(api, { path: '/admin/v1/identity-types/email', token }), changed);
  for (const [name, values, status] of [
    ['id', ['x'], 422],
    ['email-hash', ['x'], 422],
    ['email', [''], 422],
    ['email', Array.from({ length: 201 }, (_, place) => `v${place}`), 422],
    ['shoe', ['x'], 404],
  ] as const) {
    const path = `/admin/v1/identity-types/${name}`;
    const refused = await callApi(api, {
      ...{ method: 'PATCH', path, token },
      body: { blocked: values },
    });
    assert.equal(refused.status, status, `${name}: ${refused.body}`);
  }
});

test('a token changes and removes only identity types that it may see', async (t) => {
  const api = await startApi(t);
  const token = await admin(api);
  const types = '/admin/v1/identity-types';
  await must(api, { method: 'POST', path: types, token, body: { name: 'user_id' } }, 201);
  const limited = await api.token({
    ...{ scopes: ['admin:read', 'admin:write'], identityTypes: ['email'] },
  });
  for (const method of ['PATCH', 'DELETE'] as const) {
    const body = method === 'PATCH' ? { body: { blocked: ['x'] } } : {};
    const hidden = await callApi(api, {
      method,
      path: `${types}/user_id`,
      token: limited,
      ...body,
    });
    assert.equal(readProblem(hidden).code, 'resource_not_found', method);
  }
  assert.deepEqual((await must(api, { path: `${types}/user_id`, token }))['blocked'], usualBlocked);
});

test('an identity type is removed only if nothing uses it', async (t) => {
  const api = await startApi(t);
  const token = await admin(api);
  const types = '/admin/v1/identity-types';
  const remove = (name: string, by = token) =>
    callApi(api, { method: 'DELETE', path: `${types}/${name}`, token: by });
  await must(api, { method: 'POST', path: types, token, body: { name: 'user_id' } }, 201);
  const naming = await api.token({ identityTypes: ['user_id'] });
  assert.equal(readProblem(await remove('user_id', naming)).code, 'scope_missing');
  const used = readProblem(await remove('user_id'));
  assert.equal(used.code, 'definition_invalid');
  assert.match(used.detail, /in use/);
  const revoked = { method: 'DELETE', path: `/admin/v1/tokens/${naming.slice(4, 16)}`, token };
  await must(api, revoked, 200);
  const gone = await remove('user_id');
  assert.deepEqual([gone.status, gone.body], [204, '']);
  assert.ok(gone.headers.get('ratelimit'));
  const missing = await callApi(api, { path: `${types}/user_id`, token });
  assert.equal(readProblem(missing).code, 'resource_not_found');
  assert.equal(readProblem(await remove('user_id')).code, 'resource_not_found');
  assert.equal(readProblem(await remove('email')).code, 'definition_invalid');
});

test('changes are in the audit log with the token that made them and without secrets', async (t) => {
  const api = await startApi(t);
  const token = await admin(api);
  const path = '/admin/v1/organization';
  await must(api, { method: 'PATCH', path, token, body: { currency: 'EUR' } });
  const made = await must(
    api,
    { method: 'POST', path: '/admin/v1/tokens', token, body: { created_by: 'z@example.com' } },
    201,
  );
  const audit = await api.administration.catalog.read((view) => view.listAudit(1, { limit: 2 }));
  assert.equal(audit[0]?.action, 'token.create');
  assert.equal(audit[1]?.action, 'organization.update');
  assert.equal(audit[0]?.actor, `token:${token.slice(4, 16)}`);
  assert.ok(!JSON.stringify(audit).includes(String(made['token']).slice(17)));
});
