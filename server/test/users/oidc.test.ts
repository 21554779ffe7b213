/**
 * Signing in with OpenID Connect, against a real provider, and against one that forges its answers.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  inviteUser,
  linkUser,
  listUsers,
  revokeUser,
  updateUser,
} from '../../src/users/manage-users.ts';
import { readProblem } from '../http/problem-shape.ts';
import type { RawAnswer } from '../http/raw-connection.ts';
import { type RunningApi, startApi } from '../http/start-api.ts';
import { freePort } from '../launch/run-usher.ts';
import { ConsoleClient, goodPassword, jsonOf, makeUser, operatorOf } from './console-client.ts';
import { startForgedProvider } from './forged-provider.ts';
import { ana, finish, providerAt, startBoth } from './start-oidc-api.ts';
import { clientId, type ProviderUser } from './start-provider.ts';

async function auditOf({ administration }: RunningApi): Promise<readonly string[]> {
  const entries = await administration.catalog.read((view) => view.listAudit(1, { limit: 100 }));
  return entries.map(({ action }) => action);
}

const query = (address: URL) => address.search.slice(1);

test('a user of the provider signs in, with the role of the first group that counts', async (t) => {
  const { api, provider, browser, visit } = await startBoth(t);
  const client = browser();
  const before = readProblem(await client.call({ path: '/session' }));
  assert.deepEqual(before['methods'], {
    ...{ password: true, oidc: { name: 'Example Login' }, asks_organization: false },
  });
  const answer = await finish(client, query(await visit(client)));
  assert.equal(answer.status, 200, answer.body + api.logged.join('\n'));
  const { id, ...user } = jsonOf(answer)['user'] as Record<string, unknown>;
  assert.deepEqual(user, {
    ...{ email: 'ana@example.com', name: 'Ana', role: 'engineer' },
    ...{ has_password: false, has_totp: false, role_from_groups: true },
  });
  assert.equal((await client.call({ path: '/v1/tokens' })).status, 200);

  provider.user = { ...ana, email: 'new@example.com', groups: ['desk'] };
  const again = browser();
  const second = jsonOf(await finish(again, query(await visit(again))));
  const same = second['user'] as Record<string, unknown>;
  assert.deepEqual(
    [same['id'], same['role']],
    [id, 'support'],
    'the subject counts, not the e-mail',
  );
  assert.equal((await client.call({ path: '/v1/tokens' })).status, 403, 'in every session');
});

test('who has no group with a role, no verified e-mail, or was revoked does not get in', async (t) => {
  const { api, provider, browser, visit } = await startBoth(t);
  const refused = async (user: ProviderUser) => {
    provider.user = user;
    const client = browser();
    return readProblem(await finish(client, query(await visit(client)))).code;
  };
  assert.equal(await refused({ ...ana, groups: ['others'] }), 'sign_in_failed');
  await inviteUser(operatorOf(api), { email: 'eve@example.com', role: 'admin' });
  const unverified = { ...ana, sub: 'eve', email: 'eve@example.com', email_verified: false };
  assert.equal(await refused(unverified), 'sign_in_failed');
  await revokeUser(operatorOf(api), 'eve@example.com');
  assert.equal(await refused({ ...unverified, email_verified: true }), 'sign_in_failed');
});

test('an invited user keeps the account, if the provider has verified the e-mail', async (t) => {
  const { api, provider, browser, visit } = await startBoth(t);
  const email = 'ana@example.com';
  const { user } = await inviteUser(operatorOf(api), { email, role: 'auditor' });
  provider.user = { ...ana, groups: [] };
  const client = browser();
  const answer = jsonOf(await finish(client, query(await visit(client))));
  assert.deepEqual(answer['user'], {
    ...{ id: user.id, email, name: email, role: 'auditor' },
    ...{ has_password: false, has_totp: false, role_from_groups: false },
  });
});

test('a role that came from groups goes with them, and no password brings it back', async (t) => {
  const { api, provider, browser, visit } = await startBoth(t);
  const enter = async (user: ProviderUser) => {
    provider.user = user;
    const client = browser();
    return { client, answer: await finish(client, query(await visit(client))) };
  };
  const roleOf = (answer: RawAnswer) => (jsonOf(answer)['user'] as { role: string }).role;
  const first = await enter(ana);
  assert.equal(roleOf(first.answer), 'engineer');
  const set = { method: 'PUT', path: '/session/password', body: { new_password: goodPassword } };
  const refusedPassword = readProblem(await first.client.call(set));
  assert.match(refusedPassword.detail, /role comes from your groups/);
  const { sub, email, email_verified } = ana;
  const without = { sub, email, email_verified };
  for (const gone of [without, { ...ana, groups: [] }, { ...ana, groups: ['others'] }]) {
    const open = (await enter(ana)).client;
    assert.equal(readProblem((await enter(gone)).answer).code, 'sign_in_failed');
    const after = await open.call({ path: '/session' });
    assert.equal(readProblem(after).code, 'session_required', 'the open sessions end');
  }
  const audit = await auditOf(api);
  assert.ok(audit.includes('user.role_lost'));
  const lostAt = async () => (await listUsers(operatorOf(api))).at(-1)?.role_lost_at;
  assert.equal(typeof (await lostAt()), 'string', 'the list says that the role is gone');
  assert.equal(roleOf((await enter(ana)).answer), 'engineer', 'with the group again');
  assert.equal(await lostAt(), null);

  await updateUser(operatorOf(api), 'ana@example.com', { role: 'auditor' });
  assert.equal(roleOf((await enter(without)).answer), 'auditor', 'an administrator gave this one');
  assert.equal(roleOf((await enter(ana)).answer), 'engineer');
  const { link } = await linkUser(operatorOf(api), 'ana@example.com');
  assert.equal(roleOf(await browser().takeLink(link)), 'auditor');
  await enter(ana);
  assert.equal(roleOf(await browser().signIn('ana@example.com')), 'auditor');
});

test('nobody is entered under an e-mail that the provider has not verified', async (t) => {
  const { api, provider, browser, visit } = await startBoth(t);
  const email = 'ceo@example.com';
  for (const email_verified of [false, 'true', undefined]) {
    provider.user = { ...ana, sub: 'mallory', email, email_verified } as ProviderUser;
    const client = browser();
    const problem = readProblem(await finish(client, query(await visit(client))));
    assert.equal(problem.code, 'sign_in_failed', String(email_verified));
  }
  await inviteUser(operatorOf(api), { email, role: 'admin' });
});

test('no group takes the role of the last administrator', async (t) => {
  const { api, provider, browser, visit } = await startBoth(t);
  const { client: admin, email } = await makeUser(api, 'admin');
  const enter = async () => {
    provider.user = { ...ana, sub: 'boss', email: email.toUpperCase(), groups: ['desk'] };
    const client = browser();
    const user = jsonOf(await finish(client, query(await visit(client))))['user'];
    return (user as { role: string }).role;
  };
  assert.equal(await enter(), 'admin');
  assert.equal((await admin.call({ path: '/v1/users' })).status, 200);
  assert.ok((await auditOf(api)).includes('user.role_kept'));
  const lost = { sub: 'gone', email: 'gone@example.com', email_verified: true };
  for (const groups of [['admins'], []]) {
    provider.user = { ...lost, groups };
    const client = browser();
    await finish(client, query(await visit(client)));
  }
  assert.equal(await enter(), 'admin', 'an administrator without a group cannot sign in');
  await makeUser(api, 'admin', { email: 'second@example.com' });
  assert.equal(await enter(), 'support', 'there is another administrator');
});

test('an answer that is replayed, altered, of another browser or too late is refused', async (t) => {
  let laterMs = 0;
  const { browser, visit } = await startBoth(t, () => Date.now() + laterMs);
  const client = browser();
  const address = await visit(client);
  const kept = new Map(client.cookies);
  const refused = async (from: ConsoleClient, parameters: string) =>
    assert.equal(readProblem(await finish(from, parameters)).code, 'sign_in_failed', parameters);
  await refused(browser(), query(address));
  const other = browser();
  const otherAddress = await visit(other);
  await refused(client, query(otherAddress));
  await refused(client, `${query(address)}&state=again`);
  await refused(client, query(address).replace(/iss=[^&]*/, 'iss=https%3A%2F%2Fevil.example'));
  await refused(client, query(address).replace(/&?iss=[^&]*/, ''));
  await refused(client, query(address).replace(/code=[^&]*/, 'code=guess'));
  await refused(client, 'error=access_denied');
  assert.equal((await finish(client, query(address))).status, 200);
  const replay = browser();
  for (const [name, value] of kept) replay.cookies.set(name, value);
  await refused(replay, query(address));
  laterMs = 600_000;
  await refused(other, query(otherAddress));
});

const needsConfirmation = { method: 'PUT', path: '/session/totp', body: {} };

test('signing in again confirms who it is only if the provider has asked', async (t) => {
  let shiftMs = 0;
  const { provider, browser, visit } = await startBoth(t, () => Date.now() + shiftMs);
  const client = browser();
  const cookies = new Map<string, string>();
  await finish(client, query(await visit(client, cookies)));
  const again = browser();
  await finish(again, query(await visit(again, cookies)));
  assert.equal(provider.asked, 1, 'the provider knows the browser');
  assert.equal((await client.call(needsConfirmation)).status, 200, 'it has just asked');
  shiftMs = 360_000;
  for (const unproven of [client, again]) {
    const problem = readProblem(await unproven.call(needsConfirmation));
    assert.equal(problem.code, 'confirmation_required');
  }
  shiftMs = 0;
  assert.equal((await finish(client, query(await visit(client, cookies)))).status, 200);
  assert.equal(provider.asked, 2);
  assert.equal((await client.call(needsConfirmation)).status, 200);
});

test('an ID token that is forged, expired or for somebody else is refused', async (t) => {
  const forged = await startForgedProvider(t, clientId);
  const api = await startApi(t, { oidc: providerAt(forged.issuer) });
  const attempt = async (client = new ConsoleClient(api)) => {
    const start = await client.call({ path: '/session/oidc' });
    const location = new URL(start.headers.get('location') ?? '');
    forged.nonce = location.searchParams.get('nonce') ?? '';
    assert.equal(location.searchParams.get('code_challenge_method'), 'S256');
    const state = location.searchParams.get('state') ?? '';
    const parameters = new URLSearchParams({ code: 'any', state, iss: forged.issuer });
    return finish(client, parameters.toString());
  };
  assert.equal((await attempt()).status, 200, 'an honest one');
  const now = Math.floor(Date.now() / 1_000);
  const past = now - 3_600;
  const client = new ConsoleClient(api);
  const codeOf = async () => {
    const answer = await client.call(needsConfirmation);
    return answer.status === 200 ? 'confirmed' : readProblem(answer).code;
  };
  forged.forge = (claims) => ({ ...claims, auth_time: past });
  assert.equal((await attempt(client)).status, 200);
  assert.equal(await codeOf(), 'confirmation_required');
  for (const auth_time of [past, undefined, String(now), null]) {
    forged.forge = (claims) => ({ ...claims, auth_time });
    assert.equal(readProblem(await attempt(client)).code, 'sign_in_failed', String(auth_time));
    assert.equal(await codeOf(), 'confirmation_required', 'the session goes on');
  }
  forged.forge = (claims) => ({ ...claims, auth_time: now - 60 });
  assert.equal((await attempt(client)).status, 200);
  assert.equal(await codeOf(), 'confirmed');
  const lies: Record<string, unknown>[] = [
    { nonce: 'of another sign-in' },
    { nonce: undefined },
    { aud: 'another client' },
    { iss: 'https://evil.example' },
    { exp: past },
    ...[undefined, '', 'a\nb', 'ä', 'a'.repeat(256)].map((sub) => ({ sub, email: 'b@x.com' })),
  ];
  for (const lie of lies) {
    forged.forge = (claims) => ({ ...claims, ...lie });
    assert.equal(readProblem(await attempt()).code, 'sign_in_failed', JSON.stringify(lie));
  }
  forged.forge = (claims) => claims;
  forged.isUnsigned = true;
  assert.equal(readProblem(await attempt()).code, 'sign_in_failed', 'unsigned');
  forged.isUnsigned = false;
  forged.signWithAnother();
  assert.equal(readProblem(await attempt()).code, 'sign_in_failed', 'signed by another');
});

test('the way to the provider and back leads nowhere else', async (t) => {
  const { api, browser } = await startBoth(t);
  const client = browser();
  for (const name of ['return_to', 'redirect_uri', 'next']) {
    const answer = await client.call({ path: `/session/oidc?${name}=https://evil.example` });
    assert.equal(readProblem(answer).code, 'parameter_unknown');
  }
  const path = '/session/oidc/callback?code=a&state=b&next=https://evil.example';
  const page = await client.call({ path, headers: { accept: 'text/html' } });
  assert.equal(page.status, 200);
  assert.doesNotMatch(page.body, /evil|code=a/);
  assert.match(page.headers.get('content-security-policy') ?? '', /default-src 'none'.*nonce-/);
  assert.deepEqual([...client.cookies.keys()], [], 'the GET signs nobody in');
  const plain = new ConsoleClient(api, { host: 'usher.example', origin: 'http://usher.example' });
  const insecure = await plain.call({ path: '/session/oidc' });
  assert.equal(readProblem(insecure).code, 'session_insecure');
});

test('without a provider the routes do not exist, and one that is away is said to be', async (t) => {
  const none = await startApi(t);
  const client = new ConsoleClient(none);
  assert.equal(readProblem(await client.call({ path: '/session/oidc' })).code, 'route_unknown');
  const away = await startApi(t, { oidc: providerAt(`http://127.0.0.1:${await freePort()}`) });
  const problem = readProblem(await new ConsoleClient(away).call({ path: '/session/oidc' }));
  assert.equal(problem.code, 'sign_in_failed');
  assert.match(problem.detail, /does not answer/);
});
