/** The usage of tokens survives the end of a server, and is counted over all threads. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mustRunCommand } from './run-command.ts';
import { makeDataFolder, startUsher } from './run-usher.ts';

test('what threads counted is stored when the server stops, and told by the next one', async (t) => {
  const data = makeDataFolder(t);
  const create = ['token', 'create', '--email', 'test@example.com', '--name'];
  const shop = await mustRunCommand(data, [...create, 'shop']);
  const admin = await mustRunCommand(data, [...create, 'admin', '--scope', 'admin:read']);
  await mustRunCommand(data, ['field', 'set', 'segment_membership', '--content', 'on']);
  const get = async (port: number, path: string, token: string, agent = 'shop/1') => {
    const headers = { authorization: `Bearer ${token}`, 'user-agent': agent };
    return fetch(`http://127.0.0.1:${port}${path}`, { headers });
  };
  const first = await startUsher(data, { USHER_WORKERS: '2' });
  t.after(() => first.stop());
  const lookup = '/audience/v2/contacts?identity=email:nobody@example.com';
  for (let call = 0; call < 10; call += 1) {
    const answer = await get(first.port, `${lookup}&fields=segment_membership`, shop);
    assert.equal(answer.status, 404);
    await answer.text();
  }
  await first.stop();
  const second = await startUsher(data, { USHER_WORKERS: '2' });
  t.after(() => second.stop());
  const query = '/admin/v1/usage?by=day&details=true&since=2000-01-01T00:00:00Z';
  const page = (await (await get(second.port, query, admin)).json()) as {
    readonly data: readonly {
      readonly token: { readonly name: string };
      readonly requests: number;
      readonly units: number;
      readonly statuses: object;
      readonly fields: readonly object[];
      readonly clients: readonly object[];
    }[];
  };
  const used = page.data.filter(({ token }) => token.name === 'shop');
  const sum = used.reduce((total, { requests }) => total + requests, 0);
  assert.equal(sum, 10, JSON.stringify(page));
  assert.deepEqual(Object.keys(used[0]?.statuses ?? {}), ['404']);
  assert.deepEqual(Object.keys(used[0]?.clients[0] ?? {}), ['address', 'user_agent', 'calls']);
  assert.match(JSON.stringify(used[0]?.clients), /127\.0\.0\.1.*shop\/1/);
  assert.match(JSON.stringify(used[0]?.fields), /segment_membership/);
  await second.stop();
});
