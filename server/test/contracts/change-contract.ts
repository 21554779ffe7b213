/**
 * The promises of a store about changes: which contact a change reaches, what is stored after it,
 * and which changes are refused. Part of `store-contract.ts`.
 */
import assert from 'node:assert/strict';
import { usualTypeRules } from '../../src/domain/contact/identity-rules.ts';
import { maxIdentitiesPerContact } from '../../src/domain/limits.ts';
import { packMemberships } from '../../src/domain/membership/membership.ts';
import { maxRecordBytes } from '../../src/stores/limits.ts';
import {
  clear,
  email,
  hashOnly,
  list,
  patch,
  readContact,
  readFields,
  readIdentities,
  readMemberships,
  replace,
  report,
  section,
  userId,
} from '../stores/sample-changes.ts';
import type { TrialTest } from './store-trial.ts';

const tom = email('tom@hello.com');
const ann = email('ann@hello.com');
const sound = { tornContacts: 0, danglingIdentities: 0, wrongCounts: 0 };

export function changeContract(trialTest: TrialTest): void {
  meetingContract(trialTest);
  sectionContract(trialTest);
  repetitionContract(trialTest);
  orderContract(trialTest);
  refusalContract(trialTest);
}

function meetingContract(trialTest: TrialTest): void {
  trialTest('a new contact is found by each of its identities and by its id', async (trial) => {
    const report = await trial.apply([replace([tom, userId('7')], { 1: 'Tom' })]);
    assert.equal(report.added, 1);
    const byEmail = await readContact(trial.reader, 1, tom);
    const byUserId = await readContact(trial.reader, 1, userId('7'));
    assert.ok(byEmail !== undefined);
    assert.deepEqual(byUserId, byEmail);
    const byId = await readContact(trial.reader, 1, { typeId: 0, digest: byEmail.contactId });
    assert.deepEqual(byId, byEmail);
    assert.equal(await readContact(trial.reader, 1, ann), undefined);
    assert.equal(await readContact(trial.reader, 1, { ...tom, typeId: 2 }), undefined);
    assert.equal(await readContact(trial.reader, 1, { ...tom, typeId: 0 }), undefined);
  });

  trialTest(
    'unknown identities are added to the contact, in the order of their arrival',
    async (trial) => {
      await trial.apply([replace([tom], { 1: 'Tom' })]);
      await trial.apply([patch([userId('7'), tom], { 2: 1 })]);
      await trial.apply([patch([userId('7'), userId('8'), userId('8')], { 2: 2 })]);
      const known = await readIdentities(trial.reader, 1, userId('8'));
      assert.deepEqual(
        known.map(({ typeId, value }) => [typeId, value]),
        [
          [1, 'tom@hello.com'],
          [2, '7'],
          [2, '8'],
        ],
      );
      assert.deepEqual(await trial.reader.counts(1), { contacts: 1, identities: 3 });
    },
  );

  trialTest(
    'an identity that is known only by its hash gets its value from a later change',
    async (trial) => {
      await trial.apply([replace([hashOnly(tom)], { 1: 'Tom' })]);
      await trial.apply([patch([tom], { 1: 'Tom' })]);
      await trial.apply([patch([hashOnly(tom)], { 1: 'Thomas' })]);
      const known = await readIdentities(trial.reader, 1, hashOnly(tom));
      assert.deepEqual(
        known.map(({ value }) => value),
        ['tom@hello.com'],
      );
    },
  );

  trialTest(
    'a change by the id of a contact reaches that contact, and an unknown id is refused',
    async (trial) => {
      await trial.apply([replace([tom], { 1: 'Tom' })]);
      const contact = await readContact(trial.reader, 1, tom);
      const byId = { typeId: 0, digest: contact?.contactId ?? new Uint8Array(16), value: '' };
      const nobody = { typeId: 0, digest: new Uint8Array(16), value: '' };
      const report = await trial.apply([
        patch([byId], { 1: 'Thomas' }),
        patch([nobody], { 1: 'X' }),
      ]);
      assert.deepEqual(report.rejected, [{ index: 1, code: 'value_invalid' }]);
      assert.deepEqual(await readFields(trial.reader, tom), { 1: 'Thomas' });
    },
  );
}

function sectionContract(trialTest: TrialTest): void {
  trialTest(
    'replace leaves only its own fields, and patch changes only the fields that it names',
    async (trial) => {
      await trial.apply([replace([tom], { 1: 'Tom', 2: 5, 3: ['a'] })]);
      await trial.apply([patch([tom], { 2: undefined, 4: null, 3: ['b'] })]);
      assert.deepEqual(await readFields(trial.reader, tom), { 1: 'Tom', 3: ['b'], 4: null });
      await trial.apply([replace([tom], { 2: 6, 5: undefined })]);
      assert.deepEqual(await readFields(trial.reader, tom), { 2: 6 });
    },
  );

  trialTest('clear removes the section of the dataset and never adds a contact', async (trial) => {
    await trial.apply([replace([tom], { 1: 'Tom' })]);
    await trial.apply([replace([tom], { 9: 'kept' })], { datasetId: 2 });
    const report = await trial.apply([clear([tom, userId('new')]), clear([ann])]);
    assert.equal(report.cleared, 1);
    assert.equal(report.unchanged, 1);
    assert.equal(await readFields(trial.reader, tom), undefined);
    assert.deepEqual(await readFields(trial.reader, tom, { datasetId: 2 }), { 9: 'kept' });
    assert.deepEqual(await trial.reader.counts(1), { contacts: 1, identities: 1 });
  });

  trialTest(
    'a contact of which nothing is left is not found, and returns under its id with its row key',
    async (trial) => {
      const day = 86_400_000;
      await trial.apply([replace([tom, userId('7')], { 1: 'Tom' })]);
      const { contactId } = (await readContact(trial.reader, 1, tom)) ?? assert.fail();
      const byId = { typeId: 0, digest: contactId, value: '' };
      await trial.apply([clear([tom])]);
      for (const key of [tom, userId('7'), byId]) {
        assert.equal(await readContact(trial.reader, 1, key), undefined);
      }
      assert.deepEqual(await trial.reader.counts(1), { contacts: 0, identities: 0 });
      assert.deepEqual((await trial.apply([list([tom])], { datasetId: 2 })).unmatched, [0]);
      assert.equal(await trial.writer.putMemberships(1, tom, Buffer.from('packed')), false);
      assert.deepEqual((await trial.apply([patch([byId], { 1: 'x' })])).rejected, [
        { index: 0, code: 'value_invalid' },
      ]);
      await trial.apply([patch([userId('7')], { 2: 'other' })]);
      const other = await readContact(trial.reader, 1, userId('7'));
      assert.notDeepEqual(other?.contactId, contactId, 'the id belongs to another row key');
      trial.clock.nowMs += 30 * day;
      await trial.apply([patch([tom], { 2: 'back' })]);
      assert.deepEqual((await readContact(trial.reader, 1, byId))?.contactId, contactId);
      assert.deepEqual(await readFields(trial.reader, tom), { 2: 'back' });
      await trial.apply([clear([tom])]);
      trial.clock.nowMs += 30 * day + 1;
      await trial.apply([patch([tom], { 2: 'late' })]);
      assert.equal(await readContact(trial.reader, 1, byId), undefined);
      assert.deepEqual(await readFields(trial.reader, tom), { 2: 'late' });
      assert.deepEqual(await trial.reader.verify(), sound);
    },
  );

  trialTest('recorded memberships alone are answered', async (trial) => {
    const flows = [{ flowId: 1, flowName: 'One', variant: null, since: null }];
    const packed = packMemberships({ flows, journeys: [], campaigns: [], segments: [] });
    await trial.apply([
      report([tom, userId('7')], { segment_name: 'vip', reported_at: '2026-11-01' }),
    ]);
    assert.ok(await trial.writer.putMemberships(1, tom, packed));
    assert.deepEqual((await readContact(trial.reader, 1, tom))?.sections, []);
    assert.deepEqual(await readMemberships(trial.reader, 1, userId('7')), packed);
  });

  trialTest('each dataset fills its own section, in the order of their ids', async (trial) => {
    for (const datasetId of [3, 1, 2]) {
      await trial.apply([replace([tom], { [datasetId]: 'x'.repeat(datasetId) })], { datasetId });
    }
    await trial.apply([patch([tom], { 7: true })], { datasetId: 2 });
    const contact = await readContact(trial.reader, 1, tom);
    assert.deepEqual(
      contact?.sections.map(({ datasetId, fields }) => [datasetId, ...fields.keys()]),
      [
        [1, 1],
        [2, 2, 7],
        [3, 3],
      ],
    );
  });
}

function repetitionContract(trialTest: TrialTest): void {
  trialTest('the same batch twice changes nothing the second time', async (trial) => {
    const lease = await trial.beginRun('run');
    const batch = [
      replace([tom, userId('7')], { 1: 'Tom' }),
      patch([ann], { 1: 'Ann' }),
      clear([email('nobody@hello.com')]),
    ];
    await trial.writer.applyBatch(lease, batch);
    const digest = await trial.reader.digest('full');
    const report = await trial.writer.applyBatch(lease, batch);
    assert.equal(report.unchanged, 3);
    assert.equal(report.revision, '');
    assert.equal(await trial.reader.digest('full'), digest);
  });

  trialTest(
    'of two rows of a run with one key, the first is applied and the other is refused',
    async (trial) => {
      const lease = await trial.beginRun('run');
      const batch = [
        replace([userId('7'), tom], { 1: 'Tom' }),
        replace([userId('7'), ann], { 1: 'Tom' }),
        patch([userId('7')], { 1: 'Other' }),
        patch([userId('7')], { 1: 'Tom' }),
        replace([userId('2')], { 1: 'Two' }),
      ];
      for (const added of [2, 0]) {
        const report = await trial.writer.applyBatch(lease, batch);
        assert.deepEqual([report.added, report.unchanged], [added, 3 - added]);
        assert.deepEqual(
          report.rejected,
          [1, 2].map((index) => ({ index, code: 'identity_repeated' })),
        );
      }
      assert.deepEqual(await readFields(trial.reader, tom), { 1: 'Tom' });
      assert.equal(await readContact(trial.reader, 1, ann), undefined);
    },
  );

  trialTest(
    'a run may write a row again that it has cleared, and clears it once',
    async (trial) => {
      await trial.apply([replace([tom], { 1: 'Tom' })]);
      const lease = await trial.beginRun('run');
      const batch = [clear([tom]), replace([tom], { 1: 'again' }), clear([tom])];
      const report = await trial.writer.applyBatch(lease, batch);
      assert.deepEqual([report.cleared, report.added, report.stale], [1, 1, 1]);
      assert.deepEqual(await readFields(trial.reader, tom), { 1: 'again' });
    },
  );

  trialTest('a later run with the same values rewrites nothing', async (trial) => {
    await trial.apply([replace([tom], { 1: 'Tom', 2: 5 })]);
    const digest = await trial.reader.digest('full');
    const report = await trial.apply([replace([tom], { 1: 'Tom', 2: 5 })]);
    assert.equal(report.unchanged, 1);
    const patched = await trial.apply([patch([tom], { 2: 5, 9: undefined })]);
    assert.equal(patched.unchanged, 1);
    assert.equal(await trial.reader.digest('full'), digest);
  });
}

function orderContract(trialTest: TrialTest): void {
  trialTest(
    'each write has a later revision than the one before, even if the clock is set back',
    async (trial) => {
      const revisions: string[] = [];
      for (const stepMs of [0, 0, -3_600_000, 5_000]) {
        trial.clock.nowMs += stepMs;
        const report = await trial.apply([replace([tom], { 1: revisions.length })]);
        revisions.push(report.revision);
        await trial.reopen();
      }
      assert.deepEqual(revisions, [...new Set(revisions)].sort());
      const contact = await readContact(trial.reader, 1, tom);
      assert.equal(contact?.revision.toString(16).padStart(16, '0'), revisions.at(-1));
    },
  );

  trialTest('contact ids are UUIDv7, ascend, and never change', async (trial) => {
    const ids: string[] = [];
    for (let row = 0; row < 5; row += 1) {
      await trial.apply([replace([userId(`${row}`)], { 1: row })]);
      trial.clock.nowMs -= 1_000;
    }
    for (let row = 0; row < 5; row += 1) {
      await trial.apply([patch([userId(`${row}`)], { 2: row })]);
      const contact = await readContact(trial.reader, 1, userId(`${row}`));
      ids.push(contact?.contactId.toString('hex') ?? '');
    }
    for (const id of ids) assert.match(id, /^[0-9a-f]{12}7[0-9a-f]{3}[89ab][0-9a-f]{15}$/);
    assert.deepEqual(ids, [...new Set(ids)].sort());
  });
}

function refusalContract(trialTest: TrialTest): void {
  trialTest(
    'a malformed section is refused, and the rest of the batch is applied',
    async (trial) => {
      const sound = section({ 1: 'Tom', 2: 5 });
      const torn = [
        new Uint8Array(0),
        sound.subarray(0, sound.length - 1),
        Buffer.concat([sound, Buffer.from('x')]),
        Buffer.from(sound).fill(0xff, 0, 2),
        Buffer.from(sound).fill(0xff, 8, 12),
        Buffer.from(sound).fill(0, 4, 6),
      ];
      const changes = torn.map(
        (bytes) => ({ kind: 'replace', identities: [tom], section: bytes }) as const,
      );
      const report = await trial.apply([...changes, replace([ann], { 1: 'Ann' })]);
      assert.deepEqual(
        report.rejected,
        torn.map((_, index) => ({ index, code: 'value_invalid' })),
      );
      assert.equal(report.added, 1);
      assert.equal(await readContact(trial.reader, 1, tom), undefined);
    },
  );

  trialTest(
    'a missing identity, an invalid digest and a too long value are refused',
    async (trial) => {
      const report = await trial.apply([
        replace([], { 1: 'x' }),
        replace([{ ...tom, digest: new Uint8Array(15) }], { 1: 'x' }),
        replace([{ ...tom, value: 'é'.repeat(257) }], { 1: 'x' }),
      ]);
      assert.deepEqual(
        report.rejected.map(({ code }) => code),
        ['value_invalid', 'value_invalid', 'value_invalid'],
      );
    },
  );

  trialTest(
    'a row with too many identities is refused, and a contact takes as many as it may have',
    async (trial) => {
      const many = Array.from({ length: maxIdentitiesPerContact }, (_, n) => userId(`${n}`));
      const report = await trial.apply([
        replace([tom, ...many.slice(1)], { 1: 'x' }),
        replace([ann, ...many], { 1: 'y' }),
      ]);
      assert.deepEqual(report.rejected, [{ index: 1, code: 'value_invalid' }]);
      const known = await readIdentities(trial.reader, 1, tom);
      assert.equal(known.length, 1 + usualTypeRules.maxPerContact);
      for (const { typeId, digest } of many.slice(1)) {
        const found = await readContact(trial.reader, 1, { typeId, digest });
        const isKnown = known.some((it) => Buffer.compare(it.digest, digest) === 0);
        assert.equal(found !== undefined, isKnown);
      }
      assert.deepEqual(await trial.reader.verify(), sound);
    },
  );

  trialTest(
    'a section of the greatest length is read back whole, and a longer one is refused',
    async (trial) => {
      const long = 'x'.repeat(maxRecordBytes - 200);
      const report = await trial.apply([
        replace([tom], { 1: long }),
        replace([ann], { 1: `${long}${'y'.repeat(200)}` }),
      ]);
      assert.deepEqual(report.rejected, [{ index: 1, code: 'value_invalid' }]);
      assert.deepEqual(await readFields(trial.reader, tom), { 1: long });
      const patched = await trial.apply([patch([tom], { 2: 'z'.repeat(200) })]);
      assert.deepEqual(patched.rejected, [{ index: 0, code: 'value_invalid' }]);
      // The section of another dataset is not refused for what this one has.
      await trial.apply([replace([tom], { 1: long })], { datasetId: 2 });
      assert.deepEqual(await readFields(trial.reader, tom), { 1: long });
      assert.deepEqual(await readFields(trial.reader, tom, { datasetId: 2 }), { 1: long });
    },
  );
}
