/**
 * The promises of a store about what belonged to an erased person earlier, and is no part of the
 * contact now: it goes, too, unless somebody else has it. Part of `store-contract.ts`.
 */
import assert from 'node:assert/strict';
import {
  change,
  clear,
  email,
  readContact,
  readFields,
  replace,
  userId,
} from '../stores/sample-changes.ts';
import { erase, none, refused, rollBack, sound } from './erasure-contract.ts';
import type { StoreTrial, TrialTest } from './store-trial.ts';

const [old, now, bob] = [email('old@x.org'), email('new@x.org'), email('bob@x.org')];
const [one, two, three] = [userId('1'), userId('2'), userId('3')];
const other = { datasetId: 2 };

export function relatedTracesContract(trialTest: TrialTest): void {
  goingContract(trialTest);
  datingContract(trialTest);
  stayingContract(trialTest);
}

function goingContract(trialTest: TrialTest): void {
  trialTest('an earlier address of an erased person goes with its rows', async (trial) => {
    await changeAddress(trial);
    assert.deepEqual((await erase(trial, [one])).counts, {
      ...{ ...none, contacts: 1, identities: 3, rows: 2 },
      // Two rows of news, one of the person and what it let go; a join by each address.
      ...{ rollbackEntries: 4, logEntries: 2 },
    });
    await isSuppressed(trial, old);
    await rollBack(trial);
    assert.equal(await readContact(trial.reader, 1, old), undefined);
    assert.deepEqual(await trial.reader.verify(), sound);
  });

  trialTest('an amendment of an earlier row of an erased person goes', async (trial) => {
    await trial.apply([replace([old], { 2: 'News' })], other);
    const set = [{ fieldId: 2, value: '"Amended"' }];
    await trial.writer.amendContact(1, old, { set, lift: [], atMs: 1 }, {});
    await changeAddress(trial);
    await erase(trial, [one]);
    const { amendments, earlierRows } = await trial.reader.readTraces(1, [one, old, now]);
    assert.deepEqual([amendments, earlierRows], [[], []]);
  });

  trialTest('what belonged to a person earlier is read with what they have now', async (trial) => {
    await trial.apply([replace([old], { 2: 'News' })], other);
    const set = [{ fieldId: 2, value: '"Amended"' }];
    await trial.writer.amendContact(1, old, { set, lift: [], atMs: 1 }, {});
    await changeAddress(trial);
    const { related, amendments, earlierRows } = await trial.reader.readTraces(1, [one, now]);
    assert.deepEqual(
      related.map(({ digest }) => Buffer.from(digest)),
      [Buffer.from(old.digest)],
    );
    assert.deepEqual(
      amendments.map(({ fields }) => fields.map(({ value }) => value)),
      [['"Amended"']],
    );
    const claimed = earlierRows.map((row) => row.identities.map(({ value }) => value));
    const values = earlierRows.map((row) => row.values.map(({ value }) => value));
    assert.deepEqual(claimed, [[old.value, one.value], [old.value], [old.value]]);
    assert.deepEqual(values, [['"Tom"'], ['"News"'], ['"Topic"']]);
    // What another person has now is theirs.
    await trial.apply([replace([two, old], { 1: 'Bob' })]);
    assert.deepEqual((await trial.reader.readTraces(1, [one, now])).related, []);
  });

  trialTest('a row that was merged with an erased person, and is gone, goes', async (trial) => {
    await trial.apply([replace([one, now], { 1: 'Tom' })]);
    await trial.apply([replace([two, old], { 2: 'Plan' })], other);
    await trial.writer.mergeContacts(1, one, two, { by: null });
    await trial.apply([clear([two])], other);
    await erase(trial, [one]);
    // What the row claimed was found by its key.
    for (const it of [two, old]) await isSuppressed(trial, it);
    assert.deepEqual((await trial.reader.readTraces(1, [two, old])).earlierRows, []);
  });

  trialTest('a row that join memory joined with an erased person goes', async (trial) => {
    await trial.apply([replace([two, old], { 2: 'Plan' })], other);
    await trial.apply([replace([one, old], { 1: 'Tom' })]);
    await trial.apply([replace([one, now], { 1: 'Tom' })]);
    await trial.apply([clear([two])], other);
    await erase(trial, [one]);
    for (const it of [two, old]) await isSuppressed(trial, it);
  });
}

function datingContract(trialTest: TrialTest): void {
  trialTest('an earlier row has the time of the write that brought it', async (trial) => {
    const times: number[] = [];
    for (const name of ['Tom', 'Tim', 'Jim']) {
      trial.clock.nowMs += 60_000;
      times.push(trial.clock.nowMs);
      await trial.apply([replace([one, now], { 1: name })]);
    }
    const { earlierRows } = await trial.reader.readTraces(1, [one]);
    assert.deepEqual(
      earlierRows.map(({ asOfMs, values }) => [values[0]?.value, asOfMs]),
      [
        ['"Tom"', times[0]],
        ['"Tim"', times[1]],
      ],
    );
  });

  trialTest('an earlier row without values has the time of its newest claim', async (trial) => {
    const times: number[] = [];
    for (const named of [old, now, bob]) {
      trial.clock.nowMs += 60_000;
      times.push(trial.clock.nowMs);
      await trial.apply([change('identity', [one, named])]);
    }
    const { earlierRows } = await trial.reader.readTraces(1, [one]);
    assert.deepEqual(
      earlierRows.map(({ asOfMs, identities }) => [identities.map(({ value }) => value), asOfMs]),
      [
        [[one.value, old.value].toSorted(), times[0]],
        [[one.value, now.value].toSorted(), times[1]],
      ],
    );
  });
}

function stayingContract(trialTest: TrialTest): void {
  trialTest('a row that was parted from an erased person stays', async (trial) => {
    await trial.apply([replace([one, now], { 1: 'Tom' })]);
    await trial.apply([replace([two, now], { 2: 'Plan' })], other);
    await trial.writer.splitContact(1, two, { by: null });
    await trial.apply([clear([two])], other);
    await erase(trial, [one]);
    const { rejected } = await trial.apply([replace([two, old], { 2: 'Plan' })], other);
    assert.deepEqual(rejected, []);
  });

  trialTest('an earlier address that another person has now stays with them', async (trial) => {
    await changeAddress(trial);
    await trial.apply([replace([two, old], { 1: 'Bob' })]);
    const { counts } = await erase(trial, [one]);
    assert.equal(counts.identities, 2);
    assert.deepEqual(await readFields(trial.reader, old), { 1: 'Bob' });
    assert.deepEqual((await trial.apply([replace([two, old], { 1: 'Bob 2' })])).rejected, []);
  });

  trialTest('an earlier address that rows of others share is not suppressed', async (trial) => {
    await trial.apply([replace([one, old], { 1: 'Tom' })]);
    await trial.apply([
      replace([one, now], { 1: 'Tom' }),
      replace([two, old], { 1: 'Bob' }),
      replace([three, old], { 1: 'Eve' }),
    ]);
    const { counts } = await erase(trial, [one]);
    assert.deepEqual([counts.identities, counts.keptRows], [2, 0]);
  });

  trialTest('a person is not erased for an address that they had before', async (trial) => {
    await trial.apply([replace([two, old, bob], { 1: 'Bob' })]);
    await trial.apply([clear([two])]);
    await trial.apply([replace([one, old], { 1: 'Tom' })]);
    await erase(trial, [one]);
    assert.deepEqual((await trial.apply([replace([two, bob], { 1: 'Bob' })])).rejected, []);
  });
}

/** The address of one person changes in both datasets, first in the one that it is the key of. */
async function changeAddress(trial: StoreTrial): Promise<void> {
  await trial.apply([replace([one, old], { 1: 'Tom' })]);
  await trial.apply([replace([old], { 2: 'Topic' })], other);
  await trial.apply([replace([now], { 2: 'Topic 2' }), clear([old])], other);
  await trial.apply([replace([one, now], { 1: 'Tom' })]);
}

async function isSuppressed(trial: StoreTrial, identity: typeof old): Promise<void> {
  const { rejected } = await trial.apply([replace([identity], { 3: 'Back' })], { datasetId: 3 });
  assert.deepEqual(rejected, refused);
}
