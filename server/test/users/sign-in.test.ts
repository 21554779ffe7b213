/** Signing in over HTTP: passwords, links, cookies, sessions and their ends. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { roles } from '@usher/contract/roles';
import { inviteUser, resetUser, revokeUser, updateUser } from '../../src/users/manage-users.ts';
import { totpCode } from '../../src/users/totp.ts';
import { callApi } from '../http/call-api.ts';
import { readProblem } from '../http/problem-shape.ts';
import { startApi } from '../http/start-api.ts';
import { ConsoleClient, goodPassword, jsonOf, makeUser, operatorOf } from './console-client.ts';

const oneWay = { password: true, oidc: null, asks_organization: false };

test('an invited user takes the link, is signed in, and the link never works again', async (t) => {
  const api = await startApi(t);
  const { link } = await inviteUser(operatorOf(api), { email: 'Ana@Example.com', role: 'support' });
  const client = new ConsoleClient(api);
  const needs = readProblem(await client.takeLink(link, {}));
  assert.equal(needs.code, 'sign_in_failed');
  assert.equal(needs['password_required'], true);
  const answer = await client.takeLink(link, { password: goodPassword, name: 'Ana' });
  assert.equal(answer.status, 200, answer.body);
  assert.equal(answer.headers.get('cache-control'), 'no-store');
  const { user, permissions, organization, methods } = jsonOf(answer);
  assert.deepEqual(
    { ...(user as object), id: '' },
    {
      id: '',
      email: 'ana@example.com',
      name: 'Ana',
      role: 'support',
      has_password: true,
      has_totp: false,
      role_from_groups: false,
    },
  );
  assert.deepEqual(permissions, roles.support);
  assert.deepEqual(organization, {
    name: 'default',
    locale: 'en-US',
    time_zone: 'Z',
    currency: 'USD',
  });
  assert.deepEqual(methods, oneWay);
  const again = await client.call({ path: '/session' });
  assert.deepEqual(jsonOf(again)['user'], user);
  const second = await new ConsoleClient(api).takeLink(link);
  assert.equal(readProblem(second).code, 'sign_in_failed');
});

test('the cookies are HttpOnly and SameSite, and Secure with their prefix behind TLS', async (t) => {
  const api = await startApi(t, { trustProxy: ['127.0.0.1'] });
  await inviteUser(operatorOf(api), { email: 'ana@example.com', role: 'admin' });
  const { link } = await resetUser(operatorOf(api), 'ana@example.com');
  const origin = `https://127.0.0.1:${api.port}`;
  const safe = { 'x-forwarded-proto': 'https', 'x-forwarded-for': '203.0.113.9', origin };
  const plain = new ConsoleClient(api, { ...safe, 'x-forwarded-proto': 'http' });
  assert.equal(readProblem(await plain.takeLink(link)).code, 'origin_not_allowed');
  const unsafe = new ConsoleClient(api, { 'x-forwarded-for': '203.0.113.9' });
  const refused = readProblem(await unsafe.takeLink(link));
  assert.equal(refused.code, 'session_insecure');
  assert.match(String(refused['detail']), /TLS/);
  const answer = await new ConsoleClient(api, safe).takeLink(link);
  assert.equal(answer.status, 200, answer.body);
  const cookies = answer.headers.get('set-cookie') ?? '';
  assert.match(
    cookies,
    /^__Host-usher-session=[0-9A-Za-z]{43}; Path=\/; HttpOnly; SameSite=Lax; Secure/,
  );
  assert.match(cookies, /__Host-usher-device=.*; HttpOnly; SameSite=Lax; Max-Age=7776000; Secure/);
});

test('a session ends at its sign-out, and its cookie is worth nothing afterwards', async (t) => {
  const api = await startApi(t);
  const { client } = await makeUser(api, 'analyst');
  const kept = new Map(client.cookies);
  assert.equal((await client.call({ path: '/v1/fields' })).status, 200);
  assert.equal((await client.call({ method: 'DELETE', path: '/session' })).status, 204);
  assert.equal(client.cookies.has('usher-session'), false);
  for (const [name, value] of kept) client.cookies.set(name, value);
  const problem = readProblem(await client.call({ path: '/v1/fields' }));
  assert.equal(problem.code, 'session_required');
  assert.deepEqual(problem['methods'], oneWay);
});

test('signing in replaces the session, so a planted cookie never becomes a session', async (t) => {
  const api = await startApi(t);
  const { client, email } = await makeUser(api, 'analyst');
  const before = client.cookies.get('usher-session') ?? '';
  const victim = new ConsoleClient(api);
  victim.cookies.set('usher-session', 'a'.repeat(43));
  assert.equal((await victim.signIn(email)).status, 200);
  assert.notEqual(victim.cookies.get('usher-session'), 'a'.repeat(43));
  assert.equal((await client.signIn(email)).status, 200);
  const old = new ConsoleClient(api);
  old.cookies.set('usher-session', before);
  assert.equal(readProblem(await old.call({ path: '/session' })).code, 'session_required');
});

test('a role that was taken away and a revoked user count for the next request', async (t) => {
  const api = await startApi(t);
  await makeUser(api, 'admin');
  const { client, id } = await makeUser(api, 'engineer');
  const tokens = { path: '/v1/tokens' };
  assert.equal((await client.call(tokens)).status, 200);
  await updateUser(operatorOf(api), id, { role: 'support' });
  const problem = readProblem(await client.call(tokens));
  assert.equal(problem.code, 'role_missing');
  assert.equal(problem['permission'], 'tokens:read');
  await revokeUser(operatorOf(api), id);
  assert.equal(readProblem(await client.call(tokens)).code, 'session_required');
  const again = await client.signIn('engineer@example.com');
  assert.equal(readProblem(again).code, 'sign_in_failed');
});

test('a changed password ends the other sessions, and gives this one another cookie', async (t) => {
  const api = await startApi(t);
  const { client, email } = await makeUser(api, 'analyst');
  const other = new ConsoleClient(api);
  assert.equal((await other.signIn(email)).status, 200);
  const before = client.cookies.get('usher-session');
  const change = (password: string) =>
    client.call({
      ...{ method: 'PUT', path: '/session/password' },
      body: { password, new_password: 'another good password' },
    });
  assert.equal(readProblem(await change('wrong password')).code, 'sign_in_failed');
  const changed = await change(goodPassword);
  assert.equal(changed.status, 200, changed.body);
  assert.notEqual(client.cookies.get('usher-session'), before);
  assert.equal((await client.call({ path: '/session' })).status, 200);
  assert.equal(readProblem(await other.call({ path: '/session' })).code, 'session_required');
  assert.equal(readProblem(await other.signIn(email)).code, 'sign_in_failed');
  assert.equal((await other.signIn(email, 'another good password')).status, 200);
});

test('a session ends when it is not used, and at its end in any case', async (t) => {
  const start = Date.UTC(2026, 0, 1);
  let nowMs = start;
  const api = await startApi(t, { clock: () => nowMs });
  const { client, email } = await makeUser(api, 'analyst');
  const minute = 60_000;
  const statusAt = async (ms: number) => {
    nowMs = ms;
    return (await client.call({ path: '/session' })).status;
  };
  assert.equal(await statusAt(start + 29 * minute), 200);
  assert.equal(await statusAt(start + 58 * minute), 200, 'its use extended it');
  const headers = { 'usher-background': '1' };
  for (const path of ['/session', '/v1/overview']) {
    nowMs = start + 80 * minute;
    assert.equal((await client.call({ path, headers })).status, 200, path);
  }
  assert.equal(await statusAt(start + 89 * minute), 401, 'an open page is no use of it');
  assert.equal((await client.signIn(email)).status, 200);
  for (let after = 20; after < 12 * 60; after += 20) {
    assert.equal(await statusAt(start + (89 + after) * minute), 200);
  }
  assert.equal(await statusAt(start + (89 + 12 * 60) * minute), 401);
});

test('a second factor is asked for, each code works once, and a wrong one does not', async (t) => {
  let nowMs = Date.UTC(2026, 0, 1);
  const api = await startApi(t, { clock: () => nowMs });
  const { client, email } = await makeUser(api, 'admin');
  const put = (body: object) => client.call({ method: 'PUT', path: '/session/totp', body });
  const { secret, uri } = jsonOf(await put({})) as { secret: string; uri: string };
  assert.match(uri, /^otpauth:\/\/totp\/Usher%3Aadmin%40example\.com\?secret=[A-Z2-7]{32}&issuer=/);
  const codeNow = () => totpCode(secret, Math.floor(nowMs / 30_000));
  assert.equal(readProblem(await put({ code: '000000' })).code, 'sign_in_failed');
  const before = new ConsoleClient(api);
  assert.equal((await before.signIn(email)).status, 200);
  assert.equal(jsonOf(await put({ code: codeNow() }))['enabled'], true);
  assert.equal((await before.call({ path: '/sessions' })).status, 401, 'the other session ended');
  assert.equal((await client.call({ path: '/sessions' })).status, 200);
  const other = new ConsoleClient(api);
  const needs = readProblem(await other.signIn(email));
  assert.equal(needs.code, 'sign_in_failed');
  assert.equal(needs['code_required'], true);
  const used = readProblem(await other.signIn(email, goodPassword, codeNow()));
  assert.match(String(used['detail']), /or it was used/, 'as was the code that turned it on');
  assert.equal(used['code_required'], true, 'the password was right');
  nowMs += 60_000;
  assert.equal((await other.signIn(email, goodPassword, codeNow())).status, 200);
  assert.equal((await other.signIn(email, goodPassword, codeNow())).status, 401);
});

test('with a second factor, a password alone confirms nothing, nor changes the password', async (t) => {
  let nowMs = Date.UTC(2026, 0, 1);
  const api = await startApi(t, { clock: () => nowMs });
  const { client } = await makeUser(api, 'admin');
  const call = (method: string, path: string, body?: object) =>
    client.call({ method, path: `/session/${path}`, ...(body && { body }) });
  const { secret } = jsonOf(await call('PUT', 'totp', {})) as { secret: string };
  const codeNow = () => totpCode(secret, Math.floor(nowMs / 30_000));
  assert.equal((await call('PUT', 'totp', { code: codeNow() })).status, 200);
  nowMs += 360_000;
  const byPassword = await call('POST', 'confirm', { password: goodPassword });
  assert.equal(byPassword.status, 422, byPassword.body);
  assert.match(byPassword.body, /second factor/);
  const both = { password: goodPassword, code: '000000' };
  assert.equal(readProblem(await call('POST', 'confirm', both)).code, 'sign_in_failed');
  assert.equal(readProblem(await call('DELETE', 'totp')).code, 'confirmation_required');
  const change = { password: goodPassword, new_password: 'amber-lantern-quarry-7' };
  assert.equal(readProblem(await call('PUT', 'password', change)).code, 'confirmation_required');
  nowMs += 30_000;
  assert.equal((await call('POST', 'confirm', { code: codeNow() })).status, 200);
  const guessed = { ...change, password: 'wrong and wrong' };
  assert.equal(readProblem(await call('PUT', 'password', guessed)).code, 'sign_in_failed');
  assert.equal((await call('PUT', 'password', change)).status, 200);
  assert.equal((await call('DELETE', 'totp')).status, 204);
});

test('tokens never open the console, and the cookie opens nothing else', async (t) => {
  const api = await startApi(t);
  const { client } = await makeUser(api, 'admin');
  const token = await api.token({ scopes: ['admin:read', 'contacts:read'] });
  for (const path of ['/console/api/session', '/console/api/v1/fields']) {
    assert.equal(readProblem(await callApi(api, { path, token })).code, 'session_required');
  }
  const cookie = [...client.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  for (const path of ['/admin/v1/fields', '/audience/v2/contacts?identity=email:tom@hello.com']) {
    const answer = await callApi(api, { path, headers: { cookie } });
    assert.equal(readProblem(answer).code, 'token_missing', path);
  }
});
