/** Slots as text: which texts are refused, and in which words. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Experiment } from '../../src/domain/flow/flow.ts';
import {
  experimentSlots,
  readExperimentSlots,
  readGroupSlots,
} from '../../src/domain/flow/flow-slots.ts';
import {
  isSlotFault,
  maxRangesLength,
  parseSlots,
  textsOfSlots,
} from '../../src/domain/flow/slot-text.ts';
import { nobody } from '../../src/domain/flow/slots.ts';

function fault(owners: readonly string[], heldOut = ''): string {
  const parsed = parseSlots(['A', 'B'], { owners, heldOut });
  assert.ok(isSlotFault(parsed));
  return `${parsed.place}: ${parsed.detail}`;
}

test('ranges and single slots are read, and written as they were', () => {
  const texts = { owners: ['0-4499, 9999', '5000, 7000-7099'], heldOut: '0, 7050-7099' };
  const slots = parseSlots(['A', 'B'], texts);
  assert.ok(!isSlotFault(slots));
  assert.deepEqual([slots.owners[9_999], slots.owners[5_000], slots.owners[5_001]], [0, 1, nobody]);
  assert.deepEqual(textsOfSlots(slots), texts);
});

test('a text that is not slots is refused with its place', () => {
  const shape = 'is not a range of slots. Write ranges such as "0-4499, 5000".';
  assert.equal(fault(['0-10, x', '']), `0: Range 2 ${shape}`);
  assert.equal(fault(['', '0-10000']), `1: Range 1 ${shape}`);
  assert.equal(fault(['-1', '']), `0: Range 1 ${shape}`);
  const order = 'Write the ranges from 0 to 9999, each slot once.';
  assert.equal(fault(['5-4', '']), `0: Range 1 is not in ascending order. ${order}`);
  assert.equal(fault(['0-10, 10-20', '']), `0: Range 2 is not in ascending order. ${order}`);
  assert.equal(
    fault(['0-10', '10-20']),
    '1: Slot 10 also belongs to "A". Give each slot one owner.',
  );
  assert.equal(
    fault(['0-10', '11-20'], '5, 30'),
    'heldOut: Slot 30 belongs to nobody, so it cannot be held out. Remove it.',
  );
});

test('a text that is longer than all slots together is refused before it is read', () => {
  const text = '0,'.repeat(maxRangesLength / 2 + 1);
  assert.equal(fault([text, '']), `0: Give at most ${maxRangesLength} characters.`);
  const all = Array.from({ length: 10_000 }, (_, slot) => slot).join(', ');
  assert.ok(!isSlotFault(parseSlots(['A'], { owners: [all], heldOut: '' })));
});

test('slots whose number does not fit the percentages are refused', () => {
  const experiment: Experiment = {
    holdout: 10,
    split: {
      by: 'weight',
      variants: [
        { name: 'A', weight: 60 },
        { name: 'B', weight: 40 },
      ],
    },
  };
  const read = (owners: readonly string[], heldOut: string) => {
    const slots = readExperimentSlots(experiment, { owners, heldOut });
    return isSlotFault(slots) ? `${slots.place}: ${slots.detail}` : textsOfSlots(slots);
  };
  const texts = textsOfSlots(experimentSlots(null, experiment));
  assert.deepEqual(read(texts.owners, texts.heldOut), texts);
  const advice = 'Correct one of them, or leave out all slots.';
  assert.equal(
    read(['0-4999', '5000-9999'], texts.heldOut),
    `0: These are 5000 slots, but the percentage needs 6000. ${advice}`,
  );
  assert.equal(
    read(texts.owners, ''),
    `heldOut: These are 0 slots, but the percentage needs 1000. ${advice}`,
  );
  const group = readGroupSlots([{ flowId: 7, share: 1 }], ['5-103']);
  assert.deepEqual(group, {
    place: 0,
    detail: `These are 99 slots, but the percentage needs 100. ${advice}`,
  });
  assert.ok(!isSlotFault(readGroupSlots([{ flowId: 7, share: 1 }], ['5-104'])));
});
