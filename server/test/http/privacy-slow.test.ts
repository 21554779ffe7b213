/** Erasures that take long, and stores that fail meanwhile. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { UsherError } from '../../src/domain/errors.ts';
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
  const slowMs = 6_000;
  const startMs = performance.now();
  const writer = erasingBy(async (real, call) => {
    const step = await real.eraseContacts(...call);
    if (performance.now() - startMs > slowMs) return step;
    await delay(100);
    return { ...step, isDone: false };
  });
  const { request, read, push } = await startPrivacy(t, { writer });
  await push('shop', { user: '1', name: 'Ann' });
  const taken = await request({ kind: 'erase', identity: 'user_id:1' });
  assert.equal(taken.status, 202, taken.answer.body);
  assert.equal(taken.body['state'], 'running');
  const path = taken.answer.headers.get('location') ?? '';
  assert.equal(path, `/admin/v1/privacy/requests/${taken.body['id']}`);
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
