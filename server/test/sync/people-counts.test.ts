/** Runs report what they do to people: contacts joined, identities moved, claims without effect. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import { createIdentityType } from '../../src/administration/identity-types.ts';
import { noPeople, warningsOf } from '../../src/domain/dataset/people-counts.ts';
import { SyncPlace } from './sync-place.ts';

/** A CRM keyed by `customer_no`, and a newsletter that knows addresses alone. */
async function inPlace(context: TestContext) {
  const place = new SyncPlace(context);
  await place.administrate((administration) =>
    createIdentityType(administration, 1, { name: 'customer_no' }),
  );
  const identifiers = [
    { identityType: 'customer_no', column: 'No' },
    { identityType: 'email', column: 'Mail' },
  ];
  const guards = { maxChangeShare: 1, maxRejectedShare: 1, maxJoinedShare: 1 };
  const writeCrm = await place.defineCsv('crm', { name: 'string' }, { identifiers, ...guards });
  const writeNews = await place.defineCsv('news', { topic: 'string' }, guards);
  return {
    place,
    crm: (...rows: readonly string[]) => {
      writeCrm(`No,Mail,name\n${rows.join('\n')}\n`);
      return place.sync('crm');
    },
    news: (...rows: readonly string[]) => {
      writeNews(`email,topic\n${rows.join('\n')}\n`);
      return place.sync('news');
    },
  };
}

test('a run reports the contacts that it joined and the identities that it moved', async (context) => {
  const { place, crm, news } = await inPlace(context);
  assert.deepEqual((await crm('1,,Ann', '2,b@x.org,Bob', '3,c@x.org,Cem')).people, noPeople);
  assert.deepEqual((await news('a@x.org,Cars', 'b@x.org,Cats')).people, noPeople);
  const { runId, people } = await crm('1,a@x.org,Ann', '2,c@x.org,Bob', '3,b@x.org,Cem');
  // The row of the newsletter goes with its address from Bob to Cem.
  const expected = { ...noPeople, joined: 1, parted: 1, moved: 2 };
  assert.deepEqual(people, expected);
  assert.deepEqual((await place.findRun(runId)).people, expected);
  assert.deepEqual((await crm('1,a@x.org,Ann', '2,c@x.org,Bob')).people, {
    ...noPeople,
    released: 1,
  });
});

test('swaps of many rows are moves, whatever the order and the batches of the rows', async (context) => {
  const { crm } = await inPlace(context);
  // More than two batches; each row swaps its address with the one half of the rows away.
  const count = 2_200;
  const rowsOf = (turn: number) =>
    Array.from({ length: count }, (_, at) => {
      const mail = turn % 2 === 1 ? (at + count / 2) % count : at;
      return `${at + 1},p${mail}@x.org,Name`;
    });
  assert.deepEqual((await crm(...rowsOf(0))).people, noPeople);
  const moved = { ...noPeople, moved: count };
  assert.deepEqual((await crm(...rowsOf(1))).people, moved);
  assert.deepEqual((await crm(...rowsOf(2).reverse())).people, moved);
});

test('claims without effect are counted and listed by row, and no value is', async (context) => {
  const { place, crm } = await inPlace(context);
  const rows = ['1,f@x.org,Dad', '2,f@x.org,Mum', '3,c@x.org,Cem'];
  const first = await crm(...rows);
  assert.equal(first.rejected, 0);
  const counted = { ...noPeople, refusedClaims: { identity_shared: 2 } };
  assert.deepEqual(first.people, counted);
  assert.deepEqual((await place.findRun(first.runId)).people, counted);
  const reason = 'too many rows claim it, or none of them comes first';
  const line = (row: number) => `${row},Mail,email,identity_shared,"${reason}"`;
  const linesOf = (path: string | null) => readFileSync(path ?? '', 'utf8').split('\n');
  const head = 'row,column,identity_type,code,reason';
  assert.deepEqual(linesOf(first.refusedClaimsPath), [head, line(1), line(2), '']);
  // A later run lists the rows that it sends, with their numbers in the source.
  const later = await crm(...rows.slice(2), ...rows.slice(0, 1), '2,f@x.org,Mummy');
  assert.equal(later.unchanged, 2);
  assert.deepEqual(linesOf(later.refusedClaimsPath), [head, line(3), '']);
  const last = await crm('1,f@x.org,Dad', '2,,Mummy', '3,c@x.org,Cem');
  assert.deepEqual([last.people, last.refusedClaimsPath], [noPeople, null]);
});

test('an identity that a source moves for the third time makes the run warn', async (context) => {
  const { place, crm } = await inPlace(context);
  const warnings: string[][] = [];
  for (const turn of [1, 2, 1, 2]) {
    const { runId } = await crm(
      `1,${turn === 1 ? 'a@x.org' : ''},One`,
      `2,${turn === 2 ? 'a@x.org' : ''},Two`,
    );
    warnings.push(warningsOf((await place.findRun(runId)).people));
  }
  assert.deepEqual(
    warnings.map((one) => one.length),
    [0, 0, 0, 1],
  );
  assert.match(warnings[3]?.[0] ?? '', /^1 identity of the type email moved from one contact/);
});

test('the same change is reported the same, whatever ids wait for their contacts', async (context) => {
  const { place, crm, news } = await inPlace(context);
  const people = Array.from({ length: 6 }, (_, at) => at);
  await news(...people.map((at) => `p${at}@x.org,Cars`));
  const rowsOf = (turn: number) =>
    people.map((at) => `${at + 1},p${(at + turn) % people.length}@x.org,Name`);
  await crm(...rowsOf(0));
  const { people: expected } = await crm(...rowsOf(1));
  const count = people.length;
  assert.deepEqual(expected, { ...noPeople, parted: count, moved: count });
  for (const _ of [1, 2]) {
    await place.rollBack('crm');
    assert.deepEqual((await crm(...rowsOf(1))).people, expected);
  }
});

test('a contact that goes on under an id of before, or one that returns, was not joined', async (context) => {
  const { place, crm, news } = await inPlace(context);
  await news('a@x.org,Cars');
  await news('b@x.org,Cats');
  await crm('1,b@x.org,Bob', '2,c@x.org,Cem');
  const joining = ['1,b@x.org,Bob', '2,c@x.org,Cem', '3,a@x.org,Ann'];
  // The address of Ann has the oldest id, which waits for it.
  await news('b@x.org,Cats', 'a@x.org,Cars', 'c@x.org,Cabs');
  assert.deepEqual((await crm(...joining)).people, noPeople);
  await place.rollBack('crm');
  assert.deepEqual((await crm(...joining)).people, noPeople);
});

test('moves that were rolled back do not make a run warn', async (context) => {
  const { place, crm } = await inPlace(context);
  const turn = async (holder: number) => {
    const rows = [1, 2].map((at) => `${at},${holder === at ? 'a@x.org' : ''},Name`);
    const { runId } = await crm(...rows);
    const { people } = await place.findRun(runId);
    return [people.moved, warningsOf(people).length];
  };
  assert.deepEqual(await turn(1), [0, 0]);
  assert.deepEqual(await turn(2), [1, 0]);
  for (const _ of [1, 2, 3]) {
    assert.deepEqual(await turn(1), [1, 0]);
    await place.rollBack('crm');
  }
  assert.deepEqual(await turn(1), [1, 0]);
  assert.deepEqual(await turn(2), [1, 1]);
  await place.rollBack('crm');
  // The address that nobody names is forgotten, and its moves with it, until that is rolled back.
  assert.deepEqual(await turn(3), [0, 0]);
  await place.rollBack('crm');
  assert.deepEqual(await turn(2), [1, 1]);
});
