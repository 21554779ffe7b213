/**
 * The promises of a store about people who are erased after their rows are gone: what is still held
 * of them goes, and nothing brings them back. Part of `store-contract.ts`.
 */
import assert from 'node:assert/strict';
import {
  clear,
  email,
  readContact,
  readFields,
  replace,
  userId,
} from '../stores/sample-changes.ts';
import { erase, none, refused, rollBack, sound } from './erasure-contract.ts';
import type { TrialTest } from './store-trial.ts';

const [ann, bob, family] = [email('ann@x.org'), email('bob@x.org'), email('family@x.org')];
const [one, two] = [userId('1'), userId('2')];
const other = { datasetId: 2 };

export function erasedTracesContract(trialTest: TrialTest): void {
  // Both runs left an entry of the row.
  const found = { ...none, rollbackEntries: 2, identities: 2 };

  trialTest(
    'a person whose row is gone is erased, and no rollback brings them back',
    async (trial) => {
      await trial.apply([replace([one, ann], { 1: 'Ann' }), replace([two, bob], { 1: 'Bob' })]);
      await trial.apply([clear([one])]);
      const { counts, subjects } = await erase(trial, [ann]);
      assert.deepEqual([counts, subjects.length], [found, 2]);
      await rollBack(trial);
      for (const it of [one, ann]) assert.equal(await readContact(trial.reader, 1, it), undefined);
      assert.deepEqual(await readFields(trial.reader, two), { 1: 'Bob' });
      // The row came with the key, so that is suppressed, too.
      const again = await trial.apply([replace([one, email('new@x.org')], { 1: 'Ann' })]);
      assert.deepEqual(again.rejected, refused);
      assert.deepEqual((await erase(trial, [ann], { requestId: 'again' })).counts, {
        ...none,
        alreadySuppressed: 1,
      });
      assert.deepEqual(await trial.reader.verify(), sound);
    },
  );

  trialTest('a person whose row is gone is erased by the id of the contact', async (trial) => {
    await trial.apply([replace([one, ann], { 1: 'Ann' })]);
    const { contactId } = (await readContact(trial.reader, 1, one)) ?? {};
    await trial.apply([clear([one])]);
    const id = { typeId: 0, digest: contactId ?? new Uint8Array(16) };
    assert.deepEqual((await erase(trial, [id])).counts, found);
    await rollBack(trial);
    for (const it of [one, ann, id]) {
      assert.equal(await readContact(trial.reader, 1, it), undefined);
    }
  });

  trialTest('the rows of others keep what is theirs when an old claim is erased', async (trial) => {
    await trial.apply([replace([one, ann], { 1: 'Ann' }), replace([two, bob], { 1: 'Bob' })]);
    await trial.apply([replace([one], { 1: 'New' }), replace([two], { 1: 'Bob' })]);
    const { counts } = await erase(trial, [ann]);
    assert.deepEqual(counts, { ...none, rollbackEntries: 1, identities: 1 });
    await rollBack(trial);
    assert.deepEqual(await readFields(trial.reader, one), { 1: 'Ann' });
    assert.equal(await readContact(trial.reader, 1, ann), undefined);
    assert.deepEqual(await readFields(trial.reader, bob), { 1: 'Bob' });
  });

  trialTest('all rows that claim an identity without effect let it go', async (trial) => {
    const many = Array.from({ length: 300 }, (_, row) =>
      replace([userId(`many ${row}`), family], { 1: row }),
    );
    await trial.apply(many);
    assert.equal(await readContact(trial.reader, 1, family), undefined);
    const { counts } = await erase(trial, [family]);
    assert.deepEqual(counts, { ...none, identities: 1, keptRows: 300, withoutContact: 1 });
    assert.equal((await trial.apply(many)).unchanged, 300);
    assert.deepEqual((await trial.apply([replace([family], {})], other)).rejected, refused);
    assert.deepEqual(await trial.reader.verify(), sound);
  });

  trialTest('what the log of joins says of a person who is gone is erased', async (trial) => {
    await trial.apply([replace([one, ann], { 1: 'Ann' })]);
    await trial.apply([replace([ann], { 2: 'News' })], other);
    await trial.apply([clear([one])]);
    await trial.apply([clear([ann])], other);
    const { counts } = await erase(trial, [ann]);
    assert.deepEqual([counts.notFound, counts.logEntries], [0, 1]);
    assert.deepEqual((await trial.reader.listJoins(1, { before: null, limit: 10 })).joins, []);
  });
}
