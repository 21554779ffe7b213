/** The filter of many rules finds exactly the rules that are true one by one. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RuleFilter } from '../../src/membership/compile/rule-filter.ts';
import type { Evaluation } from '../../src/membership/compiled-definitions.ts';
import { MemberSegments } from '../../src/membership/member-segments.ts';
import { RandomSource } from './naive/random-source.ts';
import { RuleTrial, type TrialContact } from './rule-trial.ts';

const fields = {
  state: 'string',
  orders: 'integer',
  spend: 'currency',
  vip: 'boolean',
  seen: 'date',
  card: 'big integer',
  tags: 'set',
} as const;
const implied = { orders: '0', spend: 'null', state: 'null', seen: 'null' };

const dayMs = 86_400_000;
const startMs = Date.parse('2026-03-01T12:00:00Z');
/** A day before, at and after the moment at which the clock changes, and an hour later. */
const moments = [-1, 7, 7.5, 8, 8 + 1 / 24, 240].map((days) => startMs + days * dayMs);

const states = ['NY', 'NJ', 'CA', 'Ü"\\', 'NY ', ''];
const numbers = ['0', '-0', '1', '2', '2.5', '-3', '1e21', '9007199254740991', '0.1'];

function clause(random: RandomSource, times: readonly string[]): string {
  const sign = random.pick(['<', '<=', '>', '>=', '==', '!=']);
  const text = () => JSON.stringify(random.pick(states));
  const whole = () => random.pick(['0', '1', '2', '3', '-3', '100']);
  const time = () => random.pick(times);
  switch (random.pick(['text', 'texts', 'whole', 'list', 'amount', 'flag', 'time', 'other'])) {
    case 'text':
      return `state ${random.pick(['==', '!=', '<', '>='])} ${text()}`;
    case 'texts':
      return `state in [${text()}, ${text()}]`;
    case 'whole':
      return `orders ${sign} ${whole()}`;
    case 'list':
      return `!(orders in [${whole()}, ${whole()}])`;
    case 'amount':
      return `spend ${sign} ${random.pick(['0.0', '2.5', '0.1', '1000.0'])}`;
    case 'flag':
      return random.pick(['vip', '!vip', 'vip == false', 'has(orders)', 'card == 5']);
    case 'time':
      return `seen ${sign} ${time()}`;
    default:
      return random.pick([
        `"a" in tags`,
        `orders < 2 || orders > 5`,
        'spend > orders',
        'state == "NY" || vip',
      ]);
  }
}

const times = [
  'now',
  'now - days(1)',
  'now - days(7)',
  'now - days(30)',
  'now + days(1)',
  'date("2026-03-08")',
  'timestamp("2026-03-08T12:00:00Z")',
];

/** Equal to another one; or out of range: then the filter cannot decide clauses about the field. */
const oddTimes = ['now - duration("24h")', 'now - days(9999999)'];

function ruleOf(random: RandomSource, times: readonly string[]): string {
  const count = random.pick([1, 1, 2, 3, 4]);
  return Array.from({ length: count }, () => `(${clause(random, times)})`).join(' && ');
}

function contactOf(random: RandomSource): TrialContact {
  const values = {
    state: random.pick([null, ...states.filter((text) => text.trim() === text && text !== '')]),
    orders: random.pick([null, 0, 1, 2, 3, -3, 100]),
    spend: random.pick([null, ...numbers.map(Number)]),
    vip: random.pick([null, true, false]),
    seen: random.pick([
      ...[null, '2026-03-08', '2026-03-07', '2026-02-06', '2026-03-08T12:00:00Z'],
      ...['2026-03-01T12:00:00Z', '2026-03-09T11:00:00Z', '2025-12-31T23:59:59.999Z'],
    ]),
    card: random.pick([null, '5', '50']),
    tags: random.pick([null, ['a'], ['b', 'a'], []]),
  };
  const names = Object.keys(fields);
  const withheld = random.pick([undefined, undefined, [random.pick(names), random.pick(names)]]);
  return withheld === undefined ? { values } : { values, withheld };
}

function found(filter: RuleFilter, evaluation: Evaluation): number[] {
  const places: number[] = [];
  filter.find(evaluation);
  for (let place = filter.next(); place >= 0; place = filter.next()) {
    if (filter.isTrue(place, evaluation)) places.push(place);
  }
  return places;
}

function placesOfTrue(truths: readonly boolean[]): number[] {
  return truths.flatMap((isTrue, place) => (isTrue ? [place] : []));
}

test('the filter finds the rules that are true, for any values, times and zones', (t) => {
  const seed = Number(process.env['USHER_TEST_SEED'] ?? Date.now() % 1_000_000);
  t.diagnostic(`USHER_TEST_SEED=${seed}`);
  const random = new RandomSource(seed);
  for (let round = 0; round < 40; round += 1) {
    const used = round % 4 === 0 ? [...times, ...oddTimes] : times;
    const count = random.pick([1, 31, 32, 33, 70]);
    const rules = Array.from({ length: count }, () => ruleOf(random, used));
    const timeZone = random.pick(['Z', 'America/New_York', 'Pacific/Apia']);
    const trial = new RuleTrial({ fields, implied, timeZone }, rules);
    const filter = new RuleFilter(trial.compiled.rules);
    for (const nowMs of moments) {
      for (let place = 0; place < 8; place += 1) {
        const contact = contactOf(random);
        const wanted = placesOfTrue(trial.truths(trial.begin(contact, nowMs)));
        const places = found(filter, trial.begin(contact, nowMs));
        const context = { rules, timeZone, nowMs, contact };
        assert.deepEqual(places, wanted, JSON.stringify(context, null, 1));
      }
    }
  }
});

test('a field with more constants than a column holds is still compared with all of them', () => {
  const rules = Array.from({ length: 400 }, (_, place) => `orders >= ${place} && vip`);
  const trial = new RuleTrial({ fields, implied }, rules);
  const filter = new RuleFilter(trial.compiled.rules);
  for (const orders of [-1, 0, 1, 127, 254, 255, 256, 257, 399, 400, null]) {
    const places = found(filter, trial.begin({ values: { orders, vip: true } }, startMs));
    assert.equal(places.length, Math.min(400, (orders ?? 0) + 1), String(orders));
    assert.deepEqual(found(filter, trial.begin({ values: { orders } }, startMs)), []);
  }
});

test('a time that equals a constant date for a moment, and passes it, changes no truth', () => {
  const noon = 'timestamp("2026-03-01T12:00:00Z")';
  const rules = [
    ...['seen < now', `seen < ${noon}`, 'seen >= now', `!(seen >= ${noon} && seen < now)`],
    ...['seen >= now - days(1)', 'seen < now - duration("24h")'],
  ];
  const trial = new RuleTrial({ fields, implied }, rules);
  for (const shifts of [
    [-1, 0, 1, 0, 5],
    [0, 1, 0, -1],
    [0, -1, 1],
  ]) {
    const filter = new RuleFilter(trial.compiled.rules);
    for (const shift of shifts) {
      for (const seen of [
        '2026-03-01T11:59:59.999Z',
        '2026-03-01T12:00:00Z',
        '2026-03-01T12:00:00.001Z',
      ]) {
        const contact = { values: { seen } };
        const wanted = placesOfTrue(trial.truths(trial.begin(contact, startMs + shift)));
        assert.deepEqual(
          found(filter, trial.begin(contact, startMs + shift)),
          wanted,
          `${seen} ${shift} of ${shifts}`,
        );
      }
    }
  }
});

test('the work of a segment counts once, though the filter and another rule ask for it', () => {
  const long = { state: 'a'.repeat(10_000), orders: 1 };
  const costly = 'orders >= 0 && !state.contains("b") && !state.contains("c")';
  const workOf = (segments: Readonly<Record<string, string>>) => {
    const trial = new RuleTrial({ fields, implied, segments });
    const { segments: compiled } = trial.compiled;
    const members = new MemberSegments([...compiled.keys()], compiled);
    const evaluation = trial.begin({ values: long }, startMs);
    const before = evaluation.workLeft;
    members.find(evaluation);
    assert.equal(members.count, compiled.size);
    return before - evaluation.workLeft;
  };
  const own = workOf({ costly });
  assert.ok(own > 0);
  const both = workOf({ costly, user: 'orders > 0 && in_segment("costly")' });
  const turned = workOf({
    costly,
    user: 'in_segment("costly") && orders > 0',
    other: 'vip == false',
  });
  assert.ok(both < 1.1 * own && turned < 1.1 * own, `${own}, ${both}, ${turned}`);
});
