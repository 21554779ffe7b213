/** The guard of people: a run that would join many contacts waits for approval. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { createIdentityType } from '../../src/administration/identity-types.ts';
import type { DatasetDefinition } from '../../src/domain/dataset/dataset-definition.ts';
import { reasonsToWait } from '../../src/domain/dataset/run-plan.ts';
import { reasonOf } from '../../src/domain/dataset/wait-cause.ts';
import type { ImportQuestion } from '../../src/sync/run-import.ts';
import { SyncPlace } from './sync-place.ts';

const numbers = (count: number) => Array.from({ length: count }, (_, index) => index + 1);
const identity = (identityType: string, column: string) => ({ identityType, column });

async function inPlace(context: TestContext) {
  const place = new SyncPlace(context);
  await place.administrate(async (administration) => {
    for (const name of ['customer_no', 'branch']) {
      await createIdentityType(administration, 1, { name });
    }
  });
  const define = async (
    name: string,
    columns: readonly string[],
    definition: Partial<DatasetDefinition>,
  ) => {
    const guards = { maxChangeShare: 1, maxRejectedShare: 1 };
    const write = await place.defineCsv(
      name,
      { [`${name}_name`]: 'string' },
      { ...guards, ...definition },
    );
    const head = [...columns, `${name}_name`].join(',');
    return (rows: readonly string[]) => write(`${head}\n${rows.join('\n')}\n`);
  };
  return { place, define };
}

/**
 * A newsletter with `count` addresses, a till with as many customers, and a CRM that knows both.
 */
async function withCrm(context: TestContext, definition: Partial<DatasetDefinition> = {}) {
  const { place, define } = await inPlace(context);
  const writeNews = await define('news', ['email'], {});
  const writeTill = await define('till', ['No'], {
    identifiers: [identity('customer_no', 'No')],
  });
  const writeCrm = await define('crm', ['No', 'Mail'], {
    identifiers: [identity('customer_no', 'No'), identity('email', 'Mail')],
    ...definition,
  });
  const rowsOf = (count: number, from = 1) =>
    numbers(count).map((at) => `${at + from - 1},c${at + from - 1}@x.org,Name`);
  return {
    place,
    rowsOf,
    crm: async (rows: readonly string[]) => {
      writeCrm(rows);
      return place.sync('crm');
    },
    writeCrm,
    fill: async (count: number) => {
      writeNews(numbers(count).map((at) => `c${at}@x.org,News`));
      writeTill(numbers(count).map((at) => `${at},Till`));
      await place.sync('news');
      await place.sync('till');
    },
  };
}

// Holds the invariant joins-wait of sync/SPEC.md.
test('a first run that would join everybody waits, writes nothing, and joins once it is approved', async (context) => {
  const { place, fill, rowsOf, crm } = await withCrm(context);
  await fill(20);
  const before = await place.digest();
  const stopped = await crm([...rowsOf(20), ...rowsOf(10, 101)]);
  assert.equal(stopped.state, 'waiting');
  assert.equal(await place.digest(), before);
  assert.deepEqual(stopped.plan?.joins, {
    contacts: 40,
    named: 30,
    maxShare: 0.05,
    identityTypes: ['customer_no', 'email'],
    largest: numbers(20).map(() => {
      return { contacts: 2, rows: 1, identityTypes: ['customer_no', 'email'] };
    }),
  });
  assert.equal(stopped.plan?.wouldAdd, 30);
  const [reason, ...others] = reasonsToWait(stopped.plan ?? assert.fail());
  assert.match(
    reason ?? '',
    /^40 contacts would be joined .* by customer_no, email\. That is 133\.3 % /,
  );
  assert.deepEqual(others, []);
  await place.decide(stopped.runId, 'approved');
  const approved = await place.findRun(stopped.runId);
  const done = await place.sync('crm', { approved });
  assert.deepEqual([done.state, done.people.joined], ['succeeded', 20]);
  assert.equal((await place.find('email:c7@x.org'))?.['crm_name'], 'Name');
  assert.equal(await place.contacts(), 30);
});

test('a column that is mapped as an identity by mistake is stopped', async (context) => {
  const { place, define } = await inPlace(context);
  const number = identity('customer_no', 'No');
  const crm = await define('crm', ['No', 'Branch'], {
    identifiers: [number, identity('branch', 'Branch')],
  });
  const columns = ['email', 'Branch'];
  const shop = await define('shop', columns, {});
  crm(numbers(30).map((at) => `${at},${at},Name`));
  shop(numbers(30).map((at) => `s${at}@x.org,${at},Name`));
  await place.sync('crm');
  assert.equal((await place.sync('shop')).state, 'succeeded');
  await define('shop', columns, {
    identifiers: [identity('email', 'email'), identity('branch', 'Branch')],
  });
  const stopped = await place.sync('shop');
  assert.equal(stopped.state, 'waiting');
  const { contacts, identityTypes, named } = stopped.plan?.joins ?? assert.fail();
  assert.deepEqual([contacts, identityTypes, named], [60, ['branch'], 30]);
});

test('ten contacts may be joined, whatever their share', async (context) => {
  const { fill, rowsOf, crm } = await withCrm(context);
  await fill(5);
  const { state, plan, people } = await crm(rowsOf(5));
  assert.deepEqual([state, plan?.joins?.contacts, people.joined], ['succeeded', 10, 5]);
});

test('more contacts may be joined if their share is small enough', async (context) => {
  const { place, fill, rowsOf, crm } = await withCrm(context, { maxJoinedShare: 0.2 });
  await fill(6);
  const { state, plan } = await crm(rowsOf(60));
  assert.deepEqual([state, plan?.joins?.contacts, plan?.joins?.named], ['succeeded', 12, 60]);
  await fill(20);
  const stopped = await crm([...rowsOf(60).reverse(), ...rowsOf(1, 99)]);
  assert.equal(stopped.state, 'succeeded', 'the till and the newsletter joined themselves');
  assert.equal(await place.contacts(), 61);
});

test('rows that change nothing, and claims that were refused before, do not count', async (context) => {
  const { place, fill, crm } = await withCrm(context);
  await fill(12);
  // Each address belongs to two rows, so it stays with the newsletter.
  const shared = numbers(24).map((at) => `${at + 100},c${Math.ceil(at / 2)}@x.org,Name`);
  const first = await crm(shared);
  assert.equal(first.state, 'succeeded');
  assert.deepEqual(first.people.refusedClaims, { identity_shared: 24 });
  const full = await place.sync('crm', { isFull: true });
  assert.deepEqual([full.state, full.plan?.joins, full.unchanged], ['succeeded', null, 24]);
  const changed = await crm(shared.map((row) => row.replace('Name', 'New')));
  assert.deepEqual([changed.state, changed.plan?.joins, changed.changed], ['succeeded', null, 24]);
});

test('a run that would exchange the addresses of many contacts waits', async (context) => {
  const { fill, rowsOf, crm } = await withCrm(context);
  await fill(0);
  await crm(rowsOf(40));
  const rotated = numbers(12).map((at) => `${at},c${(at % 12) + 1}@x.org,Name`);
  const stopped = await crm([...rotated, ...rowsOf(28, 13)]);
  assert.equal(stopped.state, 'waiting');
  const { contacts, named, largest } = stopped.plan?.joins ?? assert.fail();
  assert.deepEqual([contacts, named], [12, 40]);
  assert.deepEqual(largest, [{ contacts: 12, rows: 12, identityTypes: ['email'] }]);
});

test('an approval of joins does not cover a source that joins many more since', async (context) => {
  const { place, fill, rowsOf, writeCrm, crm } = await withCrm(context);
  await fill(40);
  const stopped = await crm([...rowsOf(20), ...rowsOf(80, 101)]);
  assert.equal(stopped.plan?.joins?.contacts, 40);
  await place.decide(stopped.runId, 'approved');
  const approved = await place.findRun(stopped.runId);
  writeCrm([...rowsOf(30), ...rowsOf(70, 101)]);
  assert.equal((await place.sync('crm', { approved })).state, 'waiting');
  writeCrm([...rowsOf(20), ...rowsOf(80, 101)]);
  assert.equal((await place.sync('crm', { approved })).state, 'succeeded');
});

test('rows of identities wait too, and a dry run shows what they would join', async (context) => {
  const { place, fill } = await withCrm(context);
  await fill(15);
  await place.define(
    'same',
    {},
    {
      ...{ kind: 'identity', mode: 'snapshot', columns: [] },
      identifiers: [identity('customer_no', 'No'), identity('email', 'Mail')],
      source: { kind: 'file', paths: [place.write('same.csv', '')] },
    },
  );
  place.write(
    'same.csv',
    `No,Mail\n${numbers(15)
      .map((at) => `${at},c${at}@x.org`)
      .join('\n')}\n`,
  );
  const trial = await place.try('same');
  assert.deepEqual([trial.plan?.joins?.contacts, trial.plan?.joins?.named], [30, 15]);
  const stopped = await place.sync('same');
  assert.deepEqual([stopped.state, stopped.plan], ['waiting', trial.plan]);
  assert.equal(await place.contacts(), 30);
  // The rows cannot join more than 30 contacts, so that nothing is counted again.
  await place.decide(stopped.runId, 'approved');
  const approved = await place.findRun(stopped.runId);
  const applied = await place.sync('same', { approved });
  assert.deepEqual([applied.state, applied.plan?.joins], ['succeeded', trial.plan?.joins]);
  assert.equal(await place.contacts(), 15);
});

test('an approval of few joins does not cover rows that could join more', async (context) => {
  const { place, fill, rowsOf, writeCrm, crm } = await withCrm(context);
  await fill(30);
  const stopped = await crm([...rowsOf(20), ...rowsOf(10, 101)]);
  assert.equal(stopped.plan?.joins?.contacts, 40);
  await place.decide(stopped.runId, 'approved');
  const approved = await place.findRun(stopped.runId);
  writeCrm(rowsOf(30));
  const again = await place.sync('crm', { approved });
  assert.deepEqual([again.state, again.plan?.joins?.contacts], ['waiting', 60]);
});

test('an import asks before it joins many contacts', async (context) => {
  const { place, fill, rowsOf } = await withCrm(context);
  await fill(15);
  const questions: ImportQuestion[] = [];
  place.approve = async (question) => {
    questions.push(question);
    throw new Error('No.');
  };
  const path = place.write('people.csv', `No,Mail,name\n${rowsOf(15).join('\n')}\n`);
  const identifiers = [
    { type: 'customer_no', column: 'No' },
    { type: 'email', column: 'Mail' },
  ];
  await assert.rejects(place.import(path, { identifiers }), /^Error: No\.$/);
  const [question] = questions;
  assert.deepEqual([question?.joins?.contacts, question?.joins?.named], [30, 15]);
  assert.match(
    question?.causes.map((cause) => reasonOf(cause)).join() ?? '',
    /^30 contacts would be joined/,
  );
  assert.equal(await place.contacts(), 30);
  place.approve = async () => undefined;
  assert.equal((await place.import(path, { identifiers })).report.people.joined, 15);
  questions.length = 0;
  await place.import(path, { identifiers });
  assert.deepEqual(questions, []);
});

test('reports that would join many contacts wait, and later reports of the same people do not', async (context) => {
  const { place, fill } = await withCrm(context);
  await fill(15);
  const columns = ['flow_id', 'timestamp'].map((column) => ({ column, field: column }));
  const write = await place.defineCsv(
    'flows',
    {},
    {
      ...{ kind: 'membership', feed: 'flow', mode: 'append', columns },
      identifiers: [identity('customer_no', 'No'), identity('email', 'Mail')],
    },
  );
  const report = (flow: number) => {
    const rows = numbers(15).map((at) => `${at},c${at}@x.org,${flow},2026-11-0${flow}`);
    write(`No,Mail,flow_id,timestamp\n${rows.join('\n')}\n`);
  };
  report(1);
  const stopped = await place.sync('flows');
  assert.deepEqual([stopped.state, stopped.plan?.joins?.contacts], ['waiting', 30]);
  assert.equal(stopped.plan?.joins?.named, 15);
  await place.decide(stopped.runId, 'approved');
  const approved = await place.findRun(stopped.runId);
  assert.equal((await place.sync('flows', { approved })).people.joined, 15);
  report(2);
  const later = await place.sync('flows');
  assert.deepEqual([later.state, later.plan], ['succeeded', null]);
});
