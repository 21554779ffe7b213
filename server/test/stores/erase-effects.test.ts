/** What an unfinished run noted of its effects goes with an erasure, also between its steps. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { openForWriting } from '../../src/stores/embedded/environment.ts';
import { ErasureCall, storeErasure } from '../../src/stores/embedded/erasure/run-erasure.ts';
import { GuardedLists } from '../../src/stores/embedded/writer/guarded-lists.ts';
import { SteppedChanges } from '../../src/stores/embedded/writer/stepped-changes.ts';
import type { WriteStep } from '../../src/stores/embedded/writer/write-queue.ts';
import { WriteSession } from '../../src/stores/embedded/writer/write-session.ts';
import { maxGroupMs, maxJoinsPerTransaction } from '../../src/stores/limits.ts';
import { openWriter } from '../../src/stores/open-store.ts';
import { email, makeDataFolder, replace, userId } from './sample-changes.ts';

const [ann, bob] = [email('ann@x.org'), email('bob@x.org')];
const [one, two, three] = [userId('1'), userId('2'), userId('3')];

test('an erasure between two steps of a batch leaves nothing of the person in the effects of its run', async (t) => {
  const folder = makeDataFolder(t);
  const writer = await openWriter(folder);
  const lease = await writer.beginRun({ runId: 'first', organizationId: 1, datasetId: 1 });
  await writer.applyBatch(lease, [replace([one, ann], {}), replace([two, bob], {})]);
  await writer.finishRun(lease, { baselineId: 'first', asOfMs: 1 });
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
  const named = (needle: Uint8Array) =>
    environment.transact(() => {
      const entries = [...environment.effects.getRange({ start: Uint8Array.of(0), limit: 100 })];
      return entries.filter(({ key, value }) => Buffer.concat([key, value]).includes(needle))
        .length;
    });

  // Ann's address moves from the first contact to the second one.
  const changes = [replace([one], {}), replace([two, ann], {}), replace([three], {})];
  const batch = new SteppedChanges(session, changes);
  const place = { organizationId: 1, datasetId: 1 };
  const version = perform(() => ({ result: session.nextVersion(), onCommit: () => undefined }));
  assert.ok(version !== undefined);
  const origin = {
    ...{ ...place, version, sourceVersion: version, asOfMs: 0 },
    ...{ isOfSnapshot: false, isPush: false, keyOrder: [], rollbackLog: undefined },
  };
  let given = 0;
  const step = () =>
    batch.step(() => {
      given += 1;
      // As if the change joined many contacts, and took long.
      const endMs = performance.now() + 2 * maxGroupMs;
      while (given === 2 && performance.now() < endMs);
      if (given === 2) session.joinedContacts = maxJoinsPerTransaction;
      return origin;
    });
  assert.equal(perform(step), undefined);
  assert.deepEqual([named(ann.digest), named(bob.digest)], [1, 1]);

  const request = { organizationId: 1, requestId: 'r' };
  perform(() => {
    storeErasure(session, request, [two]);
    return { result: true, onCommit: () => undefined };
  });
  const erasure = new ErasureCall(session, request);
  while (perform(() => erasure.step(() => false)) === undefined);
  assert.deepEqual([named(ann.digest), named(bob.digest)], [0, 1]);

  assert.ok(perform(step) !== undefined);
  assert.equal(given, 3);
  assert.deepEqual([named(ann.digest), named(two.digest)], [0, 0]);
});
