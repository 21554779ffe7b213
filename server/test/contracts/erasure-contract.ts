/**
 * The promises of a store about contacts that are erased: nothing of them is left, and no row
 * brings them back until they are lifted. Part of `store-contract.ts`.
 */
import assert from 'node:assert/strict';
import { maxErasedIdentities } from '../../src/domain/limits.ts';
import type {
  BatchReport,
  ContactChange,
  IdentityKey,
  PushReport,
} from '../../src/stores/store.ts';
import {
  change,
  clear,
  email,
  list,
  patch,
  readContact,
  readFields,
  replace,
  report,
  userId,
} from '../stores/sample-changes.ts';
import type { StoreTrial, TrialTest } from './store-trial.ts';

const [ann, bob, family] = [email('ann@x.org'), email('bob@x.org'), email('family@x.org')];
const [one, two, nine] = [userId('1'), userId('2'), userId('9')];
const other = { datasetId: 2 };
export const sound = { tornContacts: 0, danglingIdentities: 0, wrongCounts: 0 };
export const none = {
  ...{ contacts: 0, identities: 0, rows: 0, keptRows: 0, memberships: 0, amendments: 0 },
  ...{ rollbackEntries: 0, logEntries: 0, withoutContact: 0, suppressedAgain: 0 },
  ...{ alreadySuppressed: 0, notFound: 0 },
};
const mail = [{ campaign_id: 'c1', received_at: '2026-11-01' }];

export function erasureContract(trialTest: TrialTest): void {
  erasingContract(trialTest);
  leftContract(trialTest);
  requestContract(trialTest);
  suppressionContract(trialTest);
  afterwardsContract(trialTest);
}

/** @param requestId the same again for the same request */
export async function erase(
  trial: StoreTrial,
  identities: readonly IdentityKey[] | undefined,
  { requestId = `${identities?.map(({ digest }) => Buffer.from(digest).toString('hex'))}` } = {},
) {
  const request = identities === undefined ? { requestId } : { requestId, identities };
  for (;;) {
    const step = await trial.writer.eraseContacts(1, request, {});
    if (step.isDone) return step;
  }
}

function erasingContract(trialTest: TrialTest): void {
  trialTest(
    'an erased contact is found by none of its identities, and not by its id',
    async (trial) => {
      await trial.apply([replace([one, ann], { 1: 'Ann' }), replace([two], { 1: 'Bob' })]);
      await trial.apply([replace([ann], { 2: 'News' })], other);
      const { contactId } = (await readContact(trial.reader, 1, one)) ?? {};
      const { counts, subjects } = await erase(trial, [ann]);
      const erased = { contacts: 1, identities: 2, rows: 2, logEntries: 1 };
      assert.deepEqual(counts, { ...none, ...erased });
      assert.equal(subjects.length, 2);
      for (const it of [one, ann, { typeId: 0, digest: contactId ?? new Uint8Array(16) }]) {
        assert.equal(await readContact(trial.reader, 1, it), undefined);
      }
      assert.deepEqual(await readFields(trial.reader, two), { 1: 'Bob' });
      assert.deepEqual(await trial.reader.counts(1), { contacts: 1, identities: 1 });
      assert.equal((await trial.reader.datasetCounts(1, 2)).sections, 0);
      assert.deepEqual(await trial.reader.verify(), sound);
    },
  );

  trialTest('a contact is erased by its id', async (trial) => {
    await trial.apply([replace([one, ann], { 1: 'Ann' })]);
    const { contactId } = (await readContact(trial.reader, 1, one)) ?? {};
    const { counts } = await erase(trial, [{ typeId: 0, digest: contactId ?? new Uint8Array(16) }]);
    assert.equal(counts.contacts, 1);
    assert.equal(await readContact(trial.reader, 1, ann), undefined);
  });
}

/** What is left of others. */
function leftContract(trialTest: TrialTest): void {
  trialTest('rows of others let an erased identity go, and stay', async (trial) => {
    await trial.apply([replace([one, family], { 1: 'Dad' })]);
    await trial.apply([replace([two, family], { 1: 'Mum' })], other);
    await trial.writer.splitContact(1, two, { by: null });
    const { counts } = await erase(trial, [family]);
    assert.deepEqual([counts.rows, counts.keptRows], [1, 1]);
    assert.deepEqual(await readFields(trial.reader, one), { 1: 'Dad' });
    assert.equal(await readContact(trial.reader, 1, two), undefined);
    assert.equal(await readContact(trial.reader, 1, family), undefined);
    assert.deepEqual(await trial.reader.verify(), sound);
  });

  trialTest(
    'every row that claims an erased identity lets it go, however many they are',
    async (trial) => {
      const many = Array.from({ length: 300 }, (_, row) =>
        replace([userId(`many ${row}`), family], { 1: row }),
      );
      await trial.apply([replace([family], { 2: 'Info' })], other);
      await trial.apply(many);
      const { counts } = await erase(trial, [family]);
      assert.deepEqual([counts.contacts, counts.keptRows], [1, 300]);
      assert.deepEqual(await trial.reader.verify(), sound);
      for (const row of [0, 64, 65, 299]) {
        assert.deepEqual(await readFields(trial.reader, userId(`many ${row}`)), { 1: row });
      }
      const again = await trial.apply(many);
      assert.equal(again.unchanged, 300);
      assert.equal(again.refusedClaims.length, 300);
      assert.equal(again.refusedClaims[0]?.code, 'identity_suppressed');
    },
  );

  trialTest('memberships, marks and hidden rows go with the contact', async (trial) => {
    await trial.apply([replace([one, ann], { 1: 'Ann' }), replace([two, bob], { 1: 'Anna' })]);
    await trial.apply([report([ann], mail)], other);
    await trial.apply([list([one])], { datasetId: 3 });
    await trial.writer.mergeContacts(1, one, two, { by: null });
    const { counts } = await erase(trial, [bob]);
    assert.deepEqual([counts.contacts, counts.identities, counts.rows], [1, 4, 4]);
    assert.deepEqual([counts.memberships, counts.logEntries], [1, 2]);
    assert.deepEqual(await trial.reader.counts(1), { contacts: 0, identities: 0 });
    assert.deepEqual(await trial.reader.verify(), sound);
  });

  trialTest('the log of joins forgets who was erased, and keeps the others', async (trial) => {
    await trial.apply([replace([one, ann], { 1: 'Ann' }), replace([two, bob], { 1: 'Bob' })]);
    await trial.apply([replace([ann], {}), replace([bob], {})], other);
    const joinsOf = async () =>
      (await trial.reader.listJoins(1, { before: null, limit: 10 })).joins.length;
    assert.equal(await joinsOf(), 2);
    assert.equal((await erase(trial, [ann])).counts.logEntries, 1);
    assert.equal(await joinsOf(), 1);
  });

  trialTest('another organization keeps its contact of the same identity', async (trial) => {
    await trial.apply([replace([ann], { 1: 'Ann' })]);
    await trial.apply([replace([ann], { 1: 'Other' })], { organizationId: 2 });
    await erase(trial, [ann]);
    assert.deepEqual(await readFields(trial.reader, ann, { organizationId: 2 }), { 1: 'Other' });
    const again = await trial.apply([replace([ann], { 1: 'New' })], { organizationId: 2 });
    assert.equal(again.changed, 1);
  });
}

function requestContract(trialTest: TrialTest): void {
  trialTest(
    'an identity of which nothing is held is counted, and not suppressed',
    async (trial) => {
      await trial.apply([replace([one, ann], { 1: 'Ann' })]);
      const { counts, subjects } = await erase(trial, [bob, ann, one, nine]);
      assert.deepEqual([counts.contacts, counts.notFound, subjects.length], [1, 2, 2]);
      assert.equal((await trial.apply([replace([bob], { 1: 'Bob' })])).added, 1);
    },
  );

  trialTest(
    'a request that is repeated gets the same answer, also after a restart',
    async (trial) => {
      await trial.apply([replace([one, ann], { 1: 'Ann' }), replace([two], { 1: 'Bob' })]);
      const first = await erase(trial, [ann], { requestId: 'r1' });
      assert.deepEqual(await erase(trial, [two], { requestId: 'r1' }), first);
      await trial.reopen();
      assert.deepEqual(await erase(trial, undefined, { requestId: 'r1' }), first);
      assert.deepEqual(await readFields(trial.reader, two), { 1: 'Bob' });
    },
  );

  trialTest('a request that was never sent cannot be gone on with', async (trial) => {
    await assert.rejects(trial.writer.eraseContacts(1, { requestId: 'r1' }, {}), {
      code: 'request_malformed',
      message: /Send it again, with its identities/,
    });
  });

  trialTest('a request is forgotten 30 days after it was sent', async (trial) => {
    await trial.apply([replace([one, ann], { 1: 'Ann' })]);
    await erase(trial, [ann], { requestId: 'r1' });
    trial.clock.nowMs += 31 * 86_400_000;
    await erase(trial, [bob], { requestId: 'r2' });
    await assert.rejects(trial.writer.eraseContacts(1, { requestId: 'r1' }, {}), {
      code: 'request_malformed',
    });
    assert.equal((await trial.apply([replace([ann], {})])).rejected.length, 1);
  });

  trialTest('a request with too many identities is refused', async (trial) => {
    const identities = Array.from({ length: maxErasedIdentities + 1 }, () => ann);
    await assert.rejects(trial.writer.eraseContacts(1, { requestId: 'r1', identities }, {}), {
      code: 'batch_too_large',
      message: /at most 10000 identities/,
    });
  });
}

export const refused = [{ index: 0, code: 'contact_suppressed' }];

function suppressionContract(trialTest: TrialTest): void {
  const ways: readonly (readonly [
    what: string,
    write: (trial: StoreTrial) => Promise<Pick<BatchReport, 'rejected'>>,
  ])[] = [
    ['the same row', (trial) => trial.apply([replace([one, ann], { 1: 'Ann' })])],
    ['a row under another number', (trial) => trial.apply([replace([nine, ann], { 1: 'Ann' })])],
    ['a row of another dataset', (trial) => trial.apply([replace([ann], { 2: 'News' })], other)],
    ['a membership', (trial) => trial.apply([report([ann], mail)], other)],
    ['a row of identities', (trial) => trial.apply([change('identity', [nine, ann])], other)],
    ['a push', (trial) => push(trial, patch([ann], { 1: 'Ann' }))],
    ['a push under another number', (trial) => push(trial, patch([nine, ann], { 1: 'Ann' }))],
  ];
  for (const [what, write] of ways) {
    trialTest(`${what} does not bring an erased contact back`, async (trial) => {
      await trial.apply([replace([one, ann], { 1: 'Ann' })]);
      await erase(trial, [ann]);
      for (let time = 0; time < 2; time += 1) {
        assert.deepEqual((await write(trial)).rejected, refused);
        await trial.reopen();
      }
      assert.deepEqual(await trial.reader.counts(1), { contacts: 0, identities: 0 });
    });
  }

  trialTest('a list finds no erased contact', async (trial) => {
    await trial.apply([replace([one, ann], { 1: 'Ann' })]);
    await erase(trial, [ann]);
    assert.deepEqual((await trial.apply([list([ann])], { datasetId: 3 })).unmatched, [0]);
  });

  trialTest('removing an erased row changes nothing, and is allowed', async (trial) => {
    await trial.apply([replace([one, ann], { 1: 'Ann' })]);
    await erase(trial, [ann]);
    assert.equal((await trial.apply([clear([one, ann])])).unchanged, 1);
  });

  trialTest('a known row is applied without an erased identity, and says so', async (trial) => {
    await trial.apply([replace([one, ann], { 1: 'Ann' }), replace([two, bob], { 1: 'Bob' })]);
    await erase(trial, [ann]);
    const applied = await trial.apply([replace([two, ann], { 1: 'Robert' })]);
    assert.deepEqual([applied.changed, applied.rejected], [1, []]);
    const row = { typeId: two.typeId, digest: Buffer.from(two.digest).toString('hex') };
    assert.deepEqual(applied.refusedClaims, [
      { row, typeId: ann.typeId, code: 'identity_suppressed' },
    ]);
    assert.deepEqual(await readFields(trial.reader, two), { 1: 'Robert' });
    assert.equal(await readContact(trial.reader, 1, ann), undefined);
    const pushed = await push(trial, patch([two, ann], { 1: 'Rob' }));
    assert.deepEqual([pushed.changed, pushed.refusedClaims.length], [1, 1]);
  });

  trialTest('a kept row that returns is applied without the erased identity', async (trial) => {
    await trial.apply([replace([one, family], { 1: 'Dad' })]);
    await trial.apply([replace([two, family], { 1: 'Mum' })], other);
    await trial.writer.splitContact(1, two, { by: null });
    await erase(trial, [family]);
    await trial.apply([clear([one])]);
    const back = await trial.apply([replace([one, family], { 1: 'Dad' })]);
    assert.deepEqual([back.added, back.rejected, back.refusedClaims.length], [1, [], 1]);
    assert.equal(await readContact(trial.reader, 1, family), undefined);
    const elsewhere = await trial.apply([replace([one, family], {})], { datasetId: 3 });
    assert.deepEqual(elsewhere.rejected, refused);
  });

  trialTest(
    'what is lifted may return, and the next run of each dataset reads everything',
    async (trial) => {
      await trial.apply([replace([one, ann], { 1: 'Ann' })]);
      await erase(trial, [ann]);
      await trial.apply([replace([two], {})]);
      assert.notEqual(await trial.reader.appliedRun(1, 1), undefined);
      assert.equal(await trial.writer.liftSuppression(1, bob), false);
      assert.equal(await trial.writer.liftSuppression(1, ann), true);
      assert.equal(await trial.reader.appliedRun(1, 1), undefined);
      assert.equal(await trial.writer.liftSuppression(1, ann), false);
      assert.deepEqual((await trial.apply([replace([one, ann], {})])).rejected, refused);
      assert.equal((await trial.apply([replace([nine, ann], { 1: 'Ann' })])).added, 1);
      assert.equal(await trial.writer.liftSuppression(1, one), true);
      assert.equal((await trial.apply([replace([one], { 1: 'Ann' })])).added, 1);
    },
  );
}

function afterwardsContract(trialTest: TrialTest): void {
  trialTest('a rollback brings no erased contact back', async (trial) => {
    await trial.apply([replace([one, ann], { 1: 'Ann' }), replace([two, bob], { 1: 'Bob' })]);
    await trial.apply([replace([one, ann], { 1: 'New' }), replace([two, bob], { 1: 'Rob' })]);
    assert.equal((await erase(trial, [ann])).counts.rollbackEntries, 1);
    await rollBack(trial);
    assert.equal(await readContact(trial.reader, 1, ann), undefined);
    assert.deepEqual(await readFields(trial.reader, two), { 1: 'Bob' });
    assert.deepEqual(await trial.reader.verify(), sound);
  });

  trialTest('a rollback puts a row of another back, without the erased identity', async (trial) => {
    await trial.apply([replace([one, ann], { 1: 'Ann' })]);
    await trial.apply([replace([one, bob], { 1: 'New' }), replace([two, ann], { 1: 'Else' })]);
    await erase(trial, [two]);
    await rollBack(trial);
    assert.deepEqual(await readFields(trial.reader, one), { 1: 'Ann' });
    assert.equal(await readContact(trial.reader, 1, ann), undefined);
  });

  trialTest(
    'a rollback does not put back a row that is gone and named an erased identity',
    async (trial) => {
      await trial.apply([replace([one, ann], { 1: 'Ann' })]);
      await trial.apply([clear([one]), replace([two, ann], { 1: 'Else' })]);
      await erase(trial, [two]);
      await rollBack(trial);
      assert.deepEqual(await trial.reader.counts(1), { contacts: 0, identities: 0 });
    },
  );

  trialTest('a merge with an erased contact cannot be taken back', async (trial) => {
    await trial.apply([replace([one], { 1: 'Ann' }), replace([two], { 1: 'Bob' })]);
    const merged = await trial.writer.mergeContacts(1, one, two, { by: null });
    assert.ok('entry' in merged);
    await erase(trial, [two]);
    assert.deepEqual(await trial.writer.unmergeContacts(1, merged.entry, { by: null }), {
      refused: 'not_found',
    });
  });

  trialTest('a run that began before an erasure does not bring the contact back', async (trial) => {
    await trial.apply([replace([one, ann], { 1: 'Ann' })]);
    const lease = await trial.beginRun('under way');
    await trial.writer.applyBatch(lease, [replace([two], { 1: 'Bob' })]);
    await erase(trial, [ann]);
    const applied = await trial.writer.applyBatch(lease, [replace([one, ann], { 1: 'New' })]);
    assert.deepEqual(applied.rejected, refused);
    await trial.writer.finishRun(lease, { baselineId: 'b', asOfMs: 0 });
    assert.notEqual(await trial.reader.appliedRun(1, 1), undefined);
  });

  trialTest(
    'batches, pushes and erasures that are sent at once leave nothing of who was erased',
    async (trial) => {
      const people = Array.from({ length: 200 }, (_, row) => email(`p${row}@x.org`));
      const rows = people.map((it, row) => replace([userId(`u${row}`), it], { 1: row }));
      await trial.apply(rows);
      const lease = await trial.beginRun('all at once');
      const gone = people.filter((_, row) => row % 2 === 0);
      await Promise.all([
        ...Array.from({ length: 10 }, (_, part) =>
          trial.writer.applyBatch(lease, rows.slice(part * 20, part * 20 + 20)),
        ),
        erase(trial, gone),
        ...gone.slice(0, 20).map((it) => push(trial, patch([it], { 2: 'pushed' }))),
      ]);
      for (const it of gone) assert.equal(await readContact(trial.reader, 1, it), undefined);
      assert.deepEqual(await trial.reader.counts(1), { contacts: 100, identities: 200 });
      assert.deepEqual(await trial.reader.verify(), sound);
    },
  );
}

async function push(trial: StoreTrial, row: ContactChange): Promise<PushReport> {
  return trial.writer.push(1, 1, [row], { atMs: trial.clock.nowMs });
}

export async function rollBack({ writer, reader }: StoreTrial): Promise<void> {
  const [run] = await reader.listRollbackRuns(1, 1);
  assert.ok(run !== undefined);
  const place = { organizationId: 1, datasetId: 1 };
  const lease = await writer.beginRun({ ...place, runId: 'rollback', canRollBack: false });
  while (!(await writer.rollBackBatch(lease, run, 10)).isDone);
  await writer.abandonRun(lease);
}
