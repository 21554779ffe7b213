/** Who sees what is in an uploaded file, who chooses the dataset for it, and who needs it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RunState } from '../../src/catalog/catalog.ts';
import { noCounts } from '../../src/sync/dataset-run.ts';
import { UploadFiles } from '../../src/sync/upload/upload-files.ts';
import { makeUser } from '../users/console-client.ts';
import type { RunningApi } from './start-api.ts';
import { uploadFile } from './upload-file.ts';
import { columnsOf, type Json, startPlace } from './upload-place.ts';

test('who sends a file sees its values until the dataset is defined, and nobody else', async (t) => {
  const { api } = await startPlace(t);
  const author = (await makeUser(api, 'engineer')).client;
  const other = (await makeUser(api, 'engineer', { email: 'other@example.com' })).client;
  const support = (await makeUser(api, 'support')).client;
  const [port, cookies] = [api.port, author.cookies];
  const file = 'email,city\ntom@hello.com,Rome\n';
  const { body } = await uploadFile({ port, cookies, name: 'people.csv' }, file);
  const sample = (client: typeof author, dataset = '') =>
    client.call({ path: `/v1/uploads/${body['id']}/sample?rows=1${dataset}` });
  const own = await sample(author);
  assert.equal(own.status, 200, own.body);
  assert.match(own.body, /tom@hello\.com.*Rome/);
  // Nobody else sees even the names of columns, whichever dataset they name.
  for (const [client, dataset] of [
    [other, ''],
    [support, ''],
    [other, '&dataset=crm'],
    [support, '&dataset=people'],
  ] as const) {
    const refused = await sample(client, dataset);
    assert.equal(refused.status, 403, refused.body);
    assert.doesNotMatch(refused.body, /tom@hello|Rome|email|city/);
  }
  assert.doesNotMatch((await sample(author, '&dataset=crm')).body, /tom@hello|Rome/);
  const { definition } = JSON.parse(own.body) as Json;
  const path = '/v1/datasets/people';
  const defined = await author.call({ method: 'PUT', path, body: { definition } });
  assert.equal(defined.status, 200, defined.body);
  assert.doesNotMatch((await sample(author)).body, /tom@hello|Rome/);
});

test('a run that failed shows a file to nobody, one that waits shows the columns of its dataset', async (t) => {
  const { api, call } = await startPlace(t);
  const author = (await makeUser(api, 'engineer')).client;
  const support = (await makeUser(api, 'support')).client;
  const definition = { source: { kind: 'upload' }, identifiers: { email: 'mail' } };
  const named = { ...definition, fields: { first_name: { type: 'string', column: 'name' } } };
  const put = await call('PUT', '/admin/v1/datasets/crm', { body: { definition: named } });
  assert.equal(put.status, 200, JSON.stringify(put.body));
  const send = async () => {
    const { port } = api;
    const sent = { port, cookies: author.cookies, name: 'crm.csv', dataset: 'crm' };
    const { body } = await uploadFile(sent, 'mail,name,Rome 17\ntom@hello.com,Tom,secret\n');
    assert.equal(body['dataset'], 'crm');
    return String(body['id']);
  };
  const sample = (id: string) =>
    support.call({ path: `/v1/uploads/${id}/sample?rows=1&skip=3&identifiers=3:email` });
  const failed = await send();
  await readByCrm(api, failed, 'failed');
  assert.equal((await sample(failed)).status, 403);
  const read = await send();
  await readByCrm(api, read);
  const seen = await sample(read);
  assert.equal(seen.status, 200, seen.body);
  assert.match(seen.body, /"Tom"/);
  assert.doesNotMatch(seen.body, /Rome|rome|secret/);
});

test('the sender of a file chooses the dataset that reads it, and no other reads it', async (t) => {
  const { api, call } = await startPlace(t);
  const [author, other] = await Promise.all(
    ['one@example.com', 'two@example.com'].map(async (email) => {
      return (await makeUser(api, 'engineer', { email })).client;
    }),
  );
  assert.ok(author && other);
  const definition = { source: { kind: 'upload' }, identifiers: { email: 'mail' } };
  for (const name of ['mine', 'theirs']) {
    const body = {
      definition: { ...definition, fields: { [`${name}_note`]: { type: 'string' } } },
    };
    assert.equal((await call('PUT', `/admin/v1/datasets/${name}`, { body })).status, 200);
  }
  const send = async (dataset?: string) => {
    const name = { name: 'people.csv', ...(dataset !== undefined && { dataset }) };
    const { body } = await uploadFile(
      { port: api.port, cookies: author.cookies, ...name },
      'mail\n',
    );
    return String(body['id']);
  };
  const run = (client: typeof author, dataset: string, upload: string) =>
    client.call({ method: 'POST', path: `/v1/datasets/${dataset}/runs`, body: { upload } });
  const undecided = await run(other, 'mine', await send());
  assert.equal(undecided.status, 403, undecided.body);
  for (const client of [author, other]) {
    const elsewhere = await run(client, 'mine', await send('theirs'));
    assert.equal(elsewhere.status, 404, elsewhere.body);
  }
});

/** As a run of the dataset crm leaves the file that it has read. */
async function readByCrm(api: RunningApi, id: string, state: RunState = 'waiting'): Promise<void> {
  const { catalog } = api.administration;
  await catalog.startRun({
    ...{ id: `run-${id}`, organizationId: 1, datasetId: 1, kind: 'sync' },
    ...{ trigger: 'api', definitionVersion: 1, startedAtMs: 1, approvalOf: null },
  });
  if (state !== 'running') {
    const noError = { errorCode: null, errorDetail: null };
    await catalog.endRun(`run-${id}`, { state, counts: noCounts, endedAtMs: 2, ...noError });
  }
  const files = new UploadFiles(api.dataFolder);
  const upload = await files.find(1, id);
  assert.ok(upload);
  const given = { datasetId: 1, atMs: Date.now() };
  await files.put({ ...upload, given, readBy: `run-${id}` });
}

test('a file that a run needs cannot be deleted', async (t) => {
  const { api, all, call } = await startPlace(t);
  const file = 'email_address,first_name\ntom@hello.com,Tom\n';
  const sent = await uploadFile({ port: api.port, token: all, name: 'crm.csv' }, file);
  const id = String(sent.body['id']);
  await readByCrm(api, id, 'running');
  const refused = await call('DELETE', `/admin/v1/uploads/${id}`);
  assert.equal(refused.status, 409, JSON.stringify(refused.body));
  assert.equal(refused.body['run_id'], `run-${id}`);
});

test('the dataset that a file was given to decides who sees its values, whatever its name', async (t) => {
  const { api } = await startPlace(t);
  const { client } = await makeUser(api, 'engineer');
  const file = 'email_address,first_name\ntom@hello.com,Tom\n';
  const sent = { port: api.port, cookies: client.cookies, name: 'people.csv' };
  const id = String((await uploadFile(sent, file)).body['id']);
  const path = `/v1/uploads/${id}/sample?rows=1`;
  assert.match((await client.call({ path })).body, /tom@hello/);
  await readByCrm(api, id);
  for (const query of ['', '&dataset=people']) {
    const { status, body } = await client.call({ path: `${path}${query}` });
    assert.equal(status, 200, body);
    assert.doesNotMatch(body, /tom@hello|"Tom"/);
  }
});

test('a user sees the values that the role allows, and an engineer can define a dataset', async (t) => {
  const { api, all, call } = await startPlace(t);
  const file = 'email_address,first_name,shoe_size\ntom@hello.com,Tom,43\n';
  const sent = await uploadFile({ port: api.port, token: all, name: 'crm.csv' }, file);
  await readByCrm(api, String(sent.body['id']));
  await call('PATCH', '/admin/v1/fields/shoe_size', { body: { sensitivity: 'internal' } });
  const seen = async (role: 'engineer' | 'support') => {
    const { client } = await makeUser(api, role);
    const path = `/v1/uploads/${sent.body['id']}/sample?rows=1`;
    const answer = await client.call({ path });
    assert.equal(answer.status, 200, answer.body);
    return columnsOf({ body: JSON.parse(answer.body) as Json }).map(({ values }) => values);
  };
  assert.deepEqual(await seen('engineer'), [[], [], ['43']]);
  assert.deepEqual(await seen('support'), [['tom@hello.com'], ['Tom'], ['43']]);
  const { client } = await makeUser(api, 'engineer', { email: 'other@example.com' });
  const definition = {
    source: { kind: 'upload' },
    identifiers: { email: 'mail' },
    fields: { town: { type: 'string' } },
  };
  const put = { method: 'PUT', path: '/v1/datasets/towns', body: { definition } };
  const defined = await client.call(put);
  assert.equal(defined.status, 200, defined.body);
});
