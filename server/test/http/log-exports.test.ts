/** Exports of the access log and the audit log, and what the access log says of itself. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { accessStateSchema } from '@usher/contract/access-schema';
import { maxExportedEntries } from '../../src/administration/limits.ts';
import { type ExportStep, exportPages } from '../../src/administration/log-export.ts';
import { createOrganization } from '../../src/administration/organizations.ts';
import { shapeFaults } from '../../src/http/call/check-shape.ts';
import { ListCursors } from '../../src/http/call/list-cursors.ts';
import { readSecretKey } from '../../src/stores/secret-key.ts';
import { makeUser } from '../users/console-client.ts';
import { callApi } from './call-api.ts';
import { readProblem } from './problem-shape.ts';
import { type RunningApi, waitFor } from './start-api.ts';
import { startNoted } from './start-noted.ts';

async function startExports(t: Parameters<typeof startNoted>[0], clock = Date.now) {
  const noted = await startNoted(t, { clock });
  const { api } = noted;
  const token = await api.token({ scopes: ['admin:read', 'contacts:read'] });
  const post = (path: string, body: object, by = token) =>
    callApi(api, { method: 'POST', path: `/admin/v1/${path}`, token: by, body });
  const state = async () => {
    const answer = await callApi(api, { path: '/admin/v1/access-log/state', token });
    assert.equal(answer.status, 200, answer.body);
    const read = JSON.parse(answer.body);
    assert.deepEqual(shapeFaults(accessStateSchema, read), []);
    return read;
  };
  return { ...noted, token, post, state };
}

test('an export of the access log has what the filters match, and is noted without the contact', async (t) => {
  const { post, lookUp, list, api, token } = await startExports(t);
  await lookUp('identity=email:tom@hello.com&fields=first_name,total_spend', {
    'usher-actor': '=1+1',
  });
  await lookUp('identity=email:nobody@hello.com');
  const whole = (await list()).data;
  const lines = await post('access-log/export', { format: 'ndjson' });
  assert.equal(lines.status, 200, lines.body);
  assert.match(lines.headers.get('content-disposition') ?? '', /"access-log-[\d-]{10}\.ndjson"/);
  assert.deepEqual(
    lines.body
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line)),
    whole,
  );
  const body = { format: 'csv', contact: 'email:tom@hello.com' };
  const [head, row, end] = (await post('access-log/export', body)).body.split('\r\n');
  assert.match(head ?? '', /^at,actor,claimed_actor,address,way,outcome,fields,/);
  assert.match(row ?? '', /,'=1\+1,127\.0\.0\.1,lookup,success,first_name total_spend,/);
  assert.equal(end, '');
  const audit = await callApi(api, { path: '/admin/v1/audit?action=access_log.export', token });
  const [noted] = JSON.parse(audit.body).data;
  assert.deepEqual(noted.after, { format: 'csv', filters: ['contact'] });
  assert.doesNotMatch(audit.body, /tom@hello/);
});

test('an export of the audit log has what the filters match, and is noted before it begins', async (t) => {
  const { post } = await startExports(t);
  const answer = await post('audit/export', { format: 'csv', action: 'token' });
  const rows = answer.body.trim().split('\r\n');
  assert.equal(rows[0], 'id,at,actor,action,target,before,after');
  assert.ok(rows.length > 3);
  assert.ok(rows.slice(1).every((row) => row.includes(',token.create,')));
  const own = await post('audit/export', { format: 'ndjson', action: 'audit.export' });
  assert.equal(own.body.trim().split('\n').length, 2);
});

test('exports need the rights of the lists, and read no unknown filter', async (t) => {
  const { api, post, reader } = await startExports(t);
  const narrow = await api.token({
    scopes: ['admin:read', 'contacts:read'],
    fields: ['first_name'],
  });
  for (const path of ['access-log/export', 'audit/export']) {
    const refused = await post(path, { format: 'csv' }, reader);
    assert.equal(readProblem(refused).code, 'scope_missing');
    assert.equal((await post(path, { format: 'csv' }, narrow)).status, 403);
    assert.equal((await post(path, { format: 'xml' })).status, 422);
    assert.equal((await post(path, { format: 'csv', since: 'soon' })).status, 422);
  }
});

test('an export that is not whole ends with the cursor of the others', async () => {
  const steps: ExportStep<number>[] = [];
  const pages = exportPages<number, number>({
    from: 7,
    read: async ({ before, limit }) => {
      const start = before ?? 0;
      return { entries: Array.from({ length: limit }, (_, n) => start + n), next: start + limit };
    },
    seal: async (place) => `at ${place}`,
  });
  for await (const step of pages) steps.push(step);
  const entries = steps.flatMap((step) => ('entries' in step ? step.entries : []));
  assert.deepEqual([entries.length, entries[0]], [maxExportedEntries, 7]);
  assert.deepEqual(steps.at(-1), { nextCursor: `at ${maxExportedEntries + 7}` });
});

test('an export goes on at a cursor of the same export, and at no other', async (t) => {
  const { api, post, lookUp, list } = await startExports(t);
  for (let look = 0; look < 3; look += 1) await lookUp('identity=email:tom@hello.com');
  const { data, next_cursor } = await list('?limit=2');
  const lines = { format: 'ndjson' };
  const place = await cursorsOf(api, 'listAccess', {}).open(next_cursor ?? '');
  const cursor = await cursorsOf(api, 'exportAccess', lines).seal(place);
  const rest = await post('access-log/export', { ...lines, cursor });
  const [oldest = '', end] = rest.body.split('\n');
  assert.equal(end, '');
  assert.ok(JSON.parse(oldest).at <= (data[1]?.at ?? ''));
  assert.equal((await list()).data.length, 3);
  const refused = await post('access-log/export', { ...lines, outcome: 'success', cursor });
  assert.match(readProblem(refused).detail, /does not belong to this list/);
  const audit = await post('audit/export', lines);
  const [newest, second] = audit.body
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const later = await cursorsOf(api, 'exportAudit', lines).seal(String(newest.id));
  const others = await post('audit/export', { ...lines, cursor: later });
  assert.equal(JSON.parse(others.body.split('\n')[0] ?? '').id, second.id);
});

/** Makes and reads cursors of this operation, asked with these filters. */
function cursorsOf({ dataFolder }: RunningApi, operationId: string, asked: object): ListCursors {
  const list = { organizationId: 1, operationId, params: undefined, asked };
  return new ListCursors(list, () => readSecretKey(dataFolder));
}

test('the access log says what it keeps, and that its newest part is whole or not', async (t) => {
  let shiftMs = 0;
  const { api, lookUp, list, state } = await startExports(t, () => Date.now() + shiftMs);
  const empty = await state();
  assert.deepEqual([empty.since, empty.entries, empty.check], [null, 0, null]);
  await lookUp('identity=email:tom@hello.com');
  await list();
  shiftMs = 61_000;
  const whole = await state();
  assert.deepEqual([whole.entries, whole.check.is_whole, whole.check.first_block], [1, true, 1]);
  assert.ok(whole.bytes > 0);
  const other = await createOrganization(api.administration, 'other');
  assert.equal((await state()).entries, 1, 'nobody of the other one looks');
  await makeUser(api, 'auditor', { organizationId: other.id, email: 'bea@example.com' });
  await waitFor(async () => (await state()).entries === null);
  const folder = join(api.dataFolder, 'access');
  const [file = ''] = readdirSync(folder).filter((name) => name.endsWith('.log'));
  const path = join(folder, file);
  const bytes = readFileSync(path);
  // A byte of the entries, which come after the first block.
  bytes.writeUInt8((bytes[bytes.length - 20] ?? 0) ^ 1, bytes.length - 20);
  writeFileSync(path, bytes);
  assert.equal((await state()).check.is_whole, true, 'the answer is kept for a minute');
  shiftMs = 122_000;
  assert.equal((await state()).check.is_whole, false);
});
