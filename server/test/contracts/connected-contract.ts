/**
 * The promises of a reader about the contacts that a row would connect. Part of
 * `store-contract.ts`.
 */
import assert from 'node:assert/strict';
import type { KnownIdentity } from '../../src/stores/store.ts';
import { change, email, list, readContact, replace, userId } from '../stores/sample-changes.ts';
import type { StoreTrial, TrialTest } from './store-trial.ts';

const [ann, bob, cem] = [email('ann@x.org'), email('bob@x.org'), email('cem@x.org')];
const [one, two] = [userId('1'), userId('2')];
const [emailType, userType] = [ann.typeId, one.typeId];

export function connectedContract(trialTest: TrialTest): void {
  trialTest('a new row connects the contacts that its identities lead to', async (trial) => {
    await trial.apply([replace([ann], {}), replace([bob], {})]);
    await trial.apply([replace([one], {})], { datasetId: 2 });
    const find = finderOf(trial, 3);
    assert.deepEqual(await find([one, ann]), [one, ann, [userType, emailType]]);
    assert.deepEqual(await find([two, ann, bob]), [ann, bob, [emailType]]);
    for (const row of [[one], [one, cem], [two, ann], [two, cem], [ann, ann]]) {
      assert.equal(await find(row), undefined);
    }
  });

  trialTest('what a row of the dataset claims already connects nothing', async (trial) => {
    await trial.apply([replace([ann], {}), replace([bob], {})]);
    await trial.apply([replace([one, ann], {}), replace([two], {})], { datasetId: 2 });
    const find = finderOf(trial, 2);
    assert.equal(await find([one, ann]), undefined);
    assert.equal(await find([one]), undefined);
    assert.deepEqual(await find([one, bob]), [one, bob, [emailType]]);
    assert.deepEqual(await find([two, ann]), [two, ann, [emailType]]);
    // Both rows claim it, and neither has it: the newsletter keeps it.
    await trial.apply([replace([one, bob], {}), replace([two, bob], {})], { datasetId: 2 });
    assert.equal(await find([one, bob]), undefined);
    assert.equal(await find([two, bob]), undefined);
    // For a row of another dataset the claim is new, and so is the key.
    assert.deepEqual(await finderOf(trial, 3)([two, bob]), [two, bob, [userType, emailType]]);
  });

  trialTest('rows that only mark or add up are told apart from rows of contacts', async (trial) => {
    await trial.apply([replace([ann], {}), replace([one], {})]);
    await trial.apply([list([ann])], { datasetId: 2 });
    assert.deepEqual(await finderOf(trial, 2)([ann, one]), [ann, one, [emailType, userType]]);
    await trial.apply([change('identity', [ann, cem])], { datasetId: 3 });
    const find = finderOf(trial, 3);
    assert.equal(await find([ann, cem]), undefined);
    assert.deepEqual(await find([ann, cem, one]), [ann, one, [userType]]);
  });

  trialTest('a row is compared with what the row of its key names', async (trial) => {
    await trial.apply([replace([one, ann], {}), replace([two, cem], {})]);
    await trial.apply([list([ann])], { datasetId: 2 });
    const rows = [[one, ann], [ann, one], [one], [one, bob], [two, ann], [bob, cem], [bob], []];
    assert.deepEqual(await trial.reader.findRowStates(1, 1, rows), [
      ...['same', 'known', 'other', 'other', 'other', 'known', 'unknown', 'unknown'],
    ]);
    assert.deepEqual(await trial.reader.findRowStates(1, 2, [[ann], [one]]), ['other', 'known']);
    assert.deepEqual(await trial.reader.findRowStates(2, 1, [[one, ann]]), ['unknown']);
  });

  trialTest('rows of an organization connect no contacts of another one', async (trial) => {
    await trial.apply([replace([ann], {}), replace([bob], {})], { organizationId: 2 });
    assert.deepEqual(await trial.reader.findConnected(1, 1, [[ann, bob], []]), [
      undefined,
      undefined,
    ]);
    assert.notEqual((await trial.reader.findConnected(2, 2, [[ann, bob]]))[0], undefined);
  });
}

/** Finds the contacts, named by identities that lead to them, and the types that connect them. */
function finderOf({ reader }: StoreTrial, datasetId: number) {
  return async (row: readonly KnownIdentity[]) => {
    const [found] = await reader.findConnected(1, datasetId, [row]);
    if (found === undefined) return undefined;
    const names: KnownIdentity[] = [];
    for (const identity of row) {
      const contact = await readContact(reader, 1, identity);
      const next = found.contactIds[names.length];
      if (contact && next && Buffer.compare(contact.contactId, next) === 0) names.push(identity);
    }
    assert.equal(names.length, found.contactIds.length);
    return [...names, found.typeIds];
  };
}
