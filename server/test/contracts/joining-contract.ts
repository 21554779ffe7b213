/**
 * The promises of a store about rows that claim one identity: which contacts they join, and which
 * row answers. Part of `store-contract.ts`.
 */
import assert from 'node:assert/strict';
import type { JoinAnswer, JoinLogPage } from '../../src/stores/join-answer.ts';
import type { IdentityKey, KnownIdentity } from '../../src/stores/store.ts';
import {
  change,
  clear,
  email,
  patch,
  readContact,
  readFields,
  replace,
  userId,
} from '../stores/sample-changes.ts';
import type { TrialTest } from './store-trial.ts';

const tom = email('tom@hello.com');
const ann = email('ann@hello.com');
const sound = { tornContacts: 0, danglingIdentities: 0, wrongCounts: 0 };

export function joiningContract(trialTest: TrialTest): void {
  joinedContract(trialTest);
  rowsContract(trialTest);
  kindsContract(trialTest);
}

function joinedContract(trialTest: TrialTest): void {
  const both = replace([tom, ann, userId('9')], { 1: 'Both' });

  trialTest('a row that names the identities of two contacts joins them', async (trial) => {
    await trial.apply([replace([tom], { 1: 'Tom' })]);
    await trial.apply([replace([ann], { 2: 'Ann' })], { datasetId: 2 });
    const [older, younger] = [
      await readContact(trial.reader, 1, tom),
      await readContact(trial.reader, 1, ann),
    ];
    const report = await trial.apply([both], { datasetId: 3 });
    assert.deepEqual([report.added, report.changed, report.rejected], [0, 1, []]);
    const joined = await readContact(trial.reader, 1, ann);
    assert.deepEqual(joined?.contactId, older?.contactId, 'the oldest id answers');
    assert.deepEqual(
      joined?.sections.map(({ datasetId }) => datasetId),
      [1, 2, 3],
    );
    const byYounger = { typeId: 0, digest: younger?.contactId ?? new Uint8Array(16) };
    for (const key of [tom, userId('9'), byYounger]) {
      assert.deepEqual(await readContact(trial.reader, 1, key), joined);
      const explained = await trial.reader.explainContact(1, key);
      assert.deepEqual(Buffer.from(explained?.contactId ?? ''), joined?.contactId);
    }
    assert.deepEqual(await trial.reader.counts(1), { contacts: 1, identities: 3 });
    // A later row of either contact is about the joined one.
    await trial.apply([patch([byYounger].map(withoutValue), { 2: 'Anna' })], { datasetId: 2 });
    assert.deepEqual(await readFields(trial.reader, tom, { datasetId: 2 }), { 2: 'Anna' });
    assert.deepEqual(await trial.reader.verify(), sound);
  });

  trialTest('the joins of an identity are found, in steps and the newest first', async (trial) => {
    const [bob, eve] = [email('bob@x.org'), email('eve@x.org')];
    const names = [tom, ann, bob, eve].map((it, n) => replace([it], { 1: `${n}` }));
    await trial.apply(names);
    await trial.apply([replace([userId('7'), bob, eve], {})], { datasetId: 3 });
    const first = await trial.writer.mergeContacts(1, tom, bob, { by: 'operator:x' });
    const second = await trial.writer.mergeContacts(1, tom, ann, { by: 'operator:x' });
    const find = async (limit: number, ...identities: readonly IdentityKey[]) => {
      const found: string[] = [];
      let after: string | null = null;
      do {
        const page: JoinLogPage = await trial.reader.findJoins(1, { identities, after, limit });
        found.push(...page.joins.map(({ entry }) => entry));
        after = page.next;
      } while (after !== null);
      return found;
    };
    const { joins } = await trial.reader.listJoins(1, { before: null, limit: 100 });
    const all = joins.map(({ entry }) => entry);
    assert.ok(all.length >= 3);
    const entryOf = (answer: JoinAnswer) => ('entry' in answer ? answer.entry : '');
    for (const limit of [1, 2, 3, 100]) {
      assert.deepEqual(await find(limit, tom), [entryOf(second), entryOf(first)]);
      assert.deepEqual(await find(limit, tom, bob, eve, userId('7')), all);
      assert.deepEqual(await find(limit, userId('8')), []);
    }
  });

  trialTest(
    'a row is applied if a claim of it has no effect, and that identity stays where it is',
    async (trial) => {
      await trial.apply([replace([tom], { 1: 'Tom' }), replace([ann], { 1: 'Ann' })]);
      const report = await trial.apply([both], { datasetId: 2 });
      assert.deepEqual([report.changed, report.rejected], [1, []]);
      assert.deepEqual(await readFields(trial.reader, tom, { datasetId: 2 }), { 1: 'Both' });
      assert.deepEqual(await readFields(trial.reader, ann), { 1: 'Ann' });
      assert.equal(await readFields(trial.reader, ann, { datasetId: 2 }), undefined);
      // The claim counts once nothing stands against it.
      await trial.apply([clear([ann])]);
      assert.deepEqual(await readFields(trial.reader, ann, { datasetId: 2 }), { 1: 'Both' });
      assert.deepEqual(await trial.reader.verify(), sound);
    },
  );
}

function rowsContract(trialTest: TrialTest): void {
  trialTest(
    'of two rows of a dataset in one contact the newer answers, and the other stays behind it',
    async (trial) => {
      await trial.apply([replace([tom, userId('7')], { 1: 'Tom' })]);
      await trial.apply([replace([userId('7')], { 1: 'Seven' })]);
      assert.deepEqual(await readFields(trial.reader, tom), { 1: 'Seven' });
      assert.equal((await trial.reader.datasetCounts(1, 1)).sections, 1);
      await trial.apply([clear([userId('7')])]);
      assert.deepEqual(await readFields(trial.reader, userId('7')), { 1: 'Tom' });
      assert.deepEqual(await trial.reader.verify(), sound);
    },
  );

  trialTest('a row that names an identity no longer lets it go', async (trial) => {
    await trial.apply([replace([tom, userId('7')], { 1: 'Tom' })]);
    await trial.apply([replace([tom], { 1: 'Tom' })]);
    assert.equal(await readContact(trial.reader, 1, userId('7')), undefined);
    await trial.apply([patch([tom, userId('8')], { 2: 2 })]);
    await trial.apply([patch([tom], { 2: 3 })]);
    assert.ok(await readContact(trial.reader, 1, userId('8')), 'a patch keeps it');
    await trial.apply([{ ...patch([tom], {}), cleared: [userId('').typeId] }]);
    assert.equal(await readContact(trial.reader, 1, userId('8')), undefined);
    assert.deepEqual(await trial.reader.counts(1), { contacts: 1, identities: 1 });
  });
}

function kindsContract(trialTest: TrialTest): void {
  trialTest('a row of identities joins contacts, and is not answered itself', async (trial) => {
    await trial.apply([replace([tom], { 1: 'Tom' })]);
    await trial.apply([replace([userId('7')], { 2: 'Seven' })], { datasetId: 2 });
    const links = { datasetId: 3 };
    await trial.apply([change('identity', [tom, userId('7')]), change('identity', [ann])], links);
    const joined = await readContact(trial.reader, 1, userId('7'));
    assert.deepEqual(
      joined?.sections.map(({ datasetId }) => datasetId),
      [1, 2],
    );
    assert.equal(await readContact(trial.reader, 1, ann), undefined, 'nothing is known of her');
    await trial.apply([clear([tom])], links);
    assert.deepEqual(
      (await readContact(trial.reader, 1, tom))?.sections.map(({ datasetId }) => datasetId),
      [1, 2],
      'what was joined stays joined',
    );
    assert.deepEqual(await trial.reader.verify(), sound);
  });

  trialTest('a scan gives each row of a dataset with its key first', async (trial) => {
    await trial.apply([replace([tom, userId('7')], { 1: 'Tom' }), replace([ann], { 1: 'Ann' })]);
    await trial.apply([replace([ann], { 2: 'Anna' })], { datasetId: 2 });
    await trial.apply([replace([userId('7')], { 1: 'Seven' })]);
    const keysOf = async (datasetId: number) => {
      const found: string[] = [];
      for await (const { keys } of trial.reader.scanRows(1, datasetId)) {
        found.push(keys.map(textOf).join(' '));
      }
      return found.sort();
    };
    const named = async (key: KnownIdentity) => {
      const { contactId } = (await readContact(trial.reader, 1, key)) ?? assert.fail();
      return `${textOf(key)} ${textOf({ typeId: 0, digest: contactId })}`;
    };
    const all = [await named(ann), await named(tom), await named(userId('7'))];
    assert.deepEqual(await keysOf(1), all.sort());
    assert.deepEqual(await keysOf(2), [await named(ann)]);
    assert.deepEqual(await keysOf(3), []);
  });
}

function textOf({ typeId, digest }: IdentityKey): string {
  return `${typeId}:${Buffer.from(digest).toString('hex')}`;
}

function withoutValue(key: IdentityKey): KnownIdentity {
  return { ...key, value: '' };
}
