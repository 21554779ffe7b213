/** Hashes of passwords, and the queue of work on them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { maxWaitingPasswords, passwordCost } from '../../src/users/limits.ts';
import { hashPassword, matchesPassword } from '../../src/users/password-hash.ts';
import {
  type AttemptPlace,
  allocatePasswordSlots,
  PasswordWork,
  releasePasswordSlots,
} from '../../src/users/password-work.ts';

const cheap = { n: 2 ** 10, r: 8, p: 1 };

test('a hash matches its password alone, names its cost, and is never the same twice', async () => {
  const hash = await hashPassword('correct horse battery', cheap);
  assert.match(hash, /^scrypt\$10\$8\$1\$/);
  assert.equal(await matchesPassword('correct horse battery', hash, passwordCost), true);
  assert.equal(await matchesPassword('correct horse batterz', hash, cheap), false);
  assert.notEqual(await hashPassword('correct horse battery', cheap), hash);
  assert.equal(await matchesPassword('anything', null, cheap), false);
  assert.equal(await matchesPassword('anything', 'damaged', cheap), false);
});

test('the same letters match, however a keyboard writes them', async () => {
  const hash = await hashPassword('pässwörd for me'.normalize('NFD'), cheap);
  assert.equal(await matchesPassword('pässwörd for me'.normalize('NFC'), hash, cheap), true);
});

test('the cost of production takes 128 MB and more than a tenth of a second', async () => {
  const start = performance.now();
  const hash = await hashPassword('correct horse battery', passwordCost);
  assert.match(hash, /^scrypt\$17\$8\$1\$/);
  assert.ok(performance.now() - start > 100);
});

function workOf(memory: SharedArrayBuffer, thread: number): PasswordWork {
  return new PasswordWork({
    memory,
    thread,
    clock: () => performance.now(),
    random: Math.random,
    cost: cheap,
  });
}

test('one network cannot fill the queue, and a known browser still gets its turn', async () => {
  const memory = allocatePasswordSlots();
  const slots = new Int32Array(memory).fill(99);
  const work = workOf(memory, 1);
  const flood = { key: '203.0.113', isKnown: false };
  let begun = 0;
  const guess = (place: AttemptPlace) =>
    work.inTurn(place, (matches) => {
      begun += 1;
      return matches('guess', null);
    });
  const settled = Promise.allSettled(Array.from({ length: 6 }, () => guess(flood)));
  const known = guess({ key: 'browser', isKnown: true });
  const other = guess({ key: '198.51.100', isKnown: false });
  slots.fill(0);
  assert.equal(await known, false);
  assert.equal(await other, false);
  const refused = (await settled).filter(({ status }) => status === 'rejected');
  assert.equal(refused.length, 2, 'four of a network wait');
  assert.equal(begun, 6, 'nothing is done for who was refused');
});

test('a full queue refuses any of those that wait, and keeps the known browsers', async () => {
  const memory = allocatePasswordSlots();
  const slots = new Int32Array(memory).fill(99);
  const work = workOf(memory, 1);
  const place = (n: number) => ({ key: `203.0.${n}`, isKnown: false });
  const turn = (at: AttemptPlace) => work.inTurn(at, async () => at.key);
  const known = turn({ key: 'browser', isKnown: true });
  const others = Array.from({ length: maxWaitingPasswords + 20 }, (_, n) => turn(place(n)));
  const settled = Promise.allSettled(others);
  slots.fill(0);
  assert.equal(await known, 'browser');
  const admitted = (await settled).filter(({ status }) => status === 'fulfilled');
  assert.equal(admitted.length, maxWaitingPasswords);
  assert.ok(
    (await settled).slice(20).some(({ status }) => status === 'rejected'),
    'not the first 20',
  );
});

test('unknown networks work one at a time, and rest as long as they worked', async () => {
  const work = workOf(allocatePasswordSlots(), 1);
  const jobs: { readonly startMs: number; readonly endMs: number }[] = [];
  const job = async () => {
    const startMs = performance.now();
    await hashPassword('correct horse battery', { n: 2 ** 14, r: 8, p: 1 });
    jobs.push({ startMs, endMs: performance.now() });
  };
  const unknown = { key: '203.0.113', isKnown: false };
  const both = Promise.all([work.inTurn(unknown, job), work.inTurn(unknown, job)]);
  await work.inTurn({ key: 'browser', isKnown: true }, async () => {
    assert.equal(jobs.length, 0, 'a known browser works beside them');
  });
  await both;
  const [first, second] = jobs;
  assert.ok(first !== undefined && second !== undefined);
  const tookMs = first.endMs - first.startMs;
  const restedMs = second.startMs - first.endMs;
  assert.ok(restedMs >= tookMs - 2, `rested for ${restedMs} ms of ${tookMs}`);
});

test('the slots of a thread that died are given back', async () => {
  const memory = allocatePasswordSlots();
  new Int32Array(memory).fill(7);
  const waiting = workOf(memory, 1).hash('correct horse', { key: 'a', isKnown: false });
  releasePasswordSlots(memory, 8);
  assert.deepEqual([...new Int32Array(memory)], [7, 7]);
  releasePasswordSlots(memory, 7);
  assert.match(await waiting, /^scrypt/);
});
