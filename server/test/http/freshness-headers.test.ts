/**
 * Freshness and read-your-writes over HTTP: with GET through both doors, with POST, and in batches.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { email, patch } from '../stores/sample-changes.ts';
import { callApi } from './call-api.ts';
import { startApi, waitFor } from './start-api.ts';

const path = '/audience/v2/contacts?identity=email:tom@hello.com&fields=first_name,shoe_size';
const asked = { identity: 'email:tom@hello.com', fields: ['first_name', 'shoe_size'] };
const isFresh = { 'usher-freshness': '1' };

test('every kind of look-up returns freshness beside the contact on request', async (t) => {
  const api = await startApi(t);
  const token = await api.token();
  const fast = await callApi(api, { path, token, headers: isFresh });
  assert.equal(api.handedOver(), 0);
  const long = await callApi(api, { path, token, headers: { ...isFresh, accept: 'a/*, */*' } });
  const base = '/audience/v2/contacts';
  const post = { method: 'POST', token, headers: isFresh };
  const lookup = await callApi(api, { ...post, path: `${base}/lookup`, body: asked });
  const { identity, fields } = asked;
  const body = { identities: [identity, 'email:nobody@hello.com'], fields };
  const batch = await callApi(api, { ...post, path: `${base}/batch`, body });
  const of = { dataset: 'crm', as_of: '2024-01-02T00:00:00.000Z' };
  const freshness = {
    first_name: { ...of, status: 'present' },
    shoe_size: { ...of, status: 'implied' },
  };
  const contact = { first_name: 'Tom', shoe_size: 0 };
  assert.deepEqual(JSON.parse(fast.body), { status: 'success', contact, freshness });
  assert.equal(long.body, fast.body);
  assert.equal(lookup.body, fast.body);
  assert.deepEqual(JSON.parse(batch.body).results, [
    { identity, status: 'success', contact, freshness },
    { identity: 'email:nobody@hello.com', status: 'contact_not_found' },
  ]);
  const plain = await callApi(api, { path, token });
  assert.deepEqual(JSON.parse(plain.body), { status: 'success', contact });
  assert.notEqual(plain.headers.get('etag'), fast.headers.get('etag'));
  const known = { ...isFresh, 'if-none-match': fast.headers.get('etag') ?? '' };
  assert.equal((await callApi(api, { path, token, headers: known })).status, 304);
});

test('malformed headers are refused by name, the same through both doors', async (t) => {
  const api = await startApi(t);
  const token = await api.token();
  for (const [name, value] of [
    ['usher-freshness', 'yes'],
    ['usher-min-revision', 'abc'],
    ['usher-min-revision', ''],
  ] as const) {
    const fast = await callApi(api, { path, token, headers: { [name]: value } });
    const long = await callApi(api, {
      path,
      token,
      headers: { [name]: value, accept: 'a/*, */*' },
    });
    for (const answer of [fast, long]) {
      assert.equal(answer.status, 400, `${name}: ${value}`);
      assert.equal(JSON.parse(answer.body).code, 'parameter_invalid');
      assert.equal(JSON.parse(answer.body).parameter.toLowerCase(), name);
    }
  }
});

test('a look-up shows the write of the revision that it names, and waits for it', async (t) => {
  const api = await startApi(t);
  const token = await api.token();
  const { writer } = api;
  let runs = 0;
  const name = async (value: string) => {
    runs += 1;
    const run = { runId: `run-${runs}`, organizationId: 1, datasetId: 1 };
    const lease = await writer.beginRun(run);
    const change = patch([email('tom@hello.com')], { [api.fieldId('first_name')]: value });
    const { revision } = await writer.applyBatch(lease, [change]);
    await writer.abandonRun(lease);
    return revision;
  };
  const revision = await name('Tim');
  const shown = await callApi(api, { path, token, headers: { 'usher-min-revision': revision } });
  assert.equal(JSON.parse(shown.body).contact.first_name, 'Tim');

  const next = (BigInt(`0x${revision}`) + 1n).toString(16).padStart(16, '0');
  const waiting = callApi(api, { path, token, headers: { 'usher-min-revision': next } });
  await name('Tam');
  assert.equal(JSON.parse((await waiting).body).contact.first_name, 'Tam');
});

test('a revision that is not visible within a second is a failed precondition', async (t) => {
  const api = await startApi(t);
  const token = await api.token();
  const headers = { 'usher-min-revision': 'ffffffffffffffff' };
  const startedMs = performance.now();
  const post = { method: 'POST', token, headers };
  const answers = await Promise.all([
    callApi(api, { path, token, headers }),
    callApi(api, { ...post, path: '/audience/v2/contacts/lookup', body: asked }),
    callApi(api, {
      ...post,
      path: '/audience/v2/contacts/batch',
      body: { identities: [asked.identity] },
    }),
  ]);
  assert.ok(performance.now() - startedMs >= 1_000);
  for (const answer of answers) {
    assert.equal(answer.status, 412);
    assert.equal(JSON.parse(answer.body).code, 'precondition_failed');
    assert.ok(answer.headers.has('ratelimit'));
  }
});

test('a dataset withholds old values through every door, without a request to do so', async (t) => {
  const api = await startApi(t);
  const token = await api.token();
  const before = await callApi(api, { path, token });
  assert.equal(JSON.parse(before.body).contact.first_name, 'Tom');
  const { catalog } = api.administration;
  await catalog.change({ actor: 'test', atMs: 1 }, async (change) => {
    const dataset = await change.findDataset(1, 'crm');
    assert.ok(dataset?.definition);
    const maxAge = { ms: 60_000, policy: 'withhold' } as const;
    const definition = { ...dataset.definition, maxAge };
    await change.defineDataset(1, dataset.id, { definition, readsAnew: false });
    const audited = { organizationId: 1, action: 'dataset.define', target: 'crm' };
    return { result: undefined, audit: [{ ...audited, before: null, after: null }] };
  });
  const withheld = { first_name: null, shoe_size: null };
  await waitFor(async () => {
    const fast = await callApi(api, { path, token });
    return fast.body === JSON.stringify({ status: 'success', contact: withheld });
  });
  const base = '/audience/v2/contacts';
  const lookup = await callApi(api, { method: 'POST', path: `${base}/lookup`, token, body: asked });
  assert.deepEqual(JSON.parse(lookup.body).contact, withheld);
  const body = { identities: [asked.identity], fields: asked.fields };
  const batch = await callApi(api, { method: 'POST', path: `${base}/batch`, token, body });
  assert.deepEqual(JSON.parse(batch.body).results[0].contact, withheld);
});
