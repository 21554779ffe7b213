/** The compiled rules say the same as plain functions, for random rules and contacts. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { msOf, naiveFields, timeZones } from './naive/naive-contact.ts';
import { randomContact } from './naive/random-contact.ts';
import { type RandomRules, randomRules } from './naive/random-rules.ts';
import { RandomSource } from './naive/random-source.ts';
import { RuleTrial } from './rule-trial.ts';

const rulesPerTrial = 25;
const contactsPerTrial = 40;
const trials = 100;

function trialOf({ computed, segments, rules }: RandomRules, timeZone: string): RuleTrial {
  const fields = Object.entries(naiveFields).map(([name, [type]]) => [name, type] as const);
  const implied = Object.entries(naiveFields).map(([name, [, value]]) => {
    return [name, JSON.stringify(value)] as const;
  });
  return new RuleTrial(
    {
      fields: Object.fromEntries(fields),
      implied: Object.fromEntries(implied),
      lists: ['press'],
      ...{ computed, segments, timeZone },
    },
    rules.map(({ text }) => text),
  );
}

test('rules and computed fields agree with plain functions in 100,000 cases', (t) => {
  const seed = Number(process.env['USHER_TEST_SEED'] ?? Date.now() % 1_000_000);
  t.diagnostic(`USHER_TEST_SEED=${seed}`);
  const random = new RandomSource(seed);
  let held = 0;
  for (let round = 0; round < trials; round += 1) {
    const rules = randomRules(random, rulesPerTrial);
    const timeZone = random.pick(timeZones);
    const trial = trialOf(rules, timeZone);
    for (let place = 0; place < contactsPerTrial; place += 1) {
      const contact = randomContact(random, timeZone);
      const evaluation = trial.begin(contact, contact.nowMs);
      const truths = trial.truths(evaluation);
      for (const [at, rule] of rules.rules.entries()) {
        const isExpected = rule.value(contact) === true;
        if (isExpected) held += 1;
        assert.equal(truths[at], isExpected, wrong(rules, rule.text, contact));
      }
      for (const [name, { value }] of Object.entries(rules.values)) {
        const found = trial.value(evaluation, name);
        const expected = value(contact);
        // Records know no negative zero.
        const wanted = expected === 0 ? 0 : expected;
        const isDate = rules.computed[name]?.[0] === 'date';
        assert.equal(isDate ? msOf(found, timeZone) : found, wanted, wrong(rules, name, contact));
      }
    }
  }
  const share = held / (trials * contactsPerTrial * rulesPerTrial);
  assert.ok(share > 0.2 && share < 0.8, `${share} of the rules are true`);
});

function wrong({ computed, segments }: RandomRules, rule: string, contact: unknown): string {
  return `${rule}\n${JSON.stringify({ computed, segments, contact }, null, 1)}`;
}
