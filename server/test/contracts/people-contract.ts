/**
 * The promises of a store about what a batch reports of people: which contacts it joined and
 * parted, where identities lead, and which claims have no effect. Part of `store-contract.ts`.
 */
import assert from 'node:assert/strict';
import { usualRules } from '../../src/domain/contact/identity-rules.ts';
import { samePeople } from '../../src/stores/contact-change.ts';
import type { BatchReport, ContactChange } from '../../src/stores/store.ts';
import { clear, email, patch, readFields, replace, userId } from '../stores/sample-changes.ts';
import type { Place, StoreTrial, TrialTest } from './store-trial.ts';

const [ann, bob, family] = [email('ann@x.org'), email('bob@x.org'), email('family@x.org')];
const [one, two, three] = [userId('1'), userId('2'), userId('3')];
const emailType = ann.typeId;
const other = { datasetId: 2 };
const sound = { tornContacts: 0, danglingIdentities: 0, wrongCounts: 0 };

export function peopleContract(trialTest: TrialTest): void {
  contactsContract(trialTest);
  identitiesContract(trialTest);
  claimsContract(trialTest);
  oftenContract(trialTest);
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
    const apply = async (...rows: ContactChange[]) =>
      peopleOf(await trial.writer.applyBatch(lease, rows));
    assert.deepEqual(await apply(replace([one, family], { 1: 'One' })), samePeople);
    const { refusedClaims, ...counts } = await apply(replace([two, family], { 1: 'Two' }));
    assert.deepEqual({ ...counts, refusedClaims: [] }, samePeople);
    assert.equal(refusedClaims.length, 1);
    assert.deepEqual(await apply(replace([bob], {}), replace([bob, ann], {})), samePeople);
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
    assert.deepEqual(peopleOf(pushed), { ...samePeople, moved: 1, released: 1 });
  });
}

function claimsContract(trialTest: TrialTest): void {
  const refused = (...indexes: readonly number[]) => ({
    ...samePeople,
    refusedClaims: indexes.map((index) => {
      return { index, typeId: emailType, code: 'identity_shared' as const };
    }),
  });
  const shared = [
    replace([three], { 1: 'Three' }),
    replace([one, family], { 1: 'One' }),
    replace([two, family], { 1: 'Two' }),
  ];

  trialTest('a batch lists the claims of its rows that have no effect', async (trial) => {
    assert.deepEqual(await applyLater(trial, shared), refused(1, 2));
    assert.deepEqual(await applyLater(trial, shared), refused(1, 2), 'the rows stay the same');
    const changed = [replace([two, family], { 1: 'Changed' })];
    assert.deepEqual(await applyLater(trial, changed), refused(0));
    assert.deepEqual(await applyLater(trial, [replace([one], { 1: 'One' })]), samePeople);
  });

  trialTest('a claim is listed with the code that explains it', async (trial) => {
    await applyLater(trial, rows);
    trial.clock.nowMs += 1_000;
    const rules = { ...usualRules, trust: [1] };
    const run = { runId: 'later', organizationId: 1, ...other, rules };
    const lease = await trial.writer.beginRun(run);
    const report = await trial.writer.applyBatch(lease, [replace([three, ann, bob], {})]);
    const taken = [{ index: 0, typeId: emailType, code: 'identity_taken' }];
    assert.deepEqual(report.refusedClaims, taken);
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
      assert.deepEqual([pushed.moved, pushed.movedOften], [1, []]);
    }
    const { moved, movedOften } = await applyLater(trial, turn(2), other);
    assert.deepEqual([moved, movedOften], [1, []]);
  });
}

/** Applies the changes as a run that begins after everything that is stored. */
async function applyLater(trial: StoreTrial, changes: readonly ContactChange[], where?: Place) {
  trial.clock.nowMs += 1_000;
  return peopleOf(await trial.apply(changes, where));
}

function peopleOf(report: BatchReport) {
  const { joined, parted, moved, released, refusedClaims, movedOften } = report;
  return { joined, parted, moved, released, refusedClaims, movedOften };
}
