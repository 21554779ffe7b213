/** Files that callers upload: what is received, what is refused, and what is left on the disk. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { updateUser } from '../../src/users/manage-users.ts';
import { makeUser, operatorOf } from '../users/console-client.ts';
import { callApi } from './call-api.ts';
import { type ApiOptions, type RunningApi, startApi, waitFor } from './start-api.ts';
import { beginUpload, uploadFile } from './upload-file.ts';

const people = 'email,city\ntom@hello.com,York\nzoe@hello.com,Hull\n';

async function startPlace(t: TestContext, options: ApiOptions = {}) {
  const api = await startApi(t, options);
  const token = await api.token({ scopes: ['admin:read', 'admin:write'] });
  const call = { port: api.port, token };
  const folder = join(api.dataFolder, 'uploads/1');
  const stored = () => (existsSync(folder) ? readdirSync(folder) : []);
  const get = async (path: string) => {
    const answer = await callApi(api, { path, token });
    return { status: answer.status, body: JSON.parse(answer.body) as Record<string, unknown> };
  };
  return { api, token, call, folder, stored, get };
}

test('an uploaded file is kept as it was sent, and listed without a path', async (t) => {
  const { call, folder, get } = await startPlace(t);
  const { status, body } = await uploadFile({ ...call, name: 'people.csv' }, people);
  assert.equal(status, 201, JSON.stringify(body));
  const { id, created_at: createdAt, expires_at: expiresAt, created_by: by, ...rest } = body;
  const expected = { name: 'people.csv', format: 'csv', bytes: people.length, dataset: null };
  assert.deepEqual(rest, expected);
  assert.match(String(id), /^[0-9a-f]{24}$/);
  assert.match(String(by), /^token:/);
  assert.equal(Date.parse(String(expiresAt)) - Date.parse(String(createdAt)), 86_400_000);
  assert.equal(readFileSync(join(folder, String(id), 'data.csv'), 'utf8'), people);
  assert.deepEqual((await get(`/admin/v1/uploads/${id}`)).body, body);
  assert.deepEqual((await get('/admin/v1/uploads')).body, { data: [body], next_cursor: null });
});

test('the first bytes decide the compression, and the name or the text the form', async (t) => {
  const { call } = await startPlace(t);
  const ndjson = '{"email":"a@x.org"}\n{"email":"b@x.org"}\n';
  const files: readonly (readonly [name: string, content: string | Buffer, format: string])[] = [
    ['people.csv', people, 'csv'],
    ['people', people, 'csv'],
    ['people.tsv', people.replaceAll(',', '\t'), 'tsv'],
    ['people', ndjson, 'ndjson'],
    ['people.csv', gzipSync(people), 'csv.gz'],
    ['people.jsonl', zstdCompressSync(Buffer.from(ndjson)), 'ndjson.zst'],
    ['people', '[{"email":"a@x.org"}]', 'json'],
    ['people.parquet', Buffer.from('\ufeffemail\na@x.org\n', 'utf16le'), 'csv'],
  ];
  for (const [name, content, format] of files) {
    const { status, body } = await uploadFile({ ...call, name }, content);
    assert.deepEqual([status, body['format']], [201, format], `${name} ${JSON.stringify(body)}`);
  }
});

test('files that Usher does not read are refused with what to do, and leave nothing', async (t) => {
  const { call, stored } = await startPlace(t);
  const files: readonly (readonly [content: Buffer, words: RegExp])[] = [
    [Buffer.from('PK\u0003\u0004rest', 'latin1'), /a ZIP archive or an Excel workbook/],
    [Buffer.from('%PDF-1.7'), /a PDF document/],
    [Buffer.from('BZh91AY'), /compressed with bzip2/],
    [gzipSync(Buffer.from('PAR1....')), /a compressed Parquet file/],
    [Buffer.from([1, 0, 2, 3, 0, 0, 5, 6, 0]), /is not a file that Usher reads/],
  ];
  for (const [content, words] of files) {
    const { status, body } = await uploadFile({ ...call, name: 'people.csv' }, content);
    assert.deepEqual([status, body['code']], [415, 'media_type_unsupported'], String(words));
    assert.match(String(body['detail']), words);
  }
  const empty = await uploadFile({ ...call, name: 'people.csv' }, '');
  assert.deepEqual([empty.status, empty.body['code']], [422, 'definition_invalid']);
  const json = await uploadFile(
    { ...call, name: 'people.csv', headers: { 'content-type': 'text/csv' } },
    people,
  );
  assert.deepEqual([json.status, json.body['code']], [415, 'media_type_unsupported']);
  assert.deepEqual(stored(), []);
});

test('a file above the bound is refused, announced or not, and leaves nothing', async (t) => {
  const { call, stored } = await startPlace(t, { maxUploadBytes: 100_000 });
  const exact = Buffer.alloc(100_000, 'x,');
  const full = await uploadFile({ ...call, name: 'full.csv' }, exact);
  assert.equal(full.status, 201, JSON.stringify(full.body));
  const kept = stored();
  const announced = await uploadFile({ ...call, name: 'large.csv' }, Buffer.alloc(100_001, 'x,'));
  assert.deepEqual([announced.status, announced.body['max_bytes']], [413, 100_000]);
  const { sent, answered } = beginUpload({ ...call, name: 'large.csv' });
  sent.write(Buffer.alloc(60_000, 'x,'));
  sent.write(Buffer.alloc(60_000, 'x,'));
  const chunked = await answered;
  sent.destroy();
  assert.deepEqual([chunked.status, chunked.body['code']], [413, 'body_too_large']);
  assert.deepEqual(stored(), kept);
});

test('an upload that breaks off leaves nothing, and two at once do not meet', async (t) => {
  const { call, stored, folder } = await startPlace(t);
  const one = beginUpload({ ...call, name: 'one.csv' });
  const two = beginUpload({ ...call, name: 'two.csv' });
  one.sent.write('email\n');
  two.sent.write('email,city\n');
  await waitFor(() => stored().length === 2);
  one.sent.destroy();
  await waitFor(() => stored().length === 1);
  two.sent.end('a@x.org,York\n');
  const { status, body } = await two.answered;
  assert.equal(status, 201);
  const path = join(folder, String(body['id']), 'data.csv');
  assert.equal(readFileSync(path, 'utf8'), 'email,city\na@x.org,York\n');
});

test('an organization has ten uploaded files at most, and deleting one makes room', async (t) => {
  const { api, token, call, stored } = await startPlace(t);
  const ids: unknown[] = [];
  for (let n = 0; n < 10; n += 1) {
    ids.push((await uploadFile({ ...call, name: `${n}.csv` }, people)).body['id']);
  }
  const eleventh = await uploadFile({ ...call, name: 'more.csv' }, people);
  assert.deepEqual([eleventh.status, eleventh.body['code']], [409, 'uploads_full']);
  assert.equal(stored().length, 10);
  const path = `/admin/v1/uploads/${ids[0]}`;
  assert.equal((await callApi(api, { method: 'DELETE', path, token })).status, 204);
  assert.equal((await callApi(api, { method: 'DELETE', path, token })).status, 404);
  assert.equal((await uploadFile({ ...call, name: 'more.csv' }, people)).status, 201);
});

test('of many uploads at once those get in that have room', async (t) => {
  const { call, stored } = await startPlace(t);
  const sent = Array.from({ length: 8 }, (_, n) =>
    uploadFile({ ...call, name: `${n}.csv` }, people),
  );
  const answers = await Promise.all(sent);
  const codes = answers.map(({ status, body }) => body['code'] ?? status);
  const good = codes.filter((code) => code === 201).length;
  assert.ok(good >= 4, String(codes));
  assert.ok(
    codes.every((code) => code === 201 || code === 'uploads_full'),
    String(codes),
  );
  assert.equal(stored().length, good);
});

test('a dataset that takes no files refuses one before it is sent', async (t) => {
  const { call, stored } = await startPlace(t);
  for (const [dataset, code] of [
    ['crm', 'definition_invalid'],
    ['nothing_here', 'resource_not_found'],
  ] as const) {
    const { sent, answered } = beginUpload({ ...call, name: 'a.csv', dataset });
    sent.write('email\n');
    assert.equal((await answered).body['code'], code);
    sent.destroy();
  }
  assert.deepEqual(stored(), []);
});

test('an upload ends with the session and with the role of its user', async (t) => {
  const { api, stored } = await startPlace(t);
  const { client, id } = await makeUser(api, 'engineer');
  const place = { port: api.port, cookies: new Map(client.cookies), name: 'a.csv' };
  const revoked = beginUpload(place);
  revoked.sent.write('email\n');
  await waitFor(() => stored().length === 1);
  await updateUser(operatorOf(api), id, { role: 'analyst' });
  revoked.sent.end('a@x.org\n');
  assert.equal((await revoked.answered).body['code'], 'role_missing');
  await updateUser(operatorOf(api), id, { role: 'engineer' });
  const left = beginUpload(place);
  left.sent.write('email\n');
  await waitFor(() => stored().length === 1);
  assert.equal((await client.call({ method: 'DELETE', path: '/session' })).status, 204);
  left.sent.end('a@x.org\n');
  assert.equal((await left.answered).body['code'], 'session_required');
  assert.deepEqual(stored(), []);
});

test('hostile names are refused or kept as text, and never part of a path', async (t) => {
  const { call, folder } = await startPlace(t);
  const refused = ['../../etc/passwd', 'a\\b.csv', 'a\nb.csv', 'a\u0000.csv', 'x'.repeat(256), ''];
  for (const name of refused) {
    const { status, body } = await uploadFile({ ...call, name }, people);
    assert.deepEqual([status, body['code']], [400, 'parameter_invalid'], JSON.stringify(name));
  }
  const names = ['..', '.', '__proto__', '\u202egpj.csv', '--help', 'a b;rm -rf $(x).csv', 'ü.CSV'];
  for (const name of names) {
    const { status, body } = await uploadFile({ ...call, name }, people);
    assert.deepEqual([status, body['name']], [201, name], JSON.stringify(name));
    assert.deepEqual(readdirSync(join(folder, String(body['id']))).sort(), [
      'data.csv',
      'upload.json',
    ]);
  }
});

test('a token without the scope, and one of another organization, reach no file', async (t) => {
  const { api, call, stored, get } = await startPlace(t);
  const reader = await api.token({ scopes: ['admin:read'] });
  const denied = await uploadFile({ ...call, token: reader, name: 'people.csv' }, people);
  assert.deepEqual([denied.status, denied.body['code']], [403, 'scope_missing']);
  assert.deepEqual(stored(), []);
  assert.equal((await get(`/admin/v1/uploads/${'0'.repeat(24)}`)).status, 404);
  assert.equal((await get('/admin/v1/uploads/..%2F..%2Fsecret.key')).status, 404);
});

test('an upload is noted in the audit log, without its name', async (t) => {
  const { api, call } = await startPlace(t);
  const { body } = await uploadFile({ ...call, name: 'secret-name.csv' }, people);
  const entries = await auditOf(api);
  const entry = entries.find((one) => one.target === body['id']);
  assert.equal(entry?.action, 'upload.create');
  assert.deepEqual(entry?.after, { format: 'csv', bytes: people.length });
});

async function auditOf({ administration }: RunningApi) {
  return administration.catalog.read((view) => view.listAudit(1, { limit: 50 }));
}
