/** The way into the console on a real server: printed links, the command line, several threads. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConsoleClient, goodPassword, jsonOf } from '../users/console-client.ts';
import { makeDataFolder, mustRunUsher, startUsher, waitFor } from './run-usher.ts';
import { startDemo } from './start-demo.ts';

const linkPattern = /http:\/\/127\.0\.0\.1:\d+\/console\/link#[0-9A-Za-z]{43}/;

test('the first start prints a link until somebody has an account, and roles change at once', async (t) => {
  const data = makeDataFolder(t);
  const first = await startUsher(data, { USHER_WORKERS: '2' });
  t.after(first.stop);
  const link = await waitFor(() => linkPattern.exec(first.output())?.[0], 20_000);
  const admin = new ConsoleClient(first);
  const more = { password: goodPassword, email: 'ana@example.com', name: 'Ana' };
  const taken = await admin.takeLink(link, more);
  assert.equal(taken.status, 200, taken.body);
  const { id: _, ...user } = jsonOf(taken)['user'] as Record<string, unknown>;
  const ways = { has_password: true, has_totp: false, role_from_groups: false };
  assert.deepEqual(user, { email: 'ana@example.com', name: 'Ana', role: 'admin', ...ways });

  const create = ['user', 'create', '--email', 'eve@example.com', '--role', 'engineer'];
  const invitation = await mustRunUsher(data, create);
  const engineer = new ConsoleClient(first);
  assert.equal((await engineer.takeLink(invitation)).status, 200);
  const asked = async () => (await engineer.call({ path: '/v1/tokens' })).status;
  // Each call has a connection of its own, so both threads answer.
  for (let call = 0; call < 8; call += 1) assert.equal(await asked(), 200);
  await mustRunUsher(data, ['user', 'revoke', 'eve@example.com']);
  for (let call = 0; call < 8; call += 1) assert.equal(await asked(), 401);
  const list = await mustRunUsher(data, ['user', 'list']);
  assert.match(list, /eve@example\.com +eve@example\.com +engineer +revoked/);

  await first.stop();
  const second = await startUsher(data);
  t.after(second.stop);
  const again = new ConsoleClient(second);
  for (const [name, value] of admin.cookies) again.cookies.set(name, value);
  assert.equal((await again.call({ path: '/session' })).status, 200, 'sessions survive a restart');
  assert.doesNotMatch(second.output(), linkPattern);
});

test('the demo prints a link that opens its console signed in, without a password', async () => {
  const demo = await startDemo();
  try {
    const client = new ConsoleClient({ port: Number(new URL(demo.url).port) });
    const answer = await client.takeLink(demo.link, {});
    assert.equal(answer.status, 200, answer.body);
    const { organization, user } = jsonOf(answer) as Record<string, Record<string, unknown>>;
    assert.equal(organization?.['name'], 'demo');
    assert.equal(user?.['role'], 'admin');
    const fields = await client.call({ path: '/v1/fields' });
    assert.ok((jsonOf(fields)['data'] as unknown[]).length > 5);
  } finally {
    await demo.stop();
  }
});
