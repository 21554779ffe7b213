/** Attacks on the sign-in: guessing, other sites, other channels, tokens with few rights. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createOrganization } from '../../src/administration/organizations.ts';
import { inviteUser } from '../../src/users/manage-users.ts';
import { totpCode } from '../../src/users/totp.ts';
import { isProblem } from '../administration/in-catalog.ts';
import { callApi } from '../http/call-api.ts';
import { readProblem } from '../http/problem-shape.ts';
import { startApi, waitFor } from '../http/start-api.ts';
import { ConsoleClient, goodPassword, jsonOf, makeUser, operatorOf } from './console-client.ts';

type Json = Record<string, unknown>;

const proxied = { trustProxy: ['127.0.0.1'] };

/** A browser at this address, behind the proxy that does TLS. */
function from(api: { readonly port: number }, address: string): ConsoleClient {
  return new ConsoleClient(api, {
    'x-forwarded-for': address,
    'x-forwarded-proto': 'https',
    origin: `https://127.0.0.1:${api.port}`,
  });
}

test('guesses make their own network wait, and neither a known browser nor another network', async (t) => {
  let nowMs = Date.UTC(2026, 0, 1);
  const api = await startApi(t, { ...proxied, clock: () => nowMs });
  const { link } = await inviteUser(operatorOf(api), { email: 'ana@example.com', role: 'admin' });
  const home = from(api, '203.0.113.9');
  assert.equal((await home.takeLink(link)).status, 200);
  home.cookies.delete('__Host-usher-session');

  const attacker = () => from(api, '203.0.113.77');
  for (let guess = 0; guess < 5; guess += 1) {
    assert.equal(
      readProblem(await attacker().signIn('ana@example.com', `guess ${guess} abc`)).code,
      'sign_in_failed',
    );
  }
  const stopped = await attacker().signIn('ana@example.com');
  assert.equal(readProblem(stopped).code, 'rate_limited', 'also with the right password');
  assert.equal(stopped.headers.get('retry-after'), '1');
  assert.equal((await home.signIn('ana@example.com')).status, 200, 'a known browser, same network');
  assert.equal((await from(api, '198.51.100.1').signIn('ana@example.com')).status, 200);
  const waits: (string | undefined)[] = [];
  for (let guess = 0; guess < 12; guess += 1) {
    nowMs += Number(waits.at(-1) ?? 1) * 1_000;
    await attacker().signIn('ana@example.com', 'wrong and wrong');
    const next = await attacker().signIn('ana@example.com', 'wrong and wrong');
    waits.push(next.headers.get('retry-after'));
  }
  assert.deepEqual(waits.map(Number), [2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900]);
  nowMs += 900_000;
  assert.equal((await attacker().signIn('ana@example.com')).status, 200, 'the wait ends');
});

test('an e-mail that nobody has is answered like a wrong password, and waits like one', async (t) => {
  const api = await startApi(t, proxied);
  await makeKnown(api);
  const told = async (email: string, address: string) => {
    const answers: [number, unknown][] = [];
    for (let guess = 0; guess < 6; guess += 1) {
      const { status, body } = await from(api, address).signIn(email, 'wrong and wrong');
      const { request_id: _, detail, ...rest } = JSON.parse(body) as Record<string, unknown>;
      answers.push([status, { ...rest, detail, retry_after_ms: undefined }]);
    }
    return answers;
  };
  const known = await told('ana@example.com', '203.0.113.9');
  assert.deepEqual(await told('nobody@example.com', '203.0.113.9'), known);
  assert.equal(known.at(-1)?.[0], 429);
});

async function makeKnown(api: Awaited<ReturnType<typeof startApi>>): Promise<void> {
  const { link } = await inviteUser(operatorOf(api), { email: 'ana@example.com', role: 'admin' });
  assert.equal((await from(api, '203.0.113.9').takeLink(link)).status, 200);
}

test('an invitation does not tell who is in another organization', async (t) => {
  const api = await startApi(t);
  const { administration } = api;
  const { id } = await createOrganization(administration, 'other', {});
  const guest = new ConsoleClient(api);
  const methods = async () => readProblem(await guest.call({ path: '/session' }))['methods'];
  await waitFor(async () => ((await methods()) as Json)['asks_organization'] === true);
  const email = 'ana@example.com';
  const one = await makeUser(api, 'admin', { email });
  const two = await makeUser(api, 'support', { email, organizationId: id });
  assert.notEqual(one.id, two.id);
  const again = inviteUser(operatorOf(api, id), { email, role: 'admin' });
  await assert.rejects(again, isProblem('name_taken'));
  const enter = async (organization?: string) => {
    const body = { email, password: goodPassword, ...(organization && { organization }) };
    const client = new ConsoleClient(api);
    const answer = await client.call({ method: 'POST', path: '/session', body });
    return answer.status === 200
      ? (jsonOf(answer)['user'] as { readonly id: string }).id
      : readProblem(answer).code;
  };
  assert.equal(await enter(), one.id);
  assert.equal(await enter('default'), one.id);
  assert.equal(await enter('other'), two.id);
  assert.equal(await enter('nowhere'), 'sign_in_failed');
});

test('many guesses at once count like guesses one after the other', async (t) => {
  const api = await startApi(t, proxied);
  await makeKnown(api);
  const guesses = Array.from({ length: 30 }, () =>
    from(api, '192.0.2.5').signIn('ana@example.com', 'wrong and wrong'),
  );
  const statuses = (await Promise.all(guesses)).map(({ status }) => status);
  assert.ok(statuses.filter((status) => status === 401).length <= 5, String(statuses));
});

test('a right password without the code takes back no guess of the code beside it', async (t) => {
  const nowMs = Date.UTC(2026, 0, 1);
  const api = await startApi(t, { ...proxied, clock: () => nowMs });
  const { link } = await inviteUser(operatorOf(api), { email: 'ana@example.com', role: 'admin' });
  const home = from(api, '203.0.113.9');
  assert.equal((await home.takeLink(link)).status, 200);
  const put = (body: object) => home.call({ method: 'PUT', path: '/session/totp', body });
  const { secret } = jsonOf(await put({})) as { secret: string };
  const code = totpCode(secret, Math.floor(nowMs / 30_000));
  assert.equal(jsonOf(await put({ code }))['enabled'], true);
  const attempt = (guess?: string) =>
    from(api, '192.0.2.5').signIn('ana@example.com', goodPassword, guess);
  let guesses = 0;
  for (let round = 0; round < 10; round += 1) {
    const codes = [undefined, `10000${round}`, `20000${round}`];
    const answers = await Promise.all(codes.map(attempt));
    guesses += answers.slice(1).filter(({ status }) => status === 401).length;
  }
  assert.ok(guesses <= 5, `${guesses} guesses were checked`);
});

test('a request of another site is refused, by every method that changes something', async (t) => {
  const api = await startApi(t);
  const { client } = await makeUser(api, 'admin');
  const own = `http://127.0.0.1:${api.port}`;
  const foreign: Record<string, string>[] = [
    { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' },
    { origin: 'null', 'sec-fetch-site': 'cross-site' },
    { origin: own, 'sec-fetch-site': 'same-site' },
    { origin: `${own}.evil.example` },
    { origin: `http://127.0.0.1:${api.port + 1}`, 'sec-fetch-site': 'same-site' },
    { origin: own.replace('http:', 'https:') },
  ];
  const calls = [
    { method: 'POST', path: '/session', body: { email: 'a@b.c', password: goodPassword } },
    { method: 'DELETE', path: '/session' },
    { method: 'POST', path: '/v1/users', body: { email: 'eve@example.com', role: 'admin' } },
    { method: 'PATCH', path: '/v1/organization', body: {} },
    { method: 'PUT', path: '/session/totp', body: {} },
  ];
  for (const headers of foreign) {
    for (const call of calls) {
      const answer = await client.call({ ...call, headers });
      assert.equal(readProblem(answer).code, 'origin_not_allowed', JSON.stringify(headers));
    }
  }
  const cookie = [...client.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  const bare = { method: 'DELETE', path: '/console/api/session', headers: { cookie } };
  assert.equal(readProblem(await callApi(api, bare)).code, 'origin_not_allowed');
  for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data']) {
    const body = JSON.stringify({ email: 'eve@example.com', role: 'admin' });
    const headers = { 'content-type': type };
    const answer = await client.call({ method: 'POST', path: '/v1/users', body, headers });
    assert.equal(readProblem(answer).code, 'origin_not_allowed', type);
  }
  assert.equal((await client.call({ path: '/session' })).status, 200);
});

test('signing in from beyond the machine without TLS is refused with the reason', async (t) => {
  const api = await startApi(t);
  const { email } = await makeUser(api, 'admin');
  for (const host of [
    'usher.example',
    'usher.example:8080',
    '10.0.0.5',
    '127.0.0.1.evil.example',
  ]) {
    const client = new ConsoleClient(api, { host, origin: `http://${host}` });
    const problem = readProblem(await client.signIn(email));
    assert.equal(problem.code, 'session_insecure', host);
    assert.match(problem.detail, /USHER_TLS_CERT/);
  }
  const forwarded = new ConsoleClient(api, { 'x-forwarded-for': '203.0.113.9' });
  assert.equal(readProblem(await forwarded.signIn(email)).code, 'session_insecure');
  const local = new ConsoleClient(api, { host: 'localhost:1', origin: 'http://localhost:1' });
  assert.equal((await local.signIn(email)).status, 200);
});

test('what cannot be taken back needs a confirmation, which lasts 5 minutes', async (t) => {
  let nowMs = Date.UTC(2026, 0, 1);
  const api = await startApi(t, { clock: () => nowMs });
  const { client } = await makeUser(api, 'admin');
  const invite = (email: string) =>
    client.call({ method: 'POST', path: '/v1/users', body: { email, role: 'analyst' } });
  assert.equal((await invite('one@example.com')).status, 201, 'who just signed in has confirmed');
  const confirmedUntil = async () =>
    jsonOf(await client.call({ path: '/session' }))['confirmed_until'];
  assert.equal(await confirmedUntil(), '2026-01-01T00:05:00Z');
  nowMs += 300_000;
  assert.equal(await confirmedUntil(), null);
  assert.equal(readProblem(await invite('two@example.com')).code, 'confirmation_required');
  const confirm = (password: string) =>
    client.call({ method: 'POST', path: '/session/confirm', body: { password } });
  assert.equal(readProblem(await confirm('wrong and wrong')).code, 'sign_in_failed');
  assert.equal(readProblem(await invite('two@example.com')).code, 'confirmation_required');
  assert.equal((await confirm(goodPassword)).status, 200);
  assert.equal((await invite('two@example.com')).status, 201);
});

test('a token cannot make itself an administrator', async (t) => {
  const api = await startApi(t);
  const { id } = await makeUser(api, 'admin');
  await makeUser(api, 'admin', { email: 'second@example.com' });
  const token = await api.token({ scopes: ['admin:read', 'admin:write', 'contacts:read'] });
  const calls = [
    { method: 'POST', path: '/admin/v1/users', body: { email: 'eve@example.com', role: 'admin' } },
    { method: 'POST', path: `/admin/v1/users/${id}/reset` },
    { method: 'DELETE', path: `/admin/v1/users/${id}` },
    { method: 'PATCH', path: `/admin/v1/users/${id}`, body: { role: 'support' } },
  ];
  for (const call of calls) {
    assert.equal(readProblem(await callApi(api, { ...call, token })).code, 'scope_missing');
  }
  const body = { email: 'ann@example.com', role: 'analyst' };
  const invited = await callApi(api, { method: 'POST', path: '/admin/v1/users', body, token });
  assert.equal(invited.status, 201, invited.body);
});

test('the last administrator cannot be revoked or demoted', async (t) => {
  const api = await startApi(t);
  const { client, id } = await makeUser(api, 'admin');
  const demote = { method: 'PATCH', path: `/v1/users/${id}`, body: { role: 'analyst' } };
  assert.equal(readProblem(await client.call(demote)).code, 'definition_invalid');
  const revoke = { method: 'DELETE', path: `/v1/users/${id}` };
  assert.equal(readProblem(await client.call(revoke)).code, 'definition_invalid');
});

test('weak passwords are refused, and the link still works afterwards', async (t) => {
  const api = await startApi(t);
  const { link } = await inviteUser(operatorOf(api), {
    email: 'annabel@example.com',
    role: 'support',
  });
  const client = new ConsoleClient(api);
  for (const password of ['short', 'aaaaaaaaaaaaaaaa', 'annabel12345', `${'long '.repeat(60)}`]) {
    const problem = readProblem(await client.takeLink(link, { password }));
    assert.equal(problem.code, 'definition_invalid', password);
  }
  assert.equal((await client.takeLink(link)).status, 200);
});

test('a name shows what it is: nothing invisible, and nothing that turns the text around', async (t) => {
  const api = await startApi(t);
  const { client, id } = await makeUser(api, 'admin');
  const rename = (name: string) =>
    client.call({ method: 'PATCH', path: `/v1/users/${id}`, body: { name } });
  for (const name of [
    '\u202eadmin',
    '\u200b',
    'a\u2060b',
    '\u3164',
    '\u200d',
    'a\nb',
    '\u{e0041}',
  ]) {
    assert.equal(readProblem(await rename(name)).code, 'definition_invalid', JSON.stringify(name));
  }
  for (const name of ["Zoë O'Brien", '山田 太郎', 'نور', '👩‍💻 Ana', '<b>']) {
    assert.equal((await rename(name)).status, 200, name);
  }
});

test('a password that is easy to guess is refused, however long it is', async (t) => {
  const api = await startApi(t);
  const { client } = await makeUser(api, 'admin', { email: 'two@x.com' });
  const change = (password: string) =>
    client.call({
      ...{ method: 'PUT', path: '/session/password' },
      body: { password: goodPassword, new_password: password },
    });
  const weak = ['password1234', '123456789012', 'qwertyuiopas', 'Passw0rd!Passw0rd!'];
  weak.push('usherusherusher', 'two@x.com two@x.com', `${'x'.repeat(200)}abcd`);
  for (const password of weak) {
    assert.equal(readProblem(await change(password)).code, 'definition_invalid', password);
  }
  assert.equal((await change('four plain words here')).status, 200);
});
