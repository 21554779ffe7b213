/** No rule takes long or throws, whatever a contact's values are; nor does the text of a rule. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type RuleText, ruleTextOf } from '../../src/domain/rule/rule-text.ts';
import { checkRule } from '../../src/membership/check/check-rule.ts';
import { parseRule } from '../../src/membership/check/parse-rule.ts';
import { containsText } from '../../src/membership/compile/text-functions.ts';
import { CompiledDefinitions, type Evaluation } from '../../src/membership/compiled-definitions.ts';
import { isTooCostly } from '../../src/membership/rule-work.ts';
import { makeField } from '../lookup/sample-plans.ts';
import { naiveFields } from './naive/naive-contact.ts';
import { randomRules } from './naive/random-rules.ts';
import { RandomSource } from './naive/random-source.ts';
import { RuleTrial } from './rule-trial.ts';

/** Many times what the work of one contact takes on a busy core. */
const maxMs = 1_500;

test('a rule of the largest size over the largest values takes below two seconds', () => {
  const texts = ['a'.repeat(60_000), `${'a'.repeat(20_000)}b${'a'.repeat(20_000)}`];
  const values = {
    ...{ long: texts[0], part: texts[1], mixed: 'aÄ'.repeat(20_000) },
    tags: Array.from({ length: 1_000 }, (_, place) => `${'"\\'.repeat(15)}${place}`),
    day: '0001-01-01',
  };
  const fields = {
    ...({ long: 'text', part: 'text', mixed: 'text', tags: 'set', day: 'date' } as const),
  };
  const repeated = (clause: string, count: number) =>
    Array.from({ length: count }, () => clause).join(' || ');
  for (const rule of [
    repeated('long.contains(part)', 240),
    repeated('(long + "b").contains(part + "c")', 120),
    repeated('size(mixed) == 1', 190),
    repeated('mixed.lowerAscii() == mixed.upperAscii()', 160),
    repeated('"x" in tags', 240),
    repeated('mixed in tags', 240),
    repeated('size(tags) == 1', 190),
    repeated('day + days(1) < day - days(2)', 95),
    repeated('part < long', 240),
    `mixed in [${Array.from({ length: 240 }, () => 'mixed + "a"').join(', ')}]`,
    `long in [${Array.from({ length: 990 }, (_, place) => `"${place}"`).join(', ')}]`,
  ]) {
    const trial = new RuleTrial({ fields, timeZone: 'America/New_York' }, [rule]);
    const evaluation = trial.begin({ values }, Date.parse('2026-03-09T04:00:00Z'));
    const start = performance.now();
    assert.deepEqual(truthsOf(trial, evaluation), [false], rule.slice(0, 60));
    const took = performance.now() - start;
    assert.ok(took < maxMs, `${took.toFixed(0)} ms: ${rule.slice(0, 60)}`);
  }
});

/** False too if the work is more than allowed: then a look-up has no answer. */
function truthsOf(trial: RuleTrial, evaluation: Evaluation): readonly boolean[] {
  try {
    return trial.truths(evaluation);
  } catch (error) {
    assert.ok(isTooCostly(error));
    return [false];
  }
}

test('a search for a long text finds what the engine finds', () => {
  const random = new RandomSource(7);
  const spend = () => undefined;
  const word = (length: number) =>
    Array.from({ length }, () => random.pick(['a', 'b', 'ab'])).join('');
  for (let round = 0; round < 2_000; round += 1) {
    const text = word(300).repeat(20);
    const from = random.below(text.length);
    const part = `${text.slice(from, from + 100)}${random.chance(50) ? word(3) : ''}`;
    assert.ok(text.length * part.length > 200_000 || part.length < 60);
    assert.equal(containsText(text, part, { spend }), text.includes(part));
  }
});

test('a chain of segments is evaluated, or refused because it is too deep', () => {
  const fields = { vip: 'boolean' } as const;
  const chainOf = (count: number) => {
    const rules = Array.from({ length: count }, (_, place) =>
      place === 0 ? 'vip' : `${'!'.repeat(98)}in_segment("s${place - 1}")`,
    );
    return Object.fromEntries(rules.map((rule, place) => [`s${place}`, rule]));
  };
  const trial = new RuleTrial({ fields, segments: chainOf(20) }, ['in_segment("s19")']);
  const evaluation = trial.begin({ values: { vip: true } }, 0);
  assert.deepEqual(trial.truths(evaluation), [true]);
  assert.throws(
    () => new RuleTrial({ fields, segments: chainOf(30) }),
    /nested more than 2100 levels deep/,
  );
});

test('segments that use each other in a ring are false, and their fault is told', () => {
  const vip = { ...makeField(1, 1, 'boolean'), name: 'vip' };
  const ring = (id: number, next: number) => {
    const segment = { kind: 'segment', id: next } as const;
    const parts: RuleText = [{ kind: 'field', id: 1 }, ' || in_segment(', segment, ')'];
    return [id, { id, name: `s${id}`, rule: parts }] as const;
  };
  const compiled = new CompiledDefinitions({
    fields: [vip],
    segments: new Map([ring(1, 2), ring(2, 3), ring(3, 1), ring(4, 1)]),
    lists: new Map(),
    timeZone: 'Z',
  });
  assert.deepEqual(
    compiled.faults.map(({ kind, id }) => `${kind} ${id}`),
    ['segment 1', 'segment 2', 'segment 3', 'segment 4'],
  );
  assert.match(compiled.faults[0]?.problem.detail ?? '', /uses itself/);
  const evaluation = compiled.newEvaluation();
  assert.equal(compiled.segments.get(4)?.condition(evaluation), false);
});

test('a changed text of a rule is a rule or a problem, and never an error', () => {
  const random = new RandomSource(11);
  const fields = Object.fromEntries(
    Object.entries(naiveFields).map(([name, [type]]) => [name, type]),
  );
  const { names } = new RuleTrial({ fields, lists: ['Press'] });
  const signs = [
    ...'()[]{}"\'\\!&|=<>?:.,+-*/%09azue_ \n\u0000\u0301😀',
    'null',
    'now',
    '//',
    '"""',
  ];
  let valid = 0;
  for (let round = 0; round < 4_000; round += 1) {
    const [rule] = randomRules(random, 1).rules;
    let text = rule?.text ?? '';
    for (let change = random.below(4); change > 0; change -= 1) {
      const at = random.below(text.length + 1);
      text = text.slice(0, at) + random.pick(signs) + text.slice(at + random.below(3));
    }
    const parsed = parseRule(text, names);
    if ('problem' in parsed) {
      assert.match(parsed.problem.detail, /^Line [0-9]+, column [0-9]+: [A-Za-z"][\s\S]*[.?)]$/);
      continue;
    }
    const checked = checkRule(parsed.rule, names);
    if ('problem' in checked) continue;
    valid += 1;
    const saved = ruleTextOf(checked.rule, names);
    const again = parseRule(saved, names);
    assert.deepEqual('rule' in again && again.rule, checked.rule, saved);
  }
  assert.ok(valid > 300, `${valid} are valid`);
});
