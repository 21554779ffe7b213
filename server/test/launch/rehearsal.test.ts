/** The look-ups that a server answers for itself before it is ready. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { callApi } from '../http/call-api.ts';
import { mustRunCommand } from './run-command.ts';
import { makeDataFolder, startUsher } from './run-usher.ts';

const rehearsal = /"lookups":(\d+),"found":(\d+).*look-ups were rehearsed/;
const on = { USHER_REHEARSAL: 'on', USHER_LOG_LEVEL: 'debug' };

test('a server rehearses look-ups of its contacts, of which nothing stays', async (t) => {
  const data = makeDataFolder(t);
  const file = join(data, '..', 'people.csv');
  const rows = Array.from({ length: 50 }, (_, i) => `ana${i}@example.com,Ana,${i}.50`);
  writeFileSync(file, ['email,name,spend', ...rows].join('\n'));
  await mustRunCommand(data, ['import', file, '--dataset', 'crm', '--yes']);
  const scopes = ['contacts:read', 'admin:read'].flatMap((scope) => ['--scope', scope]);
  const limits = ['organization', 'set', 'default', '--rate-limit', '5'];
  await mustRunCommand(data, limits);
  const create = ['token', 'create', '--email', 'test@example.com', '-q', ...scopes];
  const token = await mustRunCommand(data, create);
  const server = await startUsher(data, { ...on, USHER_WORKERS: '2' });
  t.after(() => server.stop());
  const rehearsed = [...server.output().matchAll(new RegExp(rehearsal, 'g'))];
  assert.equal(rehearsed.length, 2, server.output());
  for (const [, lookups, found] of rehearsed) {
    assert.ok(Number(lookups) > 100 && Number(found) > Number(lookups) / 2, server.output());
  }
  const get = (path: string) => callApi(server, { method: 'GET', path, token });
  const metrics = (await get('/metrics')).body;
  const counted = /^usher_requests_total\{.*route="\/audience[^\n]* [1-9]/m;
  assert.doesNotMatch(metrics, counted);
  assert.deepEqual(JSON.parse((await get('/admin/v1/access-log')).body).data, []);
  const lookup = '/audience/v2/contacts?identity=email:ana1@example.com';
  for (let left = 4; left >= 0; left -= 1) {
    const { status, headers } = await get(lookup);
    assert.equal(status, 200);
    assert.match(String(headers.get('ratelimit')), new RegExp(`r=${left};`));
  }
  assert.equal((await get(lookup)).status, 429);
});

test('a server without contacts rehearses nothing', async (t) => {
  const data = makeDataFolder(t);
  await mustRunCommand(data, ['token', 'create', '--email', 'test@example.com']);
  const server = await startUsher(data, on);
  t.after(() => server.stop());
  assert.equal(rehearsal.exec(server.output())?.[1], '0');
});
