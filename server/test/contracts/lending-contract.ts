/** The promises of a reader about the memory that it lends. */
import assert from 'node:assert/strict';
import { digestSpace, type WalkedContacts } from '../../src/stores/contact-walk.ts';
import { contactIdText } from '../../src/stores/read-record.ts';
import { type ContactQuery, type LentContact, recordOnly } from '../../src/stores/store.ts';
import { email, replace, userId } from '../stores/sample-changes.ts';
import type { TrialTest } from './store-trial.ts';

const all = { memberships: true, identities: true };
const tom = email('tom@hello.com');

export function lendingContract(trialTest: TrialTest): void {
  batchReadContract(trialTest);
  walkContract(trialTest);
  trialTest('the requested parts of a contact are lent together', async (trial) => {
    await trial.apply([replace([tom, userId('7')], { 1: 'Tom' })]);
    await trial.writer.putMemberships(1, tom, Buffer.from('packed'));
    const read = ({ record, memberships, identities }: LentContact) => ({
      length: record.length,
      hasName: record.bytes.subarray(0, record.length).includes('"Tom"'),
      packed: memberships?.bytes.toString('latin1', 0, memberships.length),
      known: identities.map(({ value }) => value),
    });
    const query = { organizationId: 1, identity: userId('7') };
    const whole = await trial.reader.lendContact({ ...query, parts: all }, read);
    const known = ['tom@hello.com', '7'];
    assert.deepEqual(whole, { ...whole, hasName: true, packed: 'packed', known });
    const parts = { memberships: false, identities: false };
    const bare = await trial.reader.lendContact({ ...query, parts }, read);
    assert.deepEqual(bare, { ...whole, packed: undefined, known: [] });
  });

  trialTest('a contact is lent for one call and is empty afterwards', async (trial) => {
    await trial.apply([replace([tom], { 1: 'Tom' })]);
    await trial.writer.putMemberships(1, tom, Buffer.from('packed'));
    const query = { organizationId: 1, identity: tom, parts: all };
    const kept: LentContact[] = [];
    const failed = new Error('The caller failed.');
    for (const end of ['returns', 'throws']) {
      const lent = async () =>
        trial.reader.lendContact(query, (contact) => {
          kept.push(contact);
          assert.ok(contact.record.bytes.length > 0 && contact.memberships !== undefined);
          if (end === 'throws') throw failed;
          return end;
        });
      if (end === 'throws') await assert.rejects(lent, failed);
      else assert.equal(await lent(), end);
    }
    for (const { record, memberships, identities } of kept) {
      assert.deepEqual([record.bytes.length, memberships, identities], [0, undefined, []]);
    }
  });

  trialTest('a reader refuses calls while it lends, and lends again after that', async (trial) => {
    await trial.apply([replace([tom], { 1: 'Tom' })]);
    const query = { organizationId: 1, identity: tom, parts: all };
    const calls = [
      () => trial.reader.lendContact(query, () => null),
      () => trial.reader.readContacts([query], () => null),
      () => trial.reader.counts(1),
      () => trial.reader.asOf(1, 1),
      () => trial.reader.revision(),
    ];
    for (const call of calls) {
      const nested = async () =>
        trial.reader.lendContact(query, () => {
          assert.ok(call() !== undefined);
          return 'was allowed';
        });
      await assert.rejects(nested, /while a contact of it was lent/);
    }
    assert.equal(await trial.reader.lendContact(query, () => 'again'), 'again');
  });

  trialTest('the compiler refuses to let lent memory leave the call', async (trial) => {
    assert.equal(refusedByTheCompiler(trial).length, 6);
  });
}

function batchReadContract(trialTest: TrialTest): void {
  trialTest(
    'several contacts are read in the order of the queries, each lent in turn',
    async (trial) => {
      await trial.apply([replace([tom], { 1: 'Tom' }), replace([userId('7')], { 1: 'Ann' })]);
      await trial.writer.putMemberships(1, userId('7'), Buffer.from('packed'));
      const asked = [userId('7'), email('nobody@hello.com'), tom, userId('7')];
      const queries = asked.map((identity) => ({ organizationId: 1, identity, parts: all }));
      const kept: LentContact[] = [];
      const read = (contact: LentContact, { identity }: ContactQuery) => {
        kept.push(contact);
        const { record, memberships, identities } = contact;
        assert.equal(identities[0]?.typeId, identity.typeId);
        const name = ['"Tom"', '"Ann"'].find((it) =>
          record.bytes.subarray(0, record.length).includes(it),
        );
        return `${name} ${memberships?.bytes.toString('latin1', 0, memberships.length)}`;
      };
      const found = await trial.reader.readContacts(queries, read);
      assert.deepEqual(found, ['"Ann" packed', undefined, '"Tom" undefined', '"Ann" packed']);
      for (const { record, memberships, identities } of kept) {
        assert.deepEqual([record.bytes.length, memberships, identities], [0, undefined, []]);
      }
      assert.deepEqual(await trial.reader.readContacts([], read), []);
      const failed = new Error('The caller failed.');
      const failing = async () =>
        trial.reader.readContacts(queries, () => {
          throw failed;
        });
      await assert.rejects(failing, failed);
      assert.deepEqual(await trial.reader.readContacts(queries, read), found);
    },
  );
}

function walkContract(trialTest: TrialTest): void {
  const people = Array.from({ length: 25 }, (_, n) => [email(`p${n}@x.com`), userId(`${n}`)]);
  const idOf = ({ record }: LentContact) => contactIdText(record.bytes);

  trialTest('a walk by id lends each contact once, in steps', async (trial) => {
    await trial.apply(people.map((identities) => replace(identities, { 1: 'Tom' })));
    await trial.apply([replace([tom], { 1: 'Ann' })], { organizationId: 2 });
    await trial.writer.putMemberships(1, userId('7'), Buffer.from('packed'));
    const found: string[] = [];
    let packed = 0;
    let after: string | null = null;
    do {
      const range = { by: 'id', after, limit: 10 } as const;
      const read: WalkedContacts<string> = await trial.reader.walkContacts(
        { organizationId: 1, parts: all, range },
        (contact) => {
          assert.equal(contact.identities.length, 2);
          if (contact.memberships !== undefined) packed += 1;
          return contactIdText(contact.record.bytes);
        },
      );
      found.push(...read.results);
      after = read.next;
    } while (after !== null);
    assert.deepEqual(found, [...new Set(found)].sort());
    assert.deepEqual([found.length, packed], [25, 1]);
  });

  trialTest(
    'a walk leaves out joined contacts and those of which nothing is left',
    async (trial) => {
      await trial.apply([replace([tom], { 1: 'Tom' }), replace([userId('7')], { 1: 'Ann' })]);
      await trial.apply([replace([tom, userId('7')], { 1: 'Tom' })]);
      const range = { by: 'id', after: null, limit: 10 } as const;
      const walk = { organizationId: 1, parts: recordOnly, range };
      const read: WalkedContacts<string> = await trial.reader.walkContacts(walk, idOf);
      assert.deepEqual([read.results.length, read.next], [1, null]);
      const all48 = { by: 'digest', typeIds: [1, 2, 3, 4], from: 0, to: digestSpace } as const;
      const drawn = await trial.reader.walkContacts({ ...walk, range: all48 }, idOf);
      assert.deepEqual(drawn.results, read.results);
    },
  );

  trialTest('a walk that ends early goes on where it ended', async (trial) => {
    await trial.apply(people.map((identities) => replace(identities, { 1: 'Tom' })));
    const typeIds = [...new Set(people.flat().map(({ typeId }) => typeId))];
    const walk = { organizationId: 1, parts: recordOnly, isOver: () => true };
    const byId: string[] = [];
    let after: string | null = null;
    do {
      const range = { by: 'id', after, limit: 10 } as const;
      const read: WalkedContacts<string> = await trial.reader.walkContacts(
        { ...walk, range },
        idOf,
      );
      assert.ok(read.results.length <= 1);
      byId.push(...read.results);
      after = read.next;
    } while (after !== null);
    const drawn: string[] = [];
    for (let skip = 0; skip < 25; skip += 1) {
      const range = { by: 'digest', typeIds, from: 0, to: digestSpace, skip } as const;
      drawn.push(...(await trial.reader.walkContacts({ ...walk, range }, idOf)).results);
    }
    assert.equal(byId.length, 25);
    assert.deepEqual(drawn.sort(), byId);
  });

  trialTest('ranges of digests split the contacts without repeating one', async (trial) => {
    await trial.apply(people.map((identities) => replace(identities, { 1: 'Tom' })));
    const typeIds = [...new Set(people.flat().map(({ typeId }) => typeId))];
    const found: string[] = [];
    for (let part = 0; part < 4; part += 1) {
      const quarter = digestSpace / 4;
      const bounds = { from: part * quarter, to: (part + 1) * quarter };
      const range = { by: 'digest', typeIds, ...bounds } as const;
      const walk = { organizationId: 1, parts: recordOnly, range };
      const { results } = await trial.reader.walkContacts(walk, idOf);
      assert.ok(results.length > 0 && results.length < 25);
      found.push(...results);
    }
    assert.equal(new Set(found).size, 25);
    assert.equal(found.length, 25);
  });
}

/** The compiler refuses each of these, so none is ever called. */
function refusedByTheCompiler({ reader }: Parameters<Parameters<TrialTest>[1]>[0]) {
  const query = { organizationId: 1, identity: tom, parts: all };
  return [
    // @ts-expect-error A promise would go on with the memory later.
    () => reader.lendContact(query, async ({ record }) => record.length),
    // @ts-expect-error These are the lent bytes.
    () => reader.lendContact(query, ({ record }) => record.bytes),
    // @ts-expect-error And so is a part of them.
    () => reader.lendContact(query, ({ record }) => record.bytes.subarray(0, 16)),
    // @ts-expect-error The record holds them.
    () => reader.lendContact(query, ({ record }) => record),
    // @ts-expect-error The contact holds the record.
    () => reader.lendContact(query, (contact) => contact),
    // @ts-expect-error Neither may a contact of several be kept.
    () => reader.readContacts([query], ({ record }) => record),
  ];
}
