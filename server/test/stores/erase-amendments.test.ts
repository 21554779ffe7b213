/** What was amended of a contact goes with its erasure, also where it waits for a row to return. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { type TestContext, test } from 'node:test';
import { openForWriting } from '../../src/stores/embedded/environment.ts';
import {
  eraseAmendments,
  eraseAmendmentsNaming,
} from '../../src/stores/embedded/writer/amend-contact.ts';
import { GuardedLists } from '../../src/stores/embedded/writer/guarded-lists.ts';
import { WriteSession } from '../../src/stores/embedded/writer/write-session.ts';
import { openReader, openWriter } from '../../src/stores/open-store.ts';
import type { IdentityKey } from '../../src/stores/store.ts';
import { clear, email, makeDataFolder, replace, userId } from './sample-changes.ts';

const [tom, ann] = [email('tom@x.org'), email('ann@x.org')];
const [one, two, three] = [userId('1'), userId('2'), userId('3')];

/** Three contacts with amendments: the first is gone, and Ann's address leads to the others. */
async function makeStore(t: TestContext): Promise<string> {
  const folder = makeDataFolder(t);
  const writer = await openWriter(folder);
  const run = async (runId: string, changes: Parameters<typeof writer.applyBatch>[1]) => {
    const lease = await writer.beginRun({ runId, organizationId: 1, datasetId: 1 });
    await writer.applyBatch(lease, changes);
    await writer.finishRun(lease, { baselineId: runId, asOfMs: 1 });
  };
  await run('first', [replace([one, tom], {}), replace([two, ann], {}), replace([three], {})]);
  for (const identity of [one, two, three]) {
    const set = [1, 2].map((fieldId) => ({ fieldId, value: '"amended"' }));
    await writer.amendContact(1, identity, { set, lift: [], atMs: 5 }, {});
  }
  await run('second', [clear([one])]);
  await writer.close();
  return folder;
}

async function erase<Result>(folder: string, work: (session: WriteSession) => Result) {
  const environment = openForWriting(folder);
  const lists = new GuardedLists(folder, environment.meta);
  const session = new WriteSession(environment, { nowMs: Date.now, randomBytes }, lists);
  const result = environment.transact(() => {
    session.begin();
    const erased = work(session);
    session.end();
    return erased;
  });
  const left = environment.transact(() => {
    session.begin();
    return session.amendments.list(1, { after: null, limit: 9 }).map(({ key }) => hex(key));
  });
  lists.close();
  await environment.close();
  return { result, left };
}

const hex = ({ digest }: IdentityKey) => Buffer.from(digest).toString('hex');
const sorted = (...keys: readonly IdentityKey[]) => keys.map(hex).sort();

test('the amendments of erased row keys go, and are counted', async (t) => {
  const folder = await makeStore(t);
  const { result, left } = await erase(folder, (session) =>
    eraseAmendments(session, 1, [one, ann, userId('9')]),
  );
  assert.deepEqual([result, left], [2, sorted(two, three)]);
});

test('an amendment that waits goes with any identity of its contact, and no other does', async (t) => {
  const folder = await makeStore(t);
  const names = new Set([hex(tom), hex(ann)]);
  const steps: unknown[] = [];
  const { left } = await erase(folder, (session) => {
    let after: IdentityKey | null = null;
    do {
      const isErased = (identity: IdentityKey) => names.has(hex(identity));
      const step = eraseAmendmentsNaming(session, 1, isErased, { after, limit: 2 });
      steps.push(step.erased);
      after = step.after;
    } while (after !== null);
  });
  assert.equal(steps.length, 2);
  assert.equal(Number(steps[0]) + Number(steps[1]), 2);
  assert.deepEqual(left, sorted(two, three), 'Ann and the third contact keep theirs');
  const reader = openReader(folder);
  t.after(() => reader.close());
  assert.equal((await reader.readAmendments(1, ann))?.length, 2);
  const sound = { tornContacts: 0, danglingIdentities: 0, wrongCounts: 0 };
  assert.deepEqual(await reader.verify(), sound);
});

test('a store is refused by earlier releases only once something was amended', async (t) => {
  const folder = makeDataFolder(t);
  const versionOf = async () => {
    const environment = openForWriting(folder);
    const bytes = environment.meta.getBinaryFast(Uint8Array.of(1));
    const { version } = JSON.parse(`${bytes?.toString('utf8', 0, environment.meta.lastSize)}`);
    await environment.close();
    return version;
  };
  assert.equal(await versionOf(), 4);
  const writer = await openWriter(folder);
  await writer.push(1, 1, [replace([tom], {})], { atMs: 1 });
  const set = [{ fieldId: 1, value: '1' }];
  await writer.amendContact(1, tom, { set, lift: [], atMs: 5 }, {});
  await writer.close();
  assert.equal(await versionOf(), 5);
});
