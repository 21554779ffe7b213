/** Two erasures whose steps come in any order count each entry of the log of joins once. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { type TestContext, test } from 'node:test';
import fc from 'fast-check';
import { openForWriting } from '../../src/stores/embedded/environment.ts';
import { ErasureCall, storeErasure } from '../../src/stores/embedded/erasure/run-erasure.ts';
import { GuardedLists } from '../../src/stores/embedded/writer/guarded-lists.ts';
import type { WriteStep } from '../../src/stores/embedded/writer/write-queue.ts';
import { WriteSession } from '../../src/stores/embedded/writer/write-session.ts';
import { openWriter } from '../../src/stores/open-store.ts';
import type { ErasureStep } from '../../src/stores/privacy-answer.ts';
import type { ContactWriter, IdentityKey } from '../../src/stores/store.ts';
import { clear, email, makeDataFolder, replace, userId } from './sample-changes.ts';

const emails = ['a', 'b', 'c', 'd'].map((it) => email(`${it}@x.org`));
const users = ['1', '2', '3', '4'].map(userId);
const identity = fc.constantFrom(...users, ...emails);

const row = fc.record({
  user: fc.constantFrom(...users),
  email: fc.option(fc.constantFrom(...emails), { freq: 4, nil: undefined }),
  isGone: fc.nat(3).map((number) => number === 3),
});
const step = fc.oneof(
  fc.record({
    kind: fc.constant('run' as const),
    datasetId: fc.constantFrom(1, 1, 2),
    rows: fc.array(row, { maxLength: 4 }),
  }),
  fc.record({ kind: fc.constant('merge' as const), one: identity, other: identity }),
  fc.record({ kind: fc.constant('split' as const), one: identity }),
);
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

const stories = fc.record({
  steps: fc.array(step, { minLength: 4, maxLength: 12, size: 'max' }),
  erased: fc.tuple(identity, identity),
  /** Whether the next step is one of the second erasure. */
  order: fc.array(fc.boolean(), { minLength: 20, maxLength: 20 }),
});

test('two erasures that overlap count each entry of the log of joins once', async (t) => {
  const property = fc.asyncProperty(stories, async ({ steps, erased, order }) => {
    const dataFolder = makeDataFolder(t);
    const writer = await openWriter(dataFolder);
    for (const [place, it] of steps.entries()) await play(writer, it, `run ${place}`);
    await writer.close();
    const store = await openSession(t, dataFolder);
    const seen = store.logged();
    const erasures = erased.map((it, place) => store.begin(`${place}`, it));
    const counted = [0, 0];
    const left = new Set([0, 1]);
    for (let at = 0; left.size > 0; at += 1) {
      const place = left.size === 2 ? Number(order[at] ?? true) : ([...left][0] as number);
      const done = erasures[place]?.();
      if (done !== undefined) {
        counted[place] = done.counts.logEntries;
        left.delete(place);
      }
      // What stays of a contact may be joined anew.
      for (const it of store.logged()) seen.add(it);
    }
    const removed = seen.difference(store.logged()).size;
    await store.close();
    assert.equal(
      counted.reduce((sum, it) => sum + it),
      removed,
    );
  });
  await fc.assert(property, { numRuns: 150, seed: 14 });
});

async function play(writer: ContactWriter, action: Step, runId: string): Promise<void> {
  if (action.kind === 'merge') {
    await writer.mergeContacts(1, action.one, action.other, { by: null });
  } else if (action.kind === 'split') {
    await writer.splitContact(1, action.one, { by: null });
  } else {
    const { datasetId, rows } = action;
    const lease = await writer.beginRun({ runId, organizationId: 1, datasetId });
    const changes = rows.flatMap(({ user, email: named, isGone }) => {
      const identities = [...(datasetId === 1 ? [user] : []), ...(named ? [named] : [])];
      if (identities.length === 0) return [];
      return isGone ? clear(identities.slice(0, 1)) : replace(identities, {});
    });
    await writer.applyBatch(lease, changes);
    await writer.finishRun(lease, { baselineId: runId, asOfMs: 1 });
  }
}

/** The store, with a transaction for each step of an erasure. */
async function openSession(t: TestContext, dataFolder: string) {
  const environment = openForWriting(dataFolder);
  const lists = new GuardedLists(dataFolder, environment.meta);
  const session = new WriteSession(environment, { nowMs: Date.now, randomBytes }, lists);
  // Each transaction ends as if it took long.
  t.mock.getter(session, 'hasTakenLong', () => true);
  await lists.require().makeOwn();
  const perform = <Result>(write: () => WriteStep<Result>): Result | undefined => {
    const { result, onCommit } = environment.transact(() => {
      session.begin();
      const performed = write();
      session.end();
      return performed;
    });
    onCommit();
    return result;
  };
  return {
    /** The keys of the entries of the log. */
    logged: () =>
      environment.transact(() => {
        const entries = environment.log.getRange({ start: Uint8Array.of(0), limit: 1_000 });
        return new Set([...entries].map(({ key }) => Buffer.from(key).toString('hex')));
      }),
    /** Returns what performs the next step, and the answer once it is done. */
    begin(requestId: string, named: IdentityKey): () => ErasureStep | undefined {
      const request = { organizationId: 1, requestId };
      perform(() => {
        storeErasure(session, request, { identities: [named] });
        return { result: true, onCommit: () => undefined };
      });
      const call = new ErasureCall(session, request);
      return () => perform(() => call.step(() => false));
    },
    async close() {
      lists.close();
      await environment.close();
    },
  };
}
