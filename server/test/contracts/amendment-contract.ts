/**
 * The promises of a store about values that people amended. Part of `store-contract.ts`;
 * `identities/try-store-histories.ts` tries them in random histories.
 */
import assert from 'node:assert/strict';
import { maxRecordBytes } from '../../src/stores/limits.ts';
import type { AmendableField, AmendmentChange } from '../../src/stores/privacy-answer.ts';
import type { IdentityKey } from '../../src/stores/store.ts';
import {
  clear,
  email,
  list,
  readContact,
  readFields,
  replace,
  report,
  userId,
} from '../stores/sample-changes.ts';
import type { StoreTrial, TrialTest } from './store-trial.ts';

const [tom, ann] = [email('tom@hello.com'), email('ann@hello.com')];
const [one, two] = [userId('1'), userId('2')];
const sound = { tornContacts: 0, danglingIdentities: 0, wrongCounts: 0 };
const day = 86_400_000;

export function amendmentContract(trialTest: TrialTest): void {
  settingContract(trialTest);
  joinedContract(trialTest);
  typeContract(trialTest);
  returningContract(trialTest);
  boundContract(trialTest);
}

function settingContract(trialTest: TrialTest): void {
  trialTest('a value that is amended counts until it is lifted', async (trial) => {
    await trial.apply([replace([tom, one], { 1: 'Tom', 2: 5 })]);
    assert.deepEqual(await trial.reader.readAmendments(1, tom), []);
    assert.equal(await amend(trial, tom, { 1: 'Thomas' }), 'changed');
    assert.equal(await amend(trial, one, { 1: 'Thomas' }, { atMs: 9 }), 'unchanged');
    assert.equal(await amend(trial, one, { 3: null }, { atMs: 9 }), 'changed');
    const amended = [
      { fieldId: 1, value: '"Thomas"', atMs: 5 },
      { fieldId: 3, value: 'null', atMs: 9 },
    ];
    assert.deepEqual(await trial.reader.readAmendments(1, tom), amended);
    await trial.apply([replace([tom, one], { 1: 'Toto', 2: 6 })]);
    await trial.reopen();
    assert.deepEqual(await trial.reader.readAmendments(1, one), amended);
    assert.deepEqual(await readFields(trial.reader, tom), { 1: 'Toto', 2: 6 });
    assert.equal(await amend(trial, tom, {}, { lift: [2] }), 'unchanged');
    assert.equal(await amend(trial, tom, {}, { lift: [1, 3] }), 'changed');
    assert.deepEqual(await trial.reader.readAmendments(1, tom), []);
    assert.deepEqual(await trial.reader.verify(), sound);
  });

  trialTest(
    'an amendment is answered with what was done, not with what was asked',
    async (trial) => {
      await trial.apply([replace([tom], { 1: 'Tom' })]);
      const ask = (values: readonly (readonly [number, string])[], lift: readonly number[]) => {
        const set = values.map(([fieldId, value]) => ({ fieldId, value: JSON.stringify(value) }));
        return trial.writer.amendContact(1, tom, { set, lift, atMs: 5 }, {});
      };
      assert.deepEqual(
        await ask(
          [
            [1, 'a'],
            [2, 'b'],
          ],
          [3],
        ),
        { set: 2, lifted: 0 },
      );
      assert.deepEqual(
        await ask(
          [
            [1, 'a'],
            [2, 'c'],
          ],
          [],
        ),
        { set: 1, lifted: 0 },
      );
      assert.deepEqual(await ask([[1, 'a']], [2, 2, 3]), { set: 0, lifted: 1 });
      assert.equal(await ask([[1, 'a']], [2]), 'unchanged');
      await trial.apply([clear([tom])]);
      assert.deepEqual(await ask([], [1, 1, 2]), { set: 0, lifted: 1 });
    },
  );

  trialTest(
    'an amendment gives the record a newer revision, and changes no counts',
    async (trial) => {
      await trial.apply([replace([tom], { 1: 'Tom' })]);
      const counts = await trial.reader.datasetCounts(1, 1);
      const before = (await readContact(trial.reader, 1, tom))?.revision ?? 0n;
      await amend(trial, tom, { 1: 'Thomas', 7: 'new' });
      assert.ok(((await readContact(trial.reader, 1, tom))?.revision ?? 0n) > before);
      assert.deepEqual(await trial.reader.datasetCounts(1, 1), counts);
      assert.deepEqual(await trial.reader.counts(2), { contacts: 0, identities: 0 });
    },
  );
}

function joinedContract(trialTest: TrialTest): void {
  trialTest(
    'of joined contacts the newest amendment counts, and each keeps its own',
    async (trial) => {
      await trial.apply([replace([one], { 1: 'One' }), replace([two], { 1: 'Two' })]);
      await amend(trial, one, { 1: 'older', 2: 'of one' }, { atMs: 5 });
      await amend(trial, two, { 1: 'newer', 3: 'of two' }, { atMs: 6 });
      const merged = await trial.writer.mergeContacts(1, one, two, { by: null });
      assert.deepEqual(await valuesAt(trial, one), { 1: 'newer', 2: 'of one', 3: 'of two' });
      await trial.writer.unmergeContacts(1, 'entry' in merged ? merged.entry : '', { by: null });
      assert.deepEqual(await valuesAt(trial, one), { 1: 'older', 2: 'of one' });
      assert.deepEqual(await valuesAt(trial, two), { 1: 'newer', 3: 'of two' });
      assert.deepEqual(await trial.reader.verify(), sound);
    },
  );

  for (const [how, named] of [
    ['its key', two],
    ['an identity that its row names', tom],
  ] as const) {
    trialTest(
      `of merged contacts the one that is amended by ${how} keeps the value`,
      async (trial) => {
        const rows = [replace([one, ann], { 1: 'One', 2: 1 }), replace([two, tom], { 1: 'Two' })];
        await trial.apply(rows);
        await trial.apply([replace([ann], { 3: 'news' })], { datasetId: 2 });
        const merged = await trial.writer.mergeContacts(1, one, two, { by: null });
        await amend(trial, named, { 1: 'amended', 2: 5, 3: 'other' });
        assert.deepEqual(await valuesAt(trial, one), { 1: 'amended', 2: 5, 3: 'other' });
        // The other one has the value only by the merge: its own amendment is a change.
        assert.equal(await amend(trial, ann, { 2: 5 }, { atMs: 6 }), 'changed');
        assert.equal(await amend(trial, ann, { 2: 5 }, { atMs: 7 }), 'unchanged');
        await trial.writer.unmergeContacts(1, 'entry' in merged ? merged.entry : '', { by: null });
        assert.deepEqual(await valuesAt(trial, one), { 2: 5 });
        assert.deepEqual(await valuesAt(trial, two), { 1: 'amended', 2: 5, 3: 'other' });
        assert.deepEqual(await trial.reader.verify(), sound);
      },
    );
  }

  trialTest(
    'a value is lifted from the whole contact, whichever row key it belongs to',
    async (trial) => {
      await trial.apply([replace([one], { 1: 'One' }), replace([two], { 1: 'Two' })]);
      await amend(trial, one, { 1: 'of one', 2: 'x' }, { atMs: 5 });
      await amend(trial, two, { 1: 'of two' }, { atMs: 6 });
      const merged = await trial.writer.mergeContacts(1, one, two, { by: null });
      assert.equal(await amend(trial, one, {}, { lift: [1] }), 'changed');
      assert.deepEqual(await valuesAt(trial, one), { 2: 'x' });
      await trial.writer.unmergeContacts(1, 'entry' in merged ? merged.entry : '', { by: null });
      assert.deepEqual(await valuesAt(trial, two), {});
    },
  );

  trialTest('amendments of a field that is gone are forgotten some at a time', async (trial) => {
    const people = Array.from({ length: 5 }, (_, at) => userId(`${at}`));
    await trial.apply(people.map((id) => replace([id], { 1: 'x' })));
    for (const id of people) await amend(trial, id, { 1: 'one', 2: 'two' });
    const left = [{ id: 2, type: 'string' }] as const;
    let after: string | null = null;
    const keptAfterCalls: number[] = [];
    do {
      ({ next: after } = await trial.writer.forgetAmendments(1, left, { after, limit: 2 }));
      const values = await Promise.all(people.map((id) => valuesAt(trial, id)));
      keptAfterCalls.push(values.filter((it) => it?.[1] !== undefined).length);
    } while (after !== null);
    assert.deepEqual(keptAfterCalls, [3, 1, 0]);
    for (const id of people) assert.deepEqual(await valuesAt(trial, id), { 2: 'two' });
    assert.deepEqual(await trial.reader.verify(), sound);
  });
}

function typeContract(trialTest: TrialTest): void {
  trialTest('an amendment goes when its field gets a type that it does not fit', async (trial) => {
    await trial.apply([replace([tom], { 1: 'Tom' })]);
    const values = { 1: 'text', 2: 5, 3: true, 4: ['set'], 5: null };
    await amend(trial, tom, values);
    const forget = (...types: readonly AmendableField['type'][]) =>
      trial.writer.forgetAmendments(
        1,
        types.map((type, place) => ({ id: place + 1, type })),
        { after: null, limit: 10 },
      );
    await forget('string', 'integer', 'boolean', 'set', 'float');
    assert.deepEqual(await valuesAt(trial, tom), values);
    await forget('text', 'string', 'boolean', 'boolean', 'string');
    assert.deepEqual(await valuesAt(trial, tom), { 1: 'text', 3: true, 5: null });
    await forget('date', 'date', 'boolean', 'set', 'date');
    assert.deepEqual(await valuesAt(trial, tom), { 3: true, 5: null });
  });
}

function returningContract(trialTest: TrialTest): void {
  for (const days of [1, 40]) {
    trialTest(`an amendment waits for its row to return, also after ${days} d`, async (trial) => {
      await trial.apply([replace([one, tom], { 1: 'One' })]);
      await amend(trial, tom, { 1: 'amended' });
      await trial.apply([clear([one])]);
      assert.equal(await trial.reader.readAmendments(1, one), undefined);
      assert.equal(await amend(trial, one, { 1: 'more' }), 'contact_not_found');
      trial.clock.nowMs += days * day;
      await trial.writer.dropRollbackData(1, 1, { runs: 0, sinceMs: trial.clock.nowMs }, 100);
      await trial.apply([replace([tom], { 1: 'by another key' })]);
      assert.deepEqual(await valuesAt(trial, tom), {});
      await trial.apply([replace([one], { 1: 'Again' })]);
      assert.deepEqual(await valuesAt(trial, one), { 1: 'amended' });
      assert.deepEqual(await trial.reader.verify(), sound);
    });
  }

  trialTest('an amendment that waits is read and lifted by what its contact had', async (trial) => {
    await trial.apply([replace([one, tom], { 1: 'One' })]);
    await amend(trial, tom, { 1: 'amended', 2: 'more' });
    await trial.apply([clear([one])]);
    const waiting = async (identity: IdentityKey) => {
      const { amendments, earlierRows } = await trial.reader.readTraces(1, [identity]);
      const fields = amendments.flatMap((it) => it.fields.map(({ value }) => value));
      return [fields, earlierRows.map(({ values }) => values)];
    };
    const earlier = [[{ fieldId: 1, value: '"One"' }]];
    assert.deepEqual(await waiting(one), [['"amended"', '"more"'], earlier]);
    assert.deepEqual(await waiting(tom), [['"amended"', '"more"'], earlier]);
    assert.deepEqual(await waiting(two), [[], []]);
    assert.equal(await amend(trial, two, {}, { lift: [1] }), 'contact_not_found');
    assert.equal(await amend(trial, tom, {}, { lift: [3] }), 'unchanged');
    assert.equal(await amend(trial, tom, {}, { lift: [1] }), 'changed');
    assert.deepEqual((await waiting(one))[0], ['"more"']);
    await trial.apply([replace([one], { 1: 'Again' })]);
    assert.deepEqual(await valuesAt(trial, one), { 2: 'more' });
  });

  trialTest('rows of others that name an identity are counted, and not shown', async (trial) => {
    const many = Array.from({ length: 300 }, (_, row) =>
      replace([userId(`many ${row}`), tom], { 1: row }),
    );
    await trial.apply(many);
    await trial.apply(many.map((it) => ({ ...it, ...replace([...it.identities], { 1: 'new' }) })));
    assert.deepEqual(await trial.reader.readTraces(1, [tom]), {
      ...{ related: [], amendments: [], earlierRows: [] },
      otherRows: [{ datasetId: 1, rows: 300 }],
    });
    const { earlierRows, otherRows } = await trial.reader.readTraces(1, [userId('many 7')]);
    const values = earlierRows.map((row) => row.values);
    assert.deepEqual([values, otherRows], [[[{ fieldId: 1, value: '7' }]], []]);
  });

  trialTest('a run that is rolled back leaves what was amended since', async (trial) => {
    await trial.apply([replace([one], { 1: 'One' })]);
    const lease = await trial.beginRun('bad');
    await trial.writer.applyBatch(lease, [clear([one]), replace([two], { 1: 'Two' })]);
    await trial.writer.finishRun(lease, { baselineId: 'bad', asOfMs: 1 });
    await amend(trial, two, { 1: 'of two' });
    await trial.apply([replace([one], { 2: 'other' })], { datasetId: 2 });
    await amend(trial, one, { 1: 'of one' });
    const rollback = await trial.beginRun('rollback');
    while (!(await trial.writer.rollBackBatch(rollback, lease, 1)).isDone) undefined;
    assert.deepEqual(await valuesAt(trial, one), { 1: 'of one' });
    assert.equal(await trial.reader.readAmendments(1, two), undefined);
    assert.deepEqual(await trial.reader.verify(), sound);
  });

  trialTest('an amendment alone does not make a contact answer', async (trial) => {
    await trial.apply([report([tom], { campaign_id: 'x', received_at: '2026-11-01' })]);
    assert.equal(await amend(trial, tom, { 1: 'Tom' }), 'changed');
    assert.deepEqual(await valuesAt(trial, tom), { 1: 'Tom' });
    await trial.apply([replace([tom], { 2: 'x' })], { datasetId: 2 });
    await trial.apply([list([tom])], { datasetId: 3 });
    assert.deepEqual(await valuesAt(trial, tom), { 1: 'Tom' });
    await trial.apply([{ ...clear([tom]), kind: 'forget' }]);
    await trial.apply([clear([tom])], { datasetId: 2 });
    assert.equal(await readContact(trial.reader, 1, tom), undefined);
    assert.equal(await trial.reader.readAmendments(1, tom), undefined);
    assert.deepEqual(await trial.reader.verify(), sound);
  });
}

function boundContract(trialTest: TrialTest): void {
  trialTest('what cannot be amended changes nothing', async (trial) => {
    await trial.apply([replace([tom], { 1: 'Tom' })]);
    assert.equal(await amend(trial, ann, { 1: 'Ann' }), 'contact_not_found');
    const half = 'x'.repeat(maxRecordBytes / 2);
    assert.equal(await amend(trial, tom, { 1: half, 2: half }), 'value_invalid');
    assert.equal(await amend(trial, tom, { 1: half }), 'changed');
    assert.equal(await amend(trial, tom, { 2: half }), 'value_invalid');
    for (const [fieldId, value] of [
      [1, 'no JSON'],
      [1, ''],
      [0, '1'],
      [65_535, '1'],
    ] as const) {
      const change = { set: [{ fieldId, value }], lift: [], atMs: 5 };
      assert.equal(await trial.writer.amendContact(1, tom, change, {}), 'value_invalid');
    }
    assert.deepEqual(await valuesAt(trial, tom), { 1: half });
  });

  trialTest('organizations do not share amendments', async (trial) => {
    for (const organizationId of [1, 2]) {
      await trial.apply([replace([tom], { 1: 'Tom' })], { organizationId });
    }
    await amend(trial, tom, { 1: 'amended' });
    assert.deepEqual(await trial.reader.readAmendments(2, tom), []);
    await trial.writer.forgetAmendments(2, [], { after: null, limit: 10 });
    assert.deepEqual(await valuesAt(trial, tom), { 1: 'amended' });
  });
}

async function amend(
  { writer }: StoreTrial,
  identity: IdentityKey,
  values: Readonly<Record<number, unknown>>,
  given: Partial<Pick<AmendmentChange, 'lift' | 'atMs'>> = {},
) {
  const set = Object.entries(values).map(([id, value]) => {
    return { fieldId: Number(id), value: JSON.stringify(value) };
  });
  const outcome = await writer.amendContact(1, identity, { set, lift: [], atMs: 5, ...given }, {});
  return typeof outcome === 'object' ? 'changed' : outcome;
}

/** The amended values by field id; `undefined`: there is no such contact. */
async function valuesAt(trial: StoreTrial, identity: IdentityKey) {
  const amended = await trial.reader.readAmendments(1, identity);
  return amended && Object.fromEntries(amended.map((it) => [it.fieldId, JSON.parse(it.value)]));
}
