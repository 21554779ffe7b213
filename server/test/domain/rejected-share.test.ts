/** When rejected rows stop a run. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  isRejectedTooMuch,
  isRejectionCovered,
  measureRejected,
  type RejectedShare,
  type RejectionMeasure,
  rejectionCause,
} from '../../src/domain/dataset/rejected-share.ts';
import { reasonOf } from '../../src/domain/dataset/wait-cause.ts';

const first: RejectionMeasure = { firstShare: 0.05, last: undefined, isPartial: false };

function share(
  rejected: number,
  rowsRead: number,
  measure: Partial<RejectionMeasure> = {},
): RejectedShare {
  const counts = { value_invalid: rejected };
  return measureRejected({ rowsRead, rejected, counts }, { ...first, ...measure });
}

const after = (rejected: number, rowsRead: number, suppressed = 0) => ({
  last: { rejected, rowsRead, rejections: { contact_suppressed: suppressed } },
});

test('a first run waits only above ten rejected rows and above the share of its dataset', () => {
  for (const [rejected, rows, waits] of [
    [10, 10, false],
    [11, 11, true],
    [11, 220, false],
    [11, 219, true],
    [58, 59, true],
    [50, 1_000, false],
    [51, 1_000, true],
    [0, 0, false],
  ] as const) {
    assert.equal(isRejectedTooMuch(share(rejected, rows)), waits, `${rejected} of ${rows}`);
  }
  assert.equal(isRejectedTooMuch(share(60, 100, { firstShare: 0.6 })), false);
  assert.equal(isRejectedTooMuch(share(61, 100, { firstShare: 0.6 })), true);
  assert.equal(isRejectedTooMuch(share(11, 1_000, { firstShare: 0 })), true);
});

test('a later run waits above one percentage point more than the last applied run, exact to the row', () => {
  for (let last = 0; last <= 100; last += 1) {
    const allowed = Math.min(100, last + 1) * 10;
    assert.equal(isRejectedTooMuch(share(allowed, 1_000, after(last, 100))), false, `${last} %`);
    if (allowed === 1_000) continue;
    const more = share(allowed + 1, 1_000, after(last, 100));
    assert.equal(isRejectedTooMuch(more), allowed + 1 > 10, `${last} % and more`);
  }
});

test('the share of the definition bounds first runs, and later ones are compared with the last run', () => {
  assert.equal(isRejectedTooMuch(share(300, 1_000, { firstShare: 0.5, ...after(0, 10) })), true);
  assert.equal(isRejectedTooMuch(share(300, 1_000, after(30, 100))), false);
});

test('a few bad rows in a small incremental run do not allow many in the next', () => {
  const partial = { isPartial: true };
  assert.equal(isRejectedTooMuch(share(500, 600, { ...partial, ...after(1, 1) })), true);
  assert.equal(isRejectedTooMuch(share(36, 600, { ...partial, ...after(1, 1) })), false);
  assert.equal(isRejectedTooMuch(share(500, 600, { ...partial, ...after(500, 600) })), false);
});

test('an approval covers the approved share and one percentage point more', () => {
  const approved = share(58, 59);
  assert.equal(isRejectionCovered(share(58, 59), approved), true);
  assert.equal(isRejectionCovered(share(30, 59), approved), true);
  assert.equal(isRejectionCovered(share(210, 1_000), share(200, 1_000)), true);
  assert.equal(isRejectionCovered(share(211, 1_000), share(200, 1_000)), false);
  assert.equal(isRejectionCovered(share(58, 59), null), false);
});

test('the reason says how many rows, why, and how many are allowed', () => {
  assert.equal(
    reasonOf(rejectionCause(share(58, 59)) ?? assert.fail()),
    '58 of 59 rows (98.3 %) would be rejected (value_invalid 58). Without approval, a first run may reject at most 5 %.',
  );
  assert.equal(
    reasonOf(rejectionCause(share(58, 590, after(1, 100))) ?? assert.fail()),
    '58 of 590 rows (9.8 %) would be rejected (value_invalid 58). The last applied run rejected 1 %. Without approval, this run may reject at most 2 %.',
  );
  assert.equal(rejectionCause(share(1, 590)), undefined);
});

test('rows of erased people count neither in the last share nor in the share now', () => {
  const bulk = after(5_510, 10_000, 5_500);
  assert.equal(share(54, 4_500, bulk).lastShare, 10 / 4_500);
  assert.equal(isRejectedTooMuch(share(5_431, 10_000, bulk)), true);
  assert.equal(isRejectedTooMuch(share(90, 10_000, bulk)), false);
  assert.equal(isRejectedTooMuch({ ...share(90, 10_000, bulk), suppressed: 5_500 }), true);
  assert.equal(isRejectedTooMuch({ ...share(0, 10, bulk), suppressed: 10 }), false);
});
