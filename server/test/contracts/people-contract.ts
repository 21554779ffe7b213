/**
 * The promises of a store about what a run or a push reports of people: which contacts it joined
 * and parted, where identities lead, and which claims have no effect. Part of `store-contract.ts`.
 */
import assert from 'node:assert/strict';
import { usualRules } from '../../src/domain/contact/identity-rules.ts';
import type { ContactChange, IdentityKey, RunPeopleReport } from '../../src/stores/store.ts';
import { clear, email, patch, readFields, replace, userId } from '../stores/sample-changes.ts';
import type { Place, StoreTrial, TrialTest } from './store-trial.ts';

const [ann, bob, family] = [email('ann@x.org'), email('bob@x.org'), email('family@x.org')];
const [one, two, three] = [userId('1'), userId('2'), userId('3')];
const emailType = ann.typeId;
const other = { datasetId: 2 };
const samePeople = {
  ...{ joined: 0, parted: 0, moved: 0, released: 0 },
  ...{ refusedClaims: [], movedOften: [] },
};
const sound = { tornContacts: 0, danglingIdentities: 0, wrongCounts: 0 };

export function peopleContract(trialTest: TrialTest): void {
  contactsContract(trialTest);
  identitiesContract(trialTest);
  claimsContract(trialTest);
  oftenContract(trialTest);
  batchesContract(trialTest);
  attemptsContract(trialTest);
}

function contactsContract(trialTest: TrialTest): void {
  trialTest('a batch reports the contacts that it joins', async (trial) => {
    await applyLater(trial, [replace([ann], { 1: 'Ann' }), replace([bob], { 1: 'Bob' })]);
    await applyLater(trial, [replace([one], { 2: 'One' })], other);
    const joining = [replace([one, ann], { 2: 'One' }), replace([two, bob], { 2: 'Two' })];
    assert.deepEqual(await applyLater(trial, joining, other), { ...samePeople, joined: 1 });
    assert.deepEqual(await applyLater(trial, joining, other), samePeople);
  });

  trialTest('a batch reports the contacts that it parts', async (trial) => {
    await applyLater(trial, [replace([ann], { 1: 'News' })], other);
    await applyLater(trial, [replace([one, ann], { 2: 'One' })]);
    const parting = [replace([three, ann], { 2: 'Three' }), replace([one], { 2: 'One' })];
    assert.deepEqual(await applyLater(trial, parting), { ...samePeople, parted: 1 });
    assert.deepEqual(await readFields(trial.reader, ann), { 2: 'Three' });
    assert.equal(await readFields(trial.reader, one, other), undefined);
  });

  trialTest('contacts that a run created do not count in its batches', async (trial) => {
    trial.clock.nowMs += 1_000;
    const lease = await trial.beginRun('new');
    const apply = async (...rows: ContactChange[]) => {
      await trial.writer.applyBatch(lease, rows);
      return peopleOf(await trial.reportRun(lease));
    };
    assert.deepEqual(await apply(replace([one, family], { 1: 'One' })), samePeople);
    const { refusedClaims, ...counts } = await apply(replace([two, family], { 1: 'Two' }));
    assert.deepEqual({ ...counts, refusedClaims: [] }, samePeople);
    assert.equal(refusedClaims.length, 2);
    const { refusedClaims: still, ...last } = await apply(replace([bob, ann], {}));
    assert.deepEqual([still.length, { ...last, refusedClaims: [] }], [2, samePeople]);
  });
}

const rows = [replace([one, ann], { 1: 'One' }), replace([two, bob], { 1: 'Two' })];

function identitiesContract(trialTest: TrialTest): void {
  trialTest('a batch reports the identities that it moves between contacts', async (trial) => {
    await applyLater(trial, rows);
    const swapped = [replace([one, bob], { 1: 'One' }), replace([two, ann], { 1: 'Two' })];
    assert.deepEqual(await applyLater(trial, swapped), { ...samePeople, moved: 2 });
    assert.deepEqual(await readFields(trial.reader, ann), { 1: 'Two' });
    const toNew = [replace([one], { 1: 'One' }), replace([three, bob], { 1: 'Three' })];
    assert.deepEqual(await applyLater(trial, toNew), { ...samePeople, moved: 1 });
  });

  trialTest('a batch reports the identities that lead nowhere after it', async (trial) => {
    await applyLater(trial, rows);
    assert.deepEqual(await applyLater(trial, [replace([one], { 1: 'One' })]), {
      ...samePeople,
      released: 1,
    });
    assert.deepEqual(await applyLater(trial, [clear([two])]), { ...samePeople, released: 2 });
  });

  trialTest('a push reports what it does to people', async (trial) => {
    await applyLater(trial, rows);
    trial.clock.nowMs += 1_000;
    const atMs = trial.clock.nowMs;
    const pushed = await trial.writer.push(1, 1, [patch([one, bob], { 1: 'One' })], { atMs });
    const { joined, parted, moved, released, refusedClaims } = pushed;
    assert.deepEqual([joined, parted, moved, released, refusedClaims], [0, 0, 1, 1, []]);
  });
}

function claimsContract(trialTest: TrialTest): void {
  const refused = (...keys: readonly IdentityKey[]) => {
    const refusedClaims = keys.map((key) => {
      const row = { typeId: key.typeId, digest: Buffer.from(key.digest).toString('hex') };
      return { row, typeId: emailType, code: 'identity_shared' as const };
    });
    refusedClaims.sort((a, b) => rowOf(a).localeCompare(rowOf(b)));
    return { ...samePeople, refusedClaims };
  };
  const shared = [
    replace([three], { 1: 'Three' }),
    replace([one, family], { 1: 'One' }),
    replace([two, family], { 1: 'Two' }),
  ];

  trialTest('a batch lists the claims of its rows that have no effect', async (trial) => {
    assert.deepEqual(await applyLater(trial, shared), refused(one, two));
    assert.deepEqual(await applyLater(trial, shared), refused(one, two), 'the rows stay the same');
    const changed = [replace([two, family], { 1: 'Changed' })];
    assert.deepEqual(await applyLater(trial, changed), refused(one, two));
    assert.deepEqual(await applyLater(trial, [replace([one], { 1: 'One' })]), samePeople);
  });

  trialTest('a claim is listed with the code that explains it', async (trial) => {
    await applyLater(trial, rows);
    trial.clock.nowMs += 1_000;
    const rules = { ...usualRules, trust: [1] };
    const run = { runId: 'later', organizationId: 1, ...other, rules };
    const lease = await trial.writer.beginRun(run);
    await trial.writer.applyBatch(lease, [replace([three, ann, bob], {})]);
    const { refusedClaims } = await trial.reportRun(lease);
    assert.deepEqual(
      refusedClaims.map(({ typeId, code }) => [typeId, code]),
      [[emailType, 'identity_taken']],
    );
    const explained = await trial.reader.explainContact(1, three);
    const codes = explained?.identities.flatMap(({ claims }) => claims.map((it) => it.refused));
    assert.deepEqual(
      codes?.filter((code) => code !== null),
      ['identity_taken'],
    );
  });
}

function oftenContract(trialTest: TrialTest): void {
  const turn = (holder: number) => [
    replace(holder === 1 ? [one, ann] : [one], { 1: 'One' }),
    replace(holder === 2 ? [two, ann] : [two], { 1: 'Two' }),
  ];

  trialTest('an identity that runs move for the third time is reported', async (trial) => {
    const often: unknown[] = [];
    for (const holder of [1, 2, 1, 2, 1]) {
      const { moved, movedOften } = await applyLater(trial, turn(holder));
      often.push([moved, movedOften]);
    }
    const third = [1, [[emailType, 1]]];
    assert.deepEqual(often, [[0, []], [1, []], [1, []], third, third]);
    assert.deepEqual(await trial.reader.verify(), sound);
  });

  trialTest('an identity that nobody names any more is counted anew', async (trial) => {
    for (const holder of [1, 2, 1, 0]) await applyLater(trial, turn(holder));
    assert.deepEqual(await trial.reader.verify(), sound);
    for (const holder of [1, 2, 1]) {
      assert.deepEqual((await applyLater(trial, turn(holder))).movedOften, []);
    }
  });

  trialTest('moves by other datasets and by pushes do not add up', async (trial) => {
    for (const holder of [1, 2, 1]) await applyLater(trial, turn(holder));
    const atMs = trial.clock.nowMs;
    for (const row of [two, one]) {
      const pushed = await trial.writer.push(1, 1, [patch([row, ann], {})], { atMs });
      assert.equal(pushed.moved, 1);
    }
    const { moved, movedOften } = await applyLater(trial, turn(2), other);
    assert.deepEqual([moved, movedOften], [1, []]);
  });
}

/** What changes and changes back within a run does not count, whatever its batches. */
function batchesContract(trialTest: TrialTest): void {
  const people = Array.from({ length: 12 }, (_, number) => number);
  const mailOf = (number: number) => email(`p${number}@x.org`);
  /** Each pair of people swaps addresses if `turn` is odd. */
  const rowOfPerson = (number: number, turn: number) =>
    replace([userId(`${number}`), mailOf(turn % 2 === 1 ? number ^ 1 : number)], { 1: 'Name' });
  const apart = {
    ascending: people,
    descending: people.toReversed(),
    'first of each pair first': people.toSorted((a, b) => (a % 2) - (b % 2) || a - b),
  };

  for (const [order, numbers] of Object.entries(apart)) {
    trialTest(`swaps are counted as moves if each row is a batch (${order})`, async (trial) => {
      await applyLater(
        trial,
        people.map((number) => rowOfPerson(number, 0)),
      );
      const often: unknown[] = [];
      for (const turn of [1, 2, 3]) {
        trial.clock.nowMs += 1_000;
        const lease = await trial.beginRun(`swap-${turn}`);
        for (const number of numbers) {
          await trial.writer.applyBatch(lease, [rowOfPerson(number, turn)]);
        }
        const { movedOften, ...counts } = peopleOf(await trial.reportRun(lease));
        assert.deepEqual({ ...counts, movedOften: [] }, { ...samePeople, moved: 12 });
        often.push(movedOften);
        await trial.writer.finishRun(lease, { baselineId: `swap-${turn}`, asOfMs: 0 });
      }
      assert.deepEqual(often, [[], [], [[emailType, 12]]]);
      assert.deepEqual(await trial.reader.verify(), sound);
    });

    trialTest(`a run that was killed counts from its first attempt (${order})`, async (trial) => {
      await applyLater(
        trial,
        people.map((number) => rowOfPerson(number, 0)),
      );
      trial.clock.nowMs += 1_000;
      const killed = await trial.beginRun('killed');
      for (const number of numbers.slice(0, 5)) {
        await trial.writer.applyBatch(killed, [rowOfPerson(number, 1)]);
      }
      await trial.reopen();
      trial.clock.nowMs += 60_000;
      const lease = await trial.beginRun('resumed');
      for (const number of numbers) {
        await trial.writer.applyBatch(lease, [rowOfPerson(number, 1)]);
      }
      assert.deepEqual(peopleOf(await trial.reportRun(lease)), { ...samePeople, moved: 12 });
    });
  }
}

function attemptsContract(trialTest: TrialTest): void {
  trialTest('a run that restores what it changed has changed nothing', async (trial) => {
    await applyLater(trial, [replace([ann], { 1: 'News' })], other);
    await applyLater(trial, [replace([one, ann], { 2: 'One' }), replace([two, bob], {})]);
    trial.clock.nowMs += 1_000;
    const lease = await trial.beginRun('first');
    await trial.writer.applyBatch(lease, [replace([one], { 2: 'One' })]);
    await trial.writer.applyBatch(lease, [replace([two, ann], {})]);
    const again = await trial.beginRun('first');
    await trial.reopen();
    trial.clock.nowMs += 60_000;
    const next = await trial.beginRun('second');
    assert.equal(next.version, again.version);
    await trial.writer.applyBatch(next, [replace([two, bob], {})]);
    await trial.writer.applyBatch(next, [replace([one, ann], { 2: 'One' })]);
    assert.deepEqual(peopleOf(await trial.reportRun(next)), samePeople);
    await trial.writer.finishRun(next, { baselineId: 'second', asOfMs: 0 });
    assert.deepEqual(await applyLater(trial, [replace([one, ann], { 2: 'One' })]), samePeople);
  });

  trialTest(
    'a claim that a later attempt of the run does not make is not listed',
    async (trial) => {
      trial.clock.nowMs += 1_000;
      const killed = await trial.beginRun('killed');
      await trial.writer.applyBatch(killed, [
        replace([one, family], {}),
        replace([two, family], {}),
      ]);
      trial.clock.nowMs += 60_000;
      const resumed = await trial.beginRun('resumed');
      await trial.writer.applyBatch(resumed, [replace([one, ann], {}), replace([two, bob], {})]);
      await trial.writer.applyBatch(resumed, [replace([three, ann], {})]);
      const { refusedClaims } = peopleOf(await trial.reportRun(resumed));
      assert.deepEqual(
        refusedClaims.map(({ row }) => row.digest).sort(),
        [one, three].map(({ digest }) => Buffer.from(digest).toString('hex')).sort(),
      );
      // Asked again, the store answers the same.
      assert.deepEqual(peopleOf(await trial.reportRun(resumed)).refusedClaims, refusedClaims);
    },
  );

  trialTest('a claim whose reason ended in a later batch is not listed', async (trial) => {
    trial.clock.nowMs += 1_000;
    const lease = await trial.beginRun('claims');
    await trial.writer.applyBatch(lease, [replace([one, family], {})]);
    await trial.writer.applyBatch(lease, [replace([two, family], {})]);
    // Both claims have no effect now, also that of the first batch.
    assert.equal((await trial.reportRun(lease)).refusedClaims.length, 2);
    await trial.writer.finishRun(lease, { baselineId: 'claims', asOfMs: 0 });
    trial.clock.nowMs += 1_000;
    const later = await trial.beginRun('later');
    await trial.writer.applyBatch(later, [replace([one, family], { 1: 'One' })]);
    await trial.writer.applyBatch(later, [replace([two], {})]);
    assert.deepEqual(peopleOf(await trial.reportRun(later)), samePeople);
  });
}

function rowOf({ row: { typeId, digest } }: RunPeopleReport['refusedClaims'][number]): string {
  return `${typeId} ${digest}`;
}

/** Applies the changes as a run that begins after everything that is stored. */
async function applyLater(trial: StoreTrial, changes: readonly ContactChange[], where?: Place) {
  trial.clock.nowMs += 1_000;
  return peopleOf(await trial.apply(changes, where));
}

function peopleOf(report: RunPeopleReport) {
  const { joined, parted, moved, released, movedOften } = report;
  const refusedClaims = report.refusedClaims.toSorted(
    (a, b) => rowOf(a).localeCompare(rowOf(b)) || a.typeId - b.typeId,
  );
  return { joined, parted, moved, released, refusedClaims, movedOften };
}
