/**
 * The scenarios of the identity rules hold in the model. `door-scenarios.test.ts` plays them
 * through the product.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ModelTrial } from './identity-trial.ts';
import { joinScenarios } from './join-scenarios.ts';
import { rowScenarios } from './row-scenarios.ts';
import { playScenario, usualSettings } from './scenario.ts';

const scenarios = [...rowScenarios, ...joinScenarios].sort(
  (one, other) => (one.number ?? Infinity) - (other.number ?? Infinity),
);

for (const scenario of scenarios) {
  const { number, name, settings = usualSettings } = scenario;
  test(number === undefined ? name : `${number}: ${name}`, async () => {
    await playScenario(scenario, new ModelTrial(settings));
  });
}

test('each scenario of the table of the rules is here once', () => {
  const numbers = scenarios.map(({ number }) => number).filter((it) => it !== undefined);
  assert.deepEqual(
    numbers,
    Array.from({ length: 39 }, (_, at) => at + 1),
  );
});
