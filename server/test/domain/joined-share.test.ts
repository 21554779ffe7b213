/** When joined contacts stop a run, and what an approval of them covers. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  areJoinsCovered,
  isJoinedTooMuch,
  type JoinedShare,
  joinCause,
} from '../../src/domain/dataset/joined-share.ts';
import { warningsOf } from '../../src/domain/dataset/people-counts.ts';
import {
  causesToWait,
  isCoveredBy,
  type RunPlan,
  reasonsToWait,
  unmeasuredChanges,
} from '../../src/domain/dataset/run-plan.ts';

function joins(contacts: number, named: number, more: Partial<JoinedShare> = {}): JoinedShare {
  return { contacts, named, maxShare: 0.05, identityTypes: ['email'], largest: [], ...more };
}

test('a run waits only above ten contacts and above the share of its dataset', () => {
  for (const [contacts, named, waits] of [
    [10, 10, false],
    [11, 11, true],
    [11, 220, false],
    [11, 219, true],
    [50, 1_000, false],
    [51, 1_000, true],
    [30, 0, true],
  ] as const) {
    assert.equal(isJoinedTooMuch(joins(contacts, named)), waits, `${contacts} of ${named}`);
  }
  assert.equal(isJoinedTooMuch(joins(60, 100, { maxShare: 0.6 })), false);
  assert.equal(isJoinedTooMuch(joins(61, 100, { maxShare: 0.6 })), true);
});

test('an approval of joins covers one percent more, and no other identity type', () => {
  const approved = joins(400, 1_000);
  assert.equal(areJoinsCovered(joins(410, 1_000), approved), true);
  assert.equal(areJoinsCovered(joins(411, 1_000), approved), false);
  assert.equal(areJoinsCovered(joins(21, 20), joins(20, 20)), true, 'one more is always covered');
  const branch = { identityTypes: ['branch'] };
  assert.equal(areJoinsCovered(joins(400, 1_000, branch), approved), false);
  const both = { identityTypes: ['branch', 'email'] };
  assert.equal(areJoinsCovered(joins(400, 1_000), joins(400, 1_000, both)), true);
  assert.equal(areJoinsCovered(joins(11, 20), null), false);
});

test('a plan with joins waits for its own reason, and is covered by a plan with the same joins', () => {
  const plan = (joined: JoinedShare | null | undefined): RunPlan => ({
    ...{ ...unmeasuredChanges, rejections: null },
    ...(joined !== undefined && { joins: joined }),
  });
  const many = plan(joins(40, 80));
  assert.deepEqual(causesToWait(many), [joinCause(joins(40, 80))]);
  assert.deepEqual(joinCause(joins(40, 80)), {
    ...{ code: 'contacts_joined', contacts: 40, contacts_named: 80, share: 0.5, max_share: 0.05 },
    identity_types: ['email'],
  });
  assert.match(reasonsToWait(many).join(), /^40 contacts .* by email\. That is 50 % of the 80 /);
  for (const few of [null, undefined, joins(10, 10)]) {
    assert.deepEqual(reasonsToWait(plan(few)), []);
    assert.equal(isCoveredBy(plan(few), many), true);
    assert.equal(isCoveredBy(many, plan(few)), false);
  }
  assert.equal(isCoveredBy(many, many), true);
});

test('a run warns of each identity type whose values it moved often', () => {
  const warnings = warningsOf({ movedOften: { email: 1, phone: 1_200 } });
  assert.equal(warnings.length, 2);
  assert.match(warnings[0] ?? '', /^1 identity of the type email moved/);
  assert.match(warnings[1] ?? '', /^1,200 identities of the type phone moved/);
  assert.deepEqual(warningsOf({ movedOften: {} }), []);
});
