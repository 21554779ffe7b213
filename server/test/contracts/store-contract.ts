/**
 * The suite that every backend of `stores/store.ts` passes. It tests promises about changes, about
 * runs and about the store as a whole. A backend provides its opener and calls `storeContract`.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { maxRowsPerBatch } from '../../src/domain/limits.ts';
import { formatRevision } from '../../src/domain/revision.ts';
import {
  clear,
  email,
  patch,
  readContact,
  readIdentities,
  readMemberships,
  replace,
  userId,
} from '../stores/sample-changes.ts';
import { amendmentContract } from './amendment-contract.ts';
import { changeContract } from './change-contract.ts';
import { connectedContract } from './connected-contract.ts';
import { erasedEffectsContract } from './erased-effects-contract.ts';
import { erasedTracesContract } from './erased-traces-contract.ts';
import { erasureContract } from './erasure-contract.ts';
import { joiningContract } from './joining-contract.ts';
import { lendingContract } from './lending-contract.ts';
import { liftedContract } from './lifted-contract.ts';
import { membershipContract } from './membership-contract.ts';
import { peopleContract } from './people-contract.ts';
import { pushContract } from './push-contract.ts';
import { relatedTracesContract } from './related-traces-contract.ts';
import { rollbackContract } from './rollback-contract.ts';
import { runContract } from './run-contract.ts';
import { type StoreBackend, startTrial, type TrialTest } from './store-trial.ts';
import { suppressedRowsContract } from './suppressed-rows-contract.ts';

export function storeContract(backend: StoreBackend): void {
  const trialTest: TrialTest = (name, run) => {
    test(`${backend.name}: ${name}`, async (t) => run(await startTrial(backend, t)));
  };
  lendingContract(trialTest);
  changeContract(trialTest);
  joiningContract(trialTest);
  peopleContract(trialTest);
  connectedContract(trialTest);
  runContract(trialTest);
  pushContract(trialTest);
  rollbackContract(trialTest);
  membershipContract(trialTest);
  erasureContract(trialTest);
  erasedEffectsContract(trialTest);
  erasedTracesContract(trialTest);
  relatedTracesContract(trialTest);
  liftedContract(trialTest);
  suppressedRowsContract(trialTest);
  amendmentContract(trialTest);
  wholeContract(trialTest);
  countContract(trialTest);
  readingContract(trialTest);
}

const sound = { tornContacts: 0, danglingIdentities: 0, wrongCounts: 0 };

function wholeContract(trialTest: TrialTest): void {
  trialTest('organizations are isolated from each other', async (trial) => {
    await trial.apply([replace([email('tom@hello.com')], { 1: 'ours' })]);
    await trial.apply([replace([email('tom@hello.com')], { 1: 'theirs' })], { organizationId: 2 });
    const ours = await readContact(trial.reader, 1, email('tom@hello.com'));
    const theirs = await readContact(trial.reader, 2, email('tom@hello.com'));
    assert.equal(ours?.sections[0]?.fields.get(1), '"ours"');
    assert.equal(theirs?.sections[0]?.fields.get(1), '"theirs"');
    const asIdentity = { typeId: 0, digest: ours.contactId };
    assert.ok(await readContact(trial.reader, 1, asIdentity));
    assert.equal(await readContact(trial.reader, 2, asIdentity), undefined);
    assert.deepEqual(await readIdentities(trial.reader, 2, asIdentity), []);
    assert.equal(await trial.reader.appliedRun(3, 1), undefined);
    assert.deepEqual(await trial.reader.counts(3), { contacts: 0, identities: 0 });
    assert.deepEqual(await trial.reader.counts(1), { contacts: 1, identities: 1 });
  });

  trialTest('acknowledged writes are kept after closing and opening again', async (trial) => {
    await trial.apply([replace([email('tom@hello.com'), userId('7')], { 1: 'Tom' })]);
    const before = await readContact(trial.reader, 1, userId('7'));
    const [storeId, digest] = [await trial.reader.storeId(), await trial.reader.digest('full')];
    await trial.reopen();
    assert.deepEqual(await readContact(trial.reader, 1, userId('7')), before);
    assert.equal(await trial.reader.storeId(), storeId);
    assert.equal(await trial.reader.digest('full'), digest);
    assert.equal((await trial.reader.appliedRun(1, 1))?.baselineId, 'baseline-1');
  });

  trialTest(
    'the reader reports the revision of the newest write as soon as it is done',
    async (trial) => {
      assert.equal(await trial.reader.revision(), 0n);
      const first = await trial.apply([replace([email('tom@hello.com')], { 1: 'Tom' })]);
      assert.equal(formatRevision(await trial.reader.revision()), first.revision);
      const second = await trial.apply([patch([email('tom@hello.com')], { 1: 'Tim' })]);
      assert.equal(formatRevision(await trial.reader.revision()), second.revision);
      assert.ok(second.revision > first.revision);
    },
  );

  trialTest('a batch over the limit of rows is refused whole', async (trial) => {
    const lease = await trial.beginRun('run');
    const changes = Array.from({ length: maxRowsPerBatch + 1 }, (_, row) =>
      replace([userId(`${row}`)], { 1: row }),
    );
    await assert.rejects(trial.writer.applyBatch(lease, changes), { code: 'batch_too_large' });
    assert.deepEqual(await trial.reader.counts(1), { contacts: 0, identities: 0 });
  });

  trialTest(
    'memberships are set only for a known contact and read back unchanged',
    async (trial) => {
      await trial.apply([replace([email('tom@hello.com')], { 1: 'Tom' })]);
      const packed = Buffer.from('packed memberships');
      assert.equal(await trial.writer.putMemberships(1, email('tom@hello.com'), packed), true);
      assert.equal(await trial.writer.putMemberships(1, email('no@hello.com'), packed), false);
      assert.equal(await trial.writer.putMemberships(2, email('tom@hello.com'), packed), false);
      const found = await readMemberships(trial.reader, 1, email('tom@hello.com'));
      assert.equal(found?.toString(), 'packed memberships');
      assert.equal(await readMemberships(trial.reader, 2, email('tom@hello.com')), undefined);
      assert.equal(await readMemberships(trial.reader, 1, email('no@hello.com')), undefined);
    },
  );
}

function countContract(trialTest: TrialTest): void {
  trialTest('a dataset counts its sections and the fields that they fill', async (trial) => {
    const [tom, ann] = [email('tom@hello.com'), email('ann@hello.com')];
    const counts = async (datasetId = 1) => {
      const { sections, filled } = await trial.reader.datasetCounts(1, datasetId);
      return { sections, filled: [...filled] };
    };
    const nothing = { sections: 0, filled: [] };
    assert.deepEqual(await counts(), nothing);
    await trial.apply([replace([tom], { 1: 'Tom', 900: 5 }), replace([ann], { 1: 'Ann', 3: 1 })]);
    const both = {
      sections: 2,
      filled: [
        [1, 2],
        [3, 1],
        [900, 1],
      ],
    };
    assert.deepEqual(await counts(), both);
    await trial.apply([replace([tom], { 7: 'x' })], { datasetId: 2 });
    await trial.apply([patch([tom], { 900: undefined, 3: 1 }), patch([ann], { 1: 'Anna' })]);
    assert.deepEqual(await counts(), {
      sections: 2,
      filled: [
        [1, 2],
        [3, 2],
      ],
    });
    await trial.reopen();
    await trial.apply([clear([tom]), clear([email('no@hello.com')]), replace([ann], {})]);
    assert.deepEqual(await counts(), { sections: 1, filled: [] });
    assert.deepEqual(await counts(2), { sections: 1, filled: [[7, 1]] });
    const lease = await trial.beginRun('refused');
    // A batch that fails as a whole changes no count.
    const torn = [replace([tom], { 1: 'Tom' }), undefined as never];
    await assert.rejects(trial.writer.applyBatch(lease, torn));
    assert.deepEqual(await counts(), { sections: 1, filled: [] });
    assert.deepEqual(await trial.reader.verify(), sound);
  });
}

function readingContract(trialTest: TrialTest): void {
  trialTest('a scan gives every identity of one type, ascending, and no other', async (trial) => {
    for (let start = 0; start < 2_500; start += 500) {
      const rows = Array.from({ length: 500 }, (_, row) =>
        replace([userId(`${start + row}`), email(`${start + row}@hello.com`)], { 1: row }),
      );
      await trial.apply(rows);
    }
    await trial.apply([replace([userId('other')], { 1: 0 })], { organizationId: 2 });
    const digests: Buffer[] = [];
    for await (const { typeId, digest } of trial.reader.scanIdentities(1, 2)) {
      assert.equal(typeId, 2);
      digests.push(Buffer.from(digest));
    }
    const expected = Array.from({ length: 2_500 }, (_, row) => userId(`${row}`).digest);
    expected.sort((a, b) => Buffer.compare(a, b));
    assert.deepEqual(digests.map(String), expected.map(String));
  });

  trialTest(
    'the content digest depends on the contents, not on the order or the runs',
    async (trial) => {
      const tom = replace([email('tom@hello.com'), userId('7')], { 1: 'Tom', 2: 1 });
      const ann = replace([email('ann@hello.com')], { 1: 'Ann' });
      await trial.apply([tom, ann]);
      await trial.apply([ann, tom], { organizationId: 2 });
      const content = await trial.reader.digest('content');
      const full = await trial.reader.digest('full');
      // Changes the contents and changes them back.
      await trial.apply([patch([userId('7')], { 2: 2 }), clear([email('ann@hello.com')])]);
      assert.notEqual(await trial.reader.digest('content'), content);
      await trial.apply([patch([userId('7')], { 2: 1 }), ann]);
      assert.equal(await trial.reader.digest('content'), content);
      assert.notEqual(await trial.reader.digest('full'), full);
    },
  );

  trialTest('a pre-read reports how many bytes it read', async (trial) => {
    await trial.apply([replace([email('tom@hello.com')], { 1: 'Tom' })]);
    assert.ok((await trial.reader.preRead()) > 0);
  });
}
