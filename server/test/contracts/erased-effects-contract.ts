/**
 * The promises of a store about people who are erased while a run is not complete: what the run
 * reports of others is as if nobody had been erased. Part of `store-contract.ts`.
 */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { ContactChange, IdentityKey, RunPeopleReport } from '../../src/stores/store.ts';
import { clear, email, replace, userId } from '../stores/sample-changes.ts';
import type { StoreTrial, TrialTest } from './store-trial.ts';

const eve = email('eve@x.org');

/** A run of dataset 1, between whose batches somebody is erased. */
interface Story {
  /** Of dataset 1, before the run. */
  readonly before: readonly ContactChange[];
  /** Of dataset 2, after that. */
  readonly news: readonly ContactChange[];
  readonly batches: readonly (readonly ContactChange[])[];
}

export function erasedEffectsContract(trialTest: TrialTest): void {
  const some = <Value>(...values: readonly Value[]) => fc.constantFrom(...values);
  const address = some('a', 'b', 'c').map((it) => email(`${it}@x.org`));
  const row = fc.record({
    user: some('1', '2', '3').map(userId),
    email: fc.option(address, { freq: 5, nil: undefined }),
    isGone: fc.nat(3).map((number) => number === 3),
  });
  const batch = fc.array(
    row.map(({ user, email: named, isGone }) =>
      isGone ? clear([user]) : replace(named === undefined ? [user] : [user, named], {}),
    ),
    { minLength: 1, maxLength: 3 },
  );
  const news = fc
    .subarray(['a', 'b', 'c'])
    .map((names) => [
      replace([eve], {}),
      ...names.map((it) => replace([email(`${it}@x.org`)], {})),
    ]);
  const stories = fc.record({
    ...{ news, before: batch },
    batches: fc.array(batch, { minLength: 2, maxLength: 3 }),
  });

  trialTest('an erasure between two batches of a run leaves its report the same', async (trial) => {
    let organizationId = 0;
    const property = fc.asyncProperty(stories, async (story) => {
      organizationId += 2;
      const without = await reportOf(trial, organizationId, story);
      assert.deepEqual(await reportOf(trial, organizationId + 1, story, eve), without);
    });
    await fc.assert(property, { numRuns: 60, seed: 14 });
  });

  trialTest(
    'identities of others that parted from an erased person do not count as moved',
    async (trial) => {
      const [tom, bea] = [userId('1'), email('bea@x.org')];
      const story = {
        ...{ before: [replace([tom, bea], {})], news: [replace([bea], {})] },
        batches: [[replace([userId('2'), bea], {}), replace([tom], {})], [clear([userId('9')])]],
      };
      const { parted, ...others } = await reportOf(trial, 1, story);
      assert.equal(parted, 1);
      // Nobody is left from whom the row parted.
      assert.deepEqual(await reportOf(trial, 2, story, tom), { ...others, parted: 0 });
    },
  );
}

/** @param erased who is erased behind the first batch */
async function reportOf(
  { clock, writer, reportRun }: StoreTrial,
  organizationId: number,
  { news, before, batches }: Story,
  erased?: IdentityKey,
): Promise<Omit<RunPeopleReport, 'next'>> {
  const begin = (datasetId: number, runId: string) => {
    clock.nowMs += 1_000;
    return writer.beginRun({ runId, organizationId, datasetId });
  };
  for (const [datasetId, changes] of [
    [1, before],
    [2, news],
  ] as const) {
    const lease = await begin(datasetId, `before ${organizationId}`);
    await writer.applyBatch(lease, changes);
    await writer.finishRun(lease, { baselineId: 'before', asOfMs: 0 });
  }
  const lease = await begin(1, `run ${organizationId}`);
  for (const [place, changes] of batches.entries()) {
    if (place === 1 && erased !== undefined) {
      const request = { requestId: `erase ${organizationId}`, identities: [erased] };
      while (!(await writer.eraseContacts(organizationId, request, {})).isDone);
    }
    await writer.applyBatch(lease, changes);
  }
  const { next, ...report } = await reportRun(lease);
  return report;
}
