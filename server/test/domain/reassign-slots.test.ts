/** How few slots move when weights, holdouts, variants or shares of a group change. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Variant } from '../../src/domain/flow/flow.ts';
import { experimentSlots, groupSlots } from '../../src/domain/flow/flow-slots.ts';
import { reassignSlots, type Share } from '../../src/domain/flow/reassign-slots.ts';
import { isSlotFault, parseSlots, textsOfSlots } from '../../src/domain/flow/slot-text.ts';
import {
  movedSlots,
  nobody,
  outcomeAt,
  type Slots,
  slotCount,
  slotCounts,
} from '../../src/domain/flow/slots.ts';

function split(weights: Readonly<Record<string, number>>, holdout = 0, before?: Slots): Slots {
  const variants: Variant[] = Object.entries(weights).map(([name, weight]) => ({ name, weight }));
  return experimentSlots(before ?? null, { holdout, split: { by: 'weight', variants } });
}

/** The held out slots of each owner. */
function heldOf({ names, owners, held }: Slots): readonly number[] {
  return names.map((_, owner) => {
    return owners.filter((it, slot) => it === owner && held[slot] === 1).length;
  });
}

function heldCount({ held }: Slots): number {
  return held.reduce((sum, one) => sum + one, 0);
}

test('new slots are one range for each variant', () => {
  const slots = split({ A: 33.33, B: 33.33, C: 33.34 });
  assert.deepEqual(textsOfSlots(slots), {
    owners: ['0-3332', '3333-6665', '6666-9999'],
    heldOut: '',
  });
});

test('50/30/20 to 40/30/30 moves exactly 10 % of the slots, and so does 50/50 to 60/40', () => {
  for (const holdout of [0, 10]) {
    const three = split({ A: 50, B: 30, C: 20 }, holdout);
    const threeAfter = split({ A: 40, B: 30, C: 30 }, holdout, three);
    const two = split({ A: 50, B: 50 }, holdout);
    const twoAfter = split({ A: 60, B: 40 }, holdout, two);
    assert.deepEqual(slotCounts(threeAfter), [4_000, 3_000, 3_000]);
    assert.deepEqual(slotCounts(twoAfter), [6_000, 4_000]);
    // Nobody sees it when a slot moves that is held out before and after.
    const moved = holdout === 0 ? 1_000 : 900;
    assert.deepEqual([movedSlots(three, threeAfter), movedSlots(two, twoAfter)], [moved, moved]);
  }
});

test('a larger holdout moves contacts only into it, and the smaller one gives them back', () => {
  const before = split({ A: 50, B: 30, C: 20 }, 10);
  const larger = split({ A: 50, B: 30, C: 20 }, 20, before);
  const smaller = split({ A: 50, B: 30, C: 20 }, 10, larger);
  assert.equal(movedSlots(before, larger), 1_000);
  for (let slot = 0; slot < slotCount; slot += 1) {
    const [was, is] = [outcomeAt(before, slot), outcomeAt(larger, slot)];
    assert.ok(is === was || is === nobody, `slot ${slot} moved from ${was} to ${is}`);
  }
  assert.deepEqual(smaller, before);
});

test('each variant gives the same part of its slots to the holdout', () => {
  const slots = split({ A: 50, B: 30, C: 20 }, 10);
  const open = [0, 1, 2].map((owner) => {
    return slots.owners.filter((it, slot) => it === owner && slots.held[slot] === 0).length;
  });
  assert.deepEqual(open, [4_500, 2_700, 1_800]);
});

test('a change of weights keeps the part of each variant that is held out', () => {
  const after = split({ A: 10, B: 90 }, 10, split({ A: 50, B: 50 }, 10));
  assert.deepEqual(heldOf(after), [100, 900]);
});

test('a new variant takes only what it needs, and a removed one leaves the others alone', () => {
  const two = split({ A: 50, B: 50 });
  const three = split({ A: 45, New: 10, B: 45 }, 0, two);
  assert.equal(movedSlots(two, three), 1_000);
  assert.equal(movedSlots(three, split({ A: 50, B: 50 }, 0, three)), 1_000);
});

test('another order of the variants moves nothing', () => {
  const before = split({ A: 50, B: 30, C: 20 }, 5);
  const after = split({ C: 20, A: 50, B: 30 }, 5, before);
  assert.equal(movedSlots(before, after), 0);
});

test('a group moves as few slots as its shares change, and takes from free slots if it can', () => {
  const before = groupSlots(null, [
    { flowId: 7, share: 40 },
    { flowId: 8, share: 40 },
  ]);
  const added = groupSlots(before, [
    { flowId: 7, share: 40 },
    { flowId: 8, share: 40 },
    { flowId: 9, share: 20 },
  ]);
  assert.equal(movedSlots(before, added), 2_000);
  const grown = groupSlots(before, [
    { flowId: 7, share: 30 },
    { flowId: 8, share: 60 },
  ]);
  assert.equal(movedSlots(before, grown), 2_000);
  const left = groupSlots(before, [{ flowId: 8, share: 40 }]);
  assert.deepEqual(textsOfSlots(left).owners, ['4000-7999']);
});

/** Shares of all 10,000 slots, of 1 to 6 owners of 8. */
const shares = fc
  .record({
    names: fc.shuffledSubarray([...'ABCDEFGH'], { minLength: 1, maxLength: 6 }),
    parts: fc.array(fc.integer({ min: 1, max: 100 }), { minLength: 6, maxLength: 6 }),
  })
  .map(({ names, parts }): Share[] => {
    const whole = parts.slice(0, names.length).reduce((sum, part) => sum + part, 0);
    const sizes = names.map((_, place) => Math.floor(((parts[place] ?? 0) * slotCount) / whole));
    const rest = slotCount - sizes.reduce((sum, size) => sum + size, 0);
    return names.map((name, place) => ({
      name,
      slots: (sizes[place] ?? 0) + (place === 0 ? rest : 0),
    }));
  });
const step = fc.record({ shares, heldOut: fc.integer({ min: 0, max: slotCount }) });

test('whatever the shares, a holdout that grows and shrinks again leaves no trace', () => {
  const size = fc.integer({ min: 0, max: slotCount });
  const equal = [...'ABCD'].map((name) => ({ name, slots: slotCount / 4 }));
  fc.assert(
    fc.property(fc.oneof(shares, fc.constant(equal)), size, size, (wanted, one, other) => {
      const [small, large] = [Math.min(one, other), Math.max(one, other)];
      const before = reassignSlots(undefined, wanted, small);
      const larger = reassignSlots(before, wanted, large);
      assert.deepEqual(larger, reassignSlots(undefined, wanted, large));
      assert.deepEqual(reassignSlots(larger, wanted, small), before);
    }),
    { numRuns: 100 },
  );
});

test('the slots that variants gain have the same part held out for each of them', () => {
  const after = split({ A: 50, B: 30, C: 20 }, 10, split({ A: 100 }, 10));
  assert.deepEqual(heldOf(after), [500, 300, 200]);
});

test('after any changes the shares are exact, the fewest slots moved, and texts say it all', () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 6 }), (steps) => {
      let slots: Slots | undefined;
      for (const { shares: wanted, heldOut } of steps) {
        const before = slots;
        slots = reassignSlots(before, wanted, heldOut);
        assert.deepEqual(reassignSlots(before, wanted, heldOut), slots);
        assert.deepEqual(
          slotCounts(slots),
          wanted.map((share) => share.slots),
        );
        assert.equal(heldCount(slots), heldOut);
        if (before !== undefined) checkMoves(before, slots, wanted);
        const read = parseSlots(slots.names, textsOfSlots(slots));
        assert.ok(!isSlotFault(read));
        assert.deepEqual(read, slots);
      }
    }),
    { numRuns: 300 },
  );
});

/** The fewest owners changed, and the holdout only grew or only shrank. */
function checkMoves(before: Slots, after: Slots, wanted: readonly Share[]): void {
  const counts = slotCounts(before);
  const grown = wanted.reduce((sum, { name, slots }) => {
    return sum + Math.max(0, slots - (counts[before.names.indexOf(name)] ?? 0));
  }, 0);
  let [moved, into, back] = [0, 0, 0];
  for (let slot = 0; slot < slotCount; slot += 1) {
    const owner = before.names[before.owners[slot] ?? nobody];
    moved += Number(owner !== after.names[after.owners[slot] ?? nobody]);
    into += Number(before.held[slot] === 0 && after.held[slot] === 1);
    back += Number(before.held[slot] === 1 && after.held[slot] === 0);
  }
  assert.equal(moved, grown);
  assert.ok(into === 0 || back === 0, `${into} into the holdout and ${back} back`);
}
