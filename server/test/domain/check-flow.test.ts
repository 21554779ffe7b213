/** What is refused in experiments and exclusion groups, and in which words. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  experimentFaults,
  type FlowFault,
  globalHoldoutFaults,
  groupFaults,
  liveChangeFaults,
} from '../../src/domain/flow/check-flow.ts';
import type { Experiment, FlowStatus } from '../../src/domain/flow/flow.ts';
import { maxVariants } from '../../src/domain/limits.ts';

function weighted(weights: readonly number[], holdout = 0): Experiment {
  const variants = weights.map((weight, place) => ({ name: `V${place}`, weight }));
  return { holdout, split: { by: 'weight', variants } };
}

const words = (faults: readonly FlowFault[]) =>
  faults.map(({ path, detail }) => `${path} ${detail}`);

test('weights of up to two decimals that sum to 100 are accepted', () => {
  for (const weights of [[100], [50, 50], [33.33, 33.33, 33.34], [0.01, 99.99], [16.1, 83.9]]) {
    assert.deepEqual(experimentFaults(weighted(weights)), [], weights.join('/'));
  }
  assert.deepEqual(experimentFaults(weighted(Array.from({ length: 50 }, () => 2))), []);
});

test('weights that do not sum to 100 are refused with the difference', () => {
  assert.deepEqual(words(experimentFaults(weighted([50, 49.9]))), [
    '/variants The weights sum to 99.9, not to 100: add 0.1 to one or more.',
  ]);
  assert.deepEqual(words(experimentFaults(weighted([50, 50, 0.01]))), [
    '/variants The weights sum to 100.01, not to 100: take 0.01 from one or more.',
  ]);
});

test('a weight that is zero, negative, too precise or no number is refused', () => {
  for (const weight of [0, -1, 33.333, 100.01, Number.NaN, Number.POSITIVE_INFINITY, 1e-9]) {
    assert.deepEqual(words(experimentFaults(weighted([weight, 50]))), [
      '/variants/0/weight Give a percentage from 0.01 to 100 with at most two decimals.',
    ]);
  }
});

test('a holdout is 0 to 100 percent', () => {
  for (const holdout of [0, 12.5, 100]) {
    assert.deepEqual(experimentFaults(weighted([100], holdout)), []);
  }
  for (const holdout of [-0.01, 100.01, 5.001]) {
    assert.deepEqual(words(experimentFaults(weighted([100], holdout))), [
      '/holdout Give a percentage from 0 to 100 with at most two decimals.',
    ]);
  }
});

test('names of variants are plain, not empty, and each is used once', () => {
  const named = (...names: string[]) => {
    const variants = names.map((name) => ({ name, weight: 100 / names.length }));
    return experimentFaults({ holdout: 0, split: { by: 'weight', variants } });
  };
  assert.deepEqual(named('B & A', 'Größe 2'), []);
  for (const name of ['', '<b>', 'A\u202e', ' A', 'A\u0007', 'A\nB', 'x'.repeat(101), '\ud800']) {
    assert.equal(named(name, 'B')[0]?.path, '/variants/0/name', JSON.stringify(name));
  }
  assert.deepEqual(words(named('A', 'A')), [
    '/variants/1/name Two variants are named "A". Give each its own name.',
  ]);
});

test('an experiment has 1 to 50 variants or branches', () => {
  assert.equal(experimentFaults(weighted([]))[0]?.detail, 'Give 1 to 50 variants.');
  const many = Array.from({ length: maxVariants + 1 }, () => 1);
  assert.equal(experimentFaults(weighted(many))[0]?.detail, 'Give 1 to 50 variants.');
  const none: Experiment = { holdout: 0, split: { by: 'rule', branches: [], otherwise: 'A' } };
  assert.deepEqual(words(experimentFaults(none)), ['/branches Give 1 to 50 branches.']);
});

test('a variant of a live flow cannot be renamed or removed, one of a paused flow can', () => {
  const after = (experiment: Experiment | null, status: FlowStatus = 'live') =>
    liveChangeFaults({ status, experiment: weighted([50, 50]) }, { experiment });
  assert.deepEqual(after(weighted([40, 30, 30])), []);
  const [fault] = after(weighted([100]));
  assert.match(fault?.detail ?? '', /answers with "V1".*keep it, or pause the flow first/);
  assert.match(after(null)[0]?.detail ?? '', /"V0", "V1"/);
  const ruled: Experiment = {
    holdout: 0,
    split: { by: 'rule', branches: [{ rule: ['true'], variant: 'V1' }], otherwise: 'V0' },
  };
  assert.deepEqual(after(ruled), []);
  assert.deepEqual(after(null, 'paused'), []);
  assert.deepEqual(after(null, 'draft'), []);
});

test('shares of a group sum to at most 100, and name each flow once', () => {
  const group = (...shares: (readonly [number, number])[]) =>
    words(groupFaults({ salt: 'g', shares: shares.map(([flowId, share]) => ({ flowId, share })) }));
  assert.deepEqual(group([1, 60], [2, 40]), []);
  assert.deepEqual(group([1, 10]), []);
  assert.deepEqual(group([1, 60], [2, 40.5]), [
    '/flows The shares sum to 100.5. They may sum to at most 100: take 0.5 from one or more.',
  ]);
  assert.deepEqual(group([1, 10], [1, 10]), [
    '/flows/1/flow The flow is named twice. Name it once.',
  ]);
  assert.deepEqual(group([3, 0]), [
    '/flows/0/share Give a percentage from 0.01 to 100 with at most two decimals.',
  ]);
  const [many] = groupFaults({
    salt: 'g',
    shares: Array.from({ length: 101 }, (_, flowId) => ({ flowId, share: 0.5 })),
  });
  assert.equal(many?.detail, 'A group has at most 100 flows.');
});

test('a salt that is not plain is refused', () => {
  const [fault] = globalHoldoutFaults({ percent: 5, unit: 0, salt: 'a:b' });
  assert.match(fault?.detail ?? '', /^A salt has 1 to 64 letters/);
  assert.deepEqual(globalHoldoutFaults({ percent: 0, unit: 0, salt: 'all' }), []);
});
