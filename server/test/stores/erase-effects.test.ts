/** What an unfinished run noted of its effects goes with an erasure, also between its steps. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { type TestContext, test } from 'node:test';
import { openForWriting } from '../../src/stores/embedded/environment.ts';
import { ErasureCall, storeErasure } from '../../src/stores/embedded/erasure/run-erasure.ts';
import { noteMoves } from '../../src/stores/embedded/rollback/rollback-log.ts';
import { findContactId } from '../../src/stores/embedded/writer/contact-id-identities.ts';
import { GuardedLists } from '../../src/stores/embedded/writer/guarded-lists.ts';
import { SteppedChanges } from '../../src/stores/embedded/writer/stepped-changes.ts';
import type { WriteStep } from '../../src/stores/embedded/writer/write-queue.ts';
import { WriteSession } from '../../src/stores/embedded/writer/write-session.ts';
import { maxGroupMs, maxJoinsPerTransaction } from '../../src/stores/limits.ts';
import { openWriter } from '../../src/stores/open-store.ts';
import type { ContactChange, IdentityKey } from '../../src/stores/store.ts';
import { change, email, makeDataFolder, replace, userId } from './sample-changes.ts';

const [ann, bob, eve] = [email('ann@x.org'), email('bob@x.org'), email('eve@x.org')];
const [one, two, three] = [userId('1'), userId('2'), userId('3')];

const place = { organizationId: 1, datasetId: 1 };

/** A store of which a test makes the transactions. */
async function startSession(t: TestContext) {
  const folder = makeDataFolder(t);
  const writer = await openWriter(folder);
  const lease = await writer.beginRun({ runId: 'first', organizationId: 1, datasetId: 1 });
  await writer.applyBatch(lease, [replace([one, ann], {}), replace([two, bob], {})]);
  await writer.finishRun(lease, { baselineId: 'first', asOfMs: 1 });
  const other = await writer.beginRun({ runId: 'other', organizationId: 1, datasetId: 2 });
  await writer.applyBatch(other, [replace([eve], {})]);
  await writer.finishRun(other, { baselineId: 'other', asOfMs: 1 });
  await writer.close();

  const environment = openForWriting(folder);
  const lists = new GuardedLists(folder, environment.meta);
  const session = new WriteSession(environment, { nowMs: Date.now, randomBytes }, lists);
  t.after(async () => {
    lists.close();
    await environment.close();
  });
  await lists.require().makeOwn();
  const perform = <Result>(step: () => WriteStep<Result>): Result | undefined => {
    const { result, onCommit } = environment.transact(() => {
      session.begin();
      const performed = step();
      session.end();
      return performed;
    });
    onCommit();
    return result;
  };
  const namedIn = (name: 'effects' | 'rollback', needle: Uint8Array) =>
    environment.transact(() => {
      const entries = [...environment[name].getRange({ start: Uint8Array.of(0), limit: 100 })];
      return entries.filter(({ key, value }) => Buffer.concat([key, value]).includes(needle))
        .length;
    });
  const version = perform(() => ({ result: session.nextVersion(), onCommit: () => undefined }));
  assert.ok(version !== undefined);
  /** The changes of a run; a transaction of it ends after the change with this number. */
  const batchOf = (changes: readonly ContactChange[], endsAfter: number) => {
    const batch = new SteppedChanges(session, changes);
    const origin = {
      ...{ ...place, version, sourceVersion: version, asOfMs: 0 },
      ...{ isOfSnapshot: false, isPush: false, keyOrder: [], rollbackLog: undefined },
    };
    let given = 0;
    return () =>
      batch.step(() => {
        given += 1;
        // As if the change joined many contacts, and took long.
        const endMs = performance.now() + 2 * maxGroupMs;
        while (given === endsAfter && performance.now() < endMs);
        if (given === endsAfter) session.joinedContacts = maxJoinsPerTransaction;
        return origin;
      });
  };
  const erase = (identity: IdentityKey) => {
    const request = { organizationId: 1, requestId: 'r' };
    perform(() => {
      storeErasure(session, request, { identities: [identity] });
      return { result: true, onCommit: () => undefined };
    });
    const erasure = new ErasureCall(session, request);
    while (perform(() => erasure.step(() => false)) === undefined);
  };
  return { environment, session, perform, namedIn, batchOf, erase };
}

test('an erasure between two steps of a batch leaves nothing of the person in the effects of its run', async (t) => {
  const { perform, namedIn, batchOf, erase } = await startSession(t);
  const named = (needle: Uint8Array) => namedIn('effects', needle);
  // Ann's address moves from the first contact to the second one.
  const step = batchOf([replace([one], {}), replace([two, ann], {}), replace([three], {})], 2);
  assert.equal(perform(step), undefined);
  assert.deepEqual([named(ann.digest), named(bob.digest)], [1, 1]);
  erase(two);
  assert.deepEqual([named(ann.digest), named(bob.digest)], [0, 1]);
  assert.ok(perform(step) !== undefined);
  assert.deepEqual([named(ann.digest), named(two.digest)], [0, 0]);
});

test('nor the id of a contact in the list of those that the run joined', async (t) => {
  const { session, perform, namedIn, batchOf, erase } = await startSession(t);
  const contactIdOf = (identity: IdentityKey) => {
    const result = perform(() => {
      return { result: findContactId(session, 1, identity), onCommit: () => undefined };
    });
    assert.ok(result !== undefined);
    return result;
  };
  const [older, younger] = [contactIdOf(one), contactIdOf(eve)];
  assert.ok(perform(batchOf([replace([one, eve], {})], 2)) !== undefined);
  assert.deepEqual(contactIdOf(eve), older);
  assert.equal(namedIn('effects', younger), 1);
  erase(one);
  assert.equal(namedIn('effects', younger), 0);
});

test('nor the id of the contact, nor how often runs moved the identity', async (t) => {
  const { environment, session, perform, namedIn, batchOf, erase } = await startSession(t);
  const contactId = perform(() => {
    noteMoves(environment.rollback, { ...place, sourceVersion: 1n }, two, {
      ...{ datasetId: 1, count: 1 },
    });
    return { result: findContactId(session, 1, two), onCommit: () => undefined };
  });
  assert.ok(contactId !== undefined);
  const named = () => [namedIn('effects', contactId), namedIn('rollback', two.digest)];
  const step = batchOf([change('clear', [two]), replace([three], {})], 1);
  assert.equal(perform(step), undefined);
  assert.ok(named().every((count) => count > 0));
  erase(two);
  assert.deepEqual(named(), [0, 0]);
  assert.ok(perform(step) !== undefined);
  assert.deepEqual(named(), [0, 0]);
});
