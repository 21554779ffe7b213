/** Erasures that take long, and stores that fail meanwhile. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startErasure } from '../../src/administration/privacy/erase-contacts.ts';
import { resumeRequests } from '../../src/administration/privacy/resume-requests.ts';
import { identityDigest } from '../../src/domain/contact/identity.ts';
import { UsherError } from '../../src/domain/errors.ts';
import { openSuppression } from '../../src/stores/open-store.ts';
import type { ErasureStep } from '../../src/stores/privacy-answer.ts';
import type { ContactWriter } from '../../src/stores/store.ts';
import { waitFor } from './start-api.ts';
import { codeOf, type Json } from './start-joins.ts';
import { startPrivacy } from './start-privacy.ts';

type EraseCall = Parameters<ContactWriter['eraseContacts']>;

/** A writer whose erasures are done by another function. */
function erasingBy(erase: (real: ContactWriter, call: EraseCall) => Promise<ErasureStep>) {
  return (real: ContactWriter): ContactWriter =>
    Object.assign(Object.create(real), {
      eraseContacts: (...call: EraseCall) => erase(real, call),
    });
}

test('a long erasure is answered before its end, and goes on', async (t) => {
  let isSlow = true;
  const writer = erasingBy(async (real, call) => {
    const step = await real.eraseContacts(...call);
    return { ...step, isDone: step.isDone && !isSlow };
  });
  const { request, read, push } = await startPrivacy(t, { writer });
  await push('shop', { user: '1', name: 'Ann' });
  const taken = await request({ kind: 'erase', identity: 'user_id:1' });
  assert.equal(taken.status, 202, taken.answer.body);
  assert.equal(taken.body['state'], 'running');
  const path = taken.answer.headers.get('location') ?? '';
  assert.equal(path, `/admin/v1/privacy/requests/${taken.body['id']}`);
  isSlow = false;
  await waitFor(async () => {
    const { body } = await read(`requests/${taken.body['id']}`);
    return body['state'] === 'done';
  });
});

test('a request stays open while the store may take it, and fails if it cannot', async (t) => {
  let code: 'storage_full' | 'batch_too_large' = 'storage_full';
  const writer = erasingBy(() => Promise.reject(new UsherError(code, 'No.')));
  const { request, read } = await startPrivacy(t, { writer });
  const states = async () => {
    const { body } = await read('requests');
    return (body['data'] as Json[]).map(({ state, failure }) => [state, failure]);
  };
  const body = { kind: 'erase', identity: 'user_id:1' };
  assert.deepEqual(codeOf(await request(body)), [507, 'storage_full']);
  assert.deepEqual(await states(), [['running', null]]);
  code = 'batch_too_large';
  assert.deepEqual(codeOf(await request(body)), [400, 'batch_too_large']);
  assert.deepEqual(await states(), [
    ['failed', 'batch_too_large'],
    ['running', null],
  ]);
});

test('an erasure that is told to stop stays open for another process', async (t) => {
  const { api, read, push, names } = await startPrivacy(t);
  await push('shop', { user: '1', name: 'Ann' });
  const { administration, dataFolder } = api;
  const organization = (await administration.catalog.loadState()).organizations.get(1);
  assert.ok(organization !== undefined);
  const typeId = organization.identityTypes.get('user_id')?.id ?? 0;
  const identities = [{ typeId, digest: identityDigest('exact', '1') }];
  const writer = erasingBy(async (real, call) => {
    return { ...(await real.eraseContacts(...call)), isDone: false };
  })(api.writer);
  const suppression = openSuppression(dataFolder);
  const asked = { identities, interrupted: AbortSignal.abort() };
  const caller = { administration, organization };
  const { id, ended } = await startErasure(caller, { writer, suppression }, asked);
  assert.equal((await ended).state, 'running');
  const later = { ...administration, clock: () => administration.clock() + 60_000 };
  const openStore = async () => ({ writer: api.writer, suppression });
  const both = [resumeRequests(later, openStore), resumeRequests(later, openStore)];
  const taken = await Promise.all(both);
  const counts = taken.map((it) => it.ended).sort();
  assert.deepEqual(counts, [0, 1], 'one of two processes takes it');
  const { body } = await read(`requests/${id}`);
  assert.equal(body['state'], 'done');
  assert.equal(await names('user_id:1'), 'contact_not_found');
});

test('a request that is resumed and fails is named with its failure', async (t) => {
  const { api, request, read } = await startPrivacy(t, {
    writer: erasingBy(() => Promise.reject(new UsherError('storage_full', 'No.'))),
  });
  const body = { kind: 'erase', identity: 'user_id:1' };
  assert.deepEqual(codeOf(await request(body)), [507, 'storage_full']);
  const { body: listed } = await read('requests');
  const [{ id } = { id: '' }] = listed['data'] as { id: string }[];
  const { administration, dataFolder } = api;
  const later = { ...administration, clock: () => administration.clock() + 60_000 };
  const refusing = erasingBy(() => Promise.reject(new UsherError('batch_too_large', 'No.')));
  const store = { writer: refusing(api.writer), suppression: openSuppression(dataFolder) };
  const failed = [{ id, failure: 'batch_too_large' }];
  assert.deepEqual(await resumeRequests(later, async () => store), { ended: 1, failed });
  const { body: shown } = await read(`requests/${id}`);
  assert.deepEqual([shown['state'], shown['failure']], ['failed', 'batch_too_large']);
});
