/** Whether a contact of a flow's segment is in the flow, in which variant, and why not. */
import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { test } from 'node:test';
import type { ExclusionGroup, Experiment, Flow } from '../../src/domain/flow/flow.ts';
import { usualSalt } from '../../src/domain/flow/flow.ts';
import { experimentSlots, groupSlots } from '../../src/domain/flow/flow-slots.ts';
import {
  isHeldOutGlobally,
  type Placement,
  type PlacementContext,
  placeUnit,
  unitOfDigests,
} from '../../src/domain/flow/place-unit.ts';

const halves: Experiment = {
  holdout: 10,
  split: {
    by: 'weight',
    variants: [
      { name: 'A', weight: 50 },
      { name: 'B', weight: 50 },
    ],
  },
};

function flow(id: number, experiment: Experiment | null = halves): Flow {
  return {
    ...{ id, name: `Flow ${id}`, segmentId: 1, status: 'live', kind: 'stream', unit: 0 },
    ...{ salt: usualSalt({ id }), experiment },
    slots: experiment === null ? null : experimentSlots(null, experiment),
  };
}

const people = Array.from({ length: 4_000 }, (_, number) => {
  return hash('sha256', `person ${number}`, 'hex').slice(0, 32);
});

function place(
  it: Flow,
  unit: string | undefined,
  context: Partial<PlacementContext> = {},
): Placement {
  return placeUnit(it, { group: null, globalHoldout: null, unitOf: () => unit, ...context });
}

function share(outcomes: readonly boolean[]): number {
  return outcomes.filter(Boolean).length / outcomes.length;
}

function isNear(measured: number, expected: number): void {
  assert.ok(Math.abs(measured - expected) < 0.025, `${measured} is not near ${expected}`);
}

test('a contact gets the variant that owns its slot, unless the slot is held out', () => {
  const halved = flow(142309);
  const placed = people.map((unit) => place(halved, unit));
  isNear(share(placed.map(({ variant }) => variant === 'A')), 0.45);
  isNear(share(placed.map(({ leftOut }) => leftOut === 'held_out')), 0.1);
  assert.deepEqual(place(halved, 'dd2ea6be8533573365914473928cead5'), {
    ...{ leftOut: null, variant: 'A', holdoutSlot: null, groupSlot: null, slot: 2971 },
  });
});

test('a contact is in at most one flow of an exclusion group', () => {
  const shares = [
    { flowId: 1, share: 30 },
    { flowId: 2, share: 50 },
  ];
  const group: ExclusionGroup = {
    ...{ name: 'Offers', unit: 0, salt: 'offers', shares, slots: groupSlots(null, shares) },
  };
  const flows = [flow(1), flow(2, null)];
  const counts = people.map((unit) => {
    return flows.filter((it) => place(it, unit, { group }).leftOut !== 'excluded').length;
  });
  assert.ok(counts.every((count) => count <= 1));
  isNear(share(counts.map((count) => count === 1)), 0.8);
});

test('a contact in the global holdout is in no flow, and a larger holdout only adds contacts', () => {
  const holdout = (percent: number) => ({ percent, unit: 0, salt: 'everyone' });
  const left = (percent: number) =>
    people.map((unit) => {
      const context = { globalHoldout: holdout(percent) };
      return place(flow(1, null), unit, context).leftOut === 'global_holdout';
    });
  const [few, many] = [left(5), left(15)];
  isNear(share(few), 0.05);
  isNear(share(many), 0.15);
  assert.ok(few.every((isIn, person) => !isIn || many[person] === true));
  assert.ok(isHeldOutGlobally(9_500, holdout(5)) && !isHeldOutGlobally(9_499, holdout(5)));
  assert.equal(share(left(0)), 0);
  assert.equal(share(left(100)), 1);
});

test('a contact without the identity that decides is left out of experiments and groups', () => {
  assert.equal(place(flow(1), undefined).leftOut, 'no_unit');
  assert.equal(place(flow(1, null), undefined).leftOut, null);
  const shares = [{ flowId: 1, share: 100 }];
  const group = { name: 'G', unit: 3, salt: 'g', shares, slots: groupSlots(null, shares) };
  const unitOf = (type: number) => (type === 3 ? undefined : people[0]);
  assert.equal(placeUnit(flow(1), { group, globalHoldout: null, unitOf }).leftOut, 'no_unit');
});

test('branches need a slot only for a holdout', () => {
  const ruled = (holdout: number): Experiment => ({
    holdout,
    split: { by: 'rule', branches: [{ rule: ['true'], variant: 'A' }], otherwise: null },
  });
  assert.equal(place(flow(1, ruled(0)), undefined).leftOut, null);
  assert.equal(place(flow(1, ruled(20)), undefined).leftOut, 'no_unit');
  const fifth = flow(1, ruled(20));
  const placed = people.map((unit) => place(fifth, unit));
  isNear(share(placed.map(({ leftOut }) => leftOut === 'held_out')), 0.2);
  assert.ok(placed.every(({ variant }) => variant === null));
});

test('of several identities of one type the first digest decides, in whatever order', () => {
  assert.equal(unitOfDigests(['b0', 'a1']), 'a1');
  assert.equal(unitOfDigests(['a1', 'b0']), 'a1');
  assert.equal(unitOfDigests([]), undefined);
});
