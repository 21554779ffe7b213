/**
 * Access: tokens, scopes, addresses and limits, and the answers while the store or the server is in
 * trouble.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UsherError } from '../../src/domain/errors.ts';
import { callApi } from './call-api.ts';
import { readProblem } from './problem-shape.ts';
import { startApi } from './start-api.ts';

const look = '/audience/v2/contacts?identity=email:tom@hello.com';
const lookup = '/audience/v2/contacts/lookup';
const body = { identity: 'email:tom@hello.com' };

test('every guarded route requires a token, and says how to send it', async (t) => {
  const api = await startApi(t);
  const calls = [
    { path: look },
    { method: 'POST', path: lookup, body },
    { method: 'POST', path: '/audience/v2/contacts/batch', body: { identities: [] } },
    { path: '/admin/v1/tokens' },
    { method: 'PATCH', path: '/admin/v1/organization', body: {} },
  ];
  for (const call of calls) {
    const missing = await callApi(api, call);
    assert.equal(readProblem(missing).code, 'token_missing');
    assert.equal(missing.headers.get('www-authenticate'), 'Bearer realm="usher"');
    const invalid = await callApi(api, { ...call, token: 'ush_nonsense' });
    assert.equal(readProblem(invalid).code, 'token_invalid');
    const bare = await callApi(api, { ...call, headers: { authorization: await api.token() } });
    assert.deepEqual([bare.status, readProblem(bare).code], [401, 'token_invalid']);
    assert.match(bare.body, /not of the form: Authorization: Bearer ush_/);
    assert.match(invalid.headers.get('www-authenticate') ?? '', /error="invalid_token"/);
  }
});

test("a token without the scope is refused with the scope's name, and is charged", async (t) => {
  const api = await startApi(t);
  const reader = await api.token();
  const admin = await api.token({ scopes: ['admin:read'] });
  const cases = [
    { path: '/admin/v1/tokens', token: reader, scope: 'admin:read' },
    { path: '/metrics', token: reader, scope: 'admin:read' },
    { path: look, token: admin, scope: 'contacts:read' },
    { method: 'POST', path: lookup, body, token: admin, scope: 'contacts:read' },
    {
      method: 'PATCH',
      path: '/admin/v1/organization',
      body: {},
      token: admin,
      scope: 'admin:write',
    },
  ];
  for (const { scope, ...call } of cases) {
    const answer = await callApi(api, call);
    const problem = readProblem(answer);
    assert.deepEqual([problem.code, problem['scope']], ['scope_missing', scope]);
    assert.ok(answer.headers.get('ratelimit'));
  }
});

test('after twenty failures an address must wait, but a valid token is still served', async (t) => {
  const api = await startApi(t);
  const token = await api.token();
  const codes: string[] = [];
  for (let count = 0; count < 25; count += 1) {
    codes.push(readProblem(await callApi(api, { method: 'POST', path: lookup, body })).code);
  }
  assert.deepEqual(codes.slice(0, 20), Array(20).fill('token_missing'));
  assert.deepEqual(codes.slice(20), Array(5).fill('rate_limited'));
  const good = await callApi(api, { method: 'POST', path: lookup, body, token });
  assert.equal(good.status, 200);
});

test('X-Forwarded-For counts only if a trusted proxy sent it', async (t) => {
  const office = { addresses: ['203.0.113.0/24'] };
  const headers = { 'x-forwarded-for': '198.51.100.9, 203.0.113.7' };
  const call = { method: 'POST', path: lookup, body, headers };
  const open = await startApi(t);
  const refused = await callApi(open, { ...call, token: await open.token(office) });
  assert.equal(readProblem(refused).code, 'address_not_allowed');
  const behind = await startApi(t, { trustProxy: ['127.0.0.0/8', '10.0.0.0/8'] });
  const token = await behind.token(office);
  assert.equal((await callApi(behind, { ...call, token })).status, 200);
  const viaTwo = { 'x-forwarded-for': '203.0.113.7, 10.1.1.1' };
  assert.equal((await callApi(behind, { ...call, token, headers: viaTwo })).status, 200);
  const forged = { 'x-forwarded-for': '203.0.113.7, 198.51.100.9' };
  const other = await callApi(behind, { ...call, token, headers: forged });
  assert.equal(readProblem(other).code, 'address_not_allowed');
  assert.equal((await callApi(behind, { path: look, token, headers: viaTwo })).status, 200);
});

test('administration has its own limit of twenty requests a second', async (t) => {
  const api = await startApi(t);
  const token = await api.token({ scopes: ['contacts:read', 'admin:read'] });
  const call = { path: '/admin/v1/organization', token };
  const answers = await Promise.all(Array.from({ length: 30 }, () => callApi(api, call)));
  const limited = answers.filter(({ status }) => status === 429);
  assert.equal(limited.length, 10);
  for (const answer of limited) assert.equal(readProblem(answer).code, 'rate_limited');
  assert.equal((await callApi(api, { path: look, token })).status, 200);
});

test('an organization that wants 400 for unknown contacts gets it, with POST and with GET', async (t) => {
  const api = await startApi(t);
  const token = await api.token({ scopes: ['contacts:read', 'admin:write'] });
  const patched = await callApi(api, {
    method: 'PATCH',
    path: '/admin/v1/organization',
    token,
    body: { unknown_contact_status: 400 },
  });
  assert.equal(patched.status, 200);
  const unknown = { identity: 'email:nobody@hello.com' };
  let answer = await callApi(api, { method: 'POST', path: lookup, token, body: unknown });
  for (let turn = 0; answer.status === 404 && turn < 200; turn += 1) {
    answer = await callApi(api, { method: 'POST', path: lookup, token, body: unknown });
  }
  assert.deepEqual([answer.status, readProblem(answer).code], [400, 'contact_not_found']);
});

test('a failure of the store is answered without internal detail, and its cause is logged', async (t) => {
  const failures = [new UsherError('store_unavailable', 'Try again.'), new Error('secret cause')];
  const api = await startApi(t, {
    reader: (real) =>
      Object.assign(Object.create(real), {
        lendContact: () => {
          throw failures.shift() ?? new Error('no more');
        },
      }),
  });
  const token = await api.token();
  const call = { method: 'POST', path: lookup, body, token };
  assert.equal(readProblem(await callApi(api, call)).code, 'store_unavailable');
  const answer = await callApi(api, { ...call, headers: { 'x-request-id': 'seen-in-log' } });
  assert.equal(readProblem(answer).code, 'internal');
  assert.doesNotMatch(answer.body, /secret|at .*\.ts|stack/);
  const line = api.logged.find((logged) => logged.includes('seen-in-log')) ?? '';
  assert.match(line, /secret cause/);
  assert.doesNotMatch(line, /tom@hello\.com|ush_/);
});

test('readiness follows the state and says how long to wait, while liveness stays green', async (t) => {
  const api = await startApi(t);
  assert.deepEqual((await callApi(api, { path: '/readyz' })).body, '{"status":"ready"}');
  for (const state of ['starting', 'draining'] as const) {
    api.setState(state);
    assert.equal(readProblem(await callApi(api, { path: '/readyz' })).code, 'starting');
    assert.equal((await callApi(api, { path: '/livez' })).status, 200);
  }
});

test('a draining server answers each request and then closes its connection', async (t) => {
  const api = await startApi(t);
  const token = await api.token();
  api.drain();
  for (const call of [
    { path: look, token },
    { method: 'POST', path: lookup, token, body },
  ]) {
    const answer = await callApi(api, { ...call, headers: { connection: 'keep-alive' } });
    assert.equal(answer.status, 200);
    assert.equal(answer.headers.get('connection'), 'close');
  }
});
