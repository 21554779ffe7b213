/** Rules that are compiled together: kept for a revision, explained by clause, and left out. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { OrganizationState } from '../../src/domain/catalog-state.ts';
import type { Flow } from '../../src/domain/flow/flow.ts';
import { type RuleText, ruleTextOf } from '../../src/domain/rule/rule-text.ts';
import {
  CompiledDefinitions,
  compiledDefinitionsOf,
} from '../../src/membership/compiled-definitions.ts';
import { makeField, stateOf } from '../lookup/sample-plans.ts';
import { RuleTrial } from './rule-trial.ts';

const nowMs = Date.parse('2026-03-30T10:00:00Z');
const spend = { kind: 'field', id: 1 } as const;

test('rules are compiled once for each revision of the definitions', () => {
  const state = stateOf([makeField(1, 1, 'float')]);
  const segment = { id: 1, name: 'a', description: null, rule: [spend, ' > 1.0'] };
  const flow: Flow = {
    ...{ id: 7, name: 'f', segmentId: 1, status: 'live', kind: 'stream', unit: 0, salt: '7' },
    ...{ experiment: null, slots: null },
  };
  const definitions = {
    ...state.definitions,
    segments: new Map([[1, segment]]),
    flows: new Map([[7, flow]]),
  };
  const before: OrganizationState = { ...state, definitions };
  const compiled = compiledDefinitionsOf(before);
  assert.deepEqual(compiled.faults, []);
  assert.deepEqual([...compiled.segments.keys(), ...compiled.flows.keys()], [1, 7]);
  // Another token, for example, makes another state with the same definitions.
  assert.equal(compiledDefinitionsOf({ ...before, revision: 2 }), compiled);
  const after = { ...before, definitions: { ...definitions, revision: 2 } };
  assert.notEqual(compiledDefinitionsOf(after), compiled);
});

test('a rule that stays is checked again if what it names has changed', () => {
  const rule: RuleText = [spend, ' > 1.0 && in_list(', { kind: 'list', id: 5 }, ')'];
  const segments = new Map([[1, { id: 1, name: 'a', rule }]]);
  const compiledWith = (type: 'float' | 'rate' | 'string', lists: ReadonlyMap<number, string>) =>
    new CompiledDefinitions({ fields: [makeField(1, 1, type)], segments, lists, timeZone: 'Z' });
  const list = new Map([[5, 'buyers']]);
  assert.equal(compiledWith('float', list).faults.length, 0);
  assert.equal(compiledWith('float', new Map()).faults.length, 1);
  assert.equal(compiledWith('string', list).faults.length, 1);
  assert.equal(compiledWith('rate', list).faults.length, 0);
  const [input] = compiledWith('rate', new Map([[5, 'renamed']])).inputs;
  assert.equal(input?.field.type, 'rate');
});

test('records stay apart however many were evaluated before', () => {
  const trial = new RuleTrial({ fields: { spend: 'float' } }, ['spend > 1.0']);
  const one = trial.begin({ values: { spend: 5 } }, nowMs);
  for (let record = 0; record < 4; record += 1) {
    const isMember = record % 2 === 0;
    one.stamp = record === 1 ? 0x3fff_fffa : one.stamp;
    const evaluation = trial.begin({ values: { spend: isMember ? 5 : 0 } }, nowMs);
    assert.ok(evaluation.stamp < 0x3fff_ffff);
    assert.deepEqual(trial.truths(evaluation), [isMember]);
    assert.deepEqual(trial.truths(evaluation), [isMember]);
  }
});

test('the clauses of a rule have their texts, their truths and the fields that they read', () => {
  const fields = { spend: 'float', state: 'string', vip: 'boolean' } as const;
  const trial = new RuleTrial({ fields }, [
    'spend > 1.0 && (vip || state == "NY") // all\n && state in ["NY"]',
    'vip || spend > 1.0',
  ]);
  const evaluation = trial.begin({ values: { spend: 5, state: 'NJ', vip: true } }, nowMs);
  const told = trial.compiled.rules.map(({ clauses }) =>
    clauses.map(({ text, condition, fieldIds }) => [
      ruleTextOf(text, trial.names),
      condition(evaluation),
      fieldIds,
    ]),
  );
  assert.deepEqual(told, [
    [
      ['spend > 1.0', true, [1]],
      ['vip || state == "NY"', true, [3, 2]],
      ['state in ["NY"]', false, [2]],
    ],
    [['vip || spend > 1.0', true, [3, 1]]],
  ]);
});

test('the text of a clause has all of its brackets, and none of its neighbours', () => {
  const fields = { a: 'boolean', b: 'boolean', s: 'string', n: 'integer' } as const;
  const clausesOf = (text: string) => {
    const trial = new RuleTrial({ fields }, [text]);
    return trial.compiled.rules[0]?.clauses.map((it) => ruleTextOf(it.text, trial.names));
  };
  assert.deepEqual(clausesOf('(a || b) == a && !(a || b)'), ['(a || b) == a', '!(a || b)']);
  assert.deepEqual(clausesOf('((a && b) && (s in ["x"]))'), ['a', 'b', 's in ["x"]']);
  assert.deepEqual(clausesOf('b && (s + ")").contains("(")'), ['b', '(s + ")").contains("(")']);
  assert.deepEqual(clausesOf('( // one (\n n + 1) * (n) > 2 && a'), [
    '( // one (\n n + 1) * (n) > 2',
    'a',
  ]);
});

test('a rule whose field is gone or has another type is false, and the rest is evaluated', () => {
  const gone: RuleText = [{ kind: 'field', id: 9 }, ' > 1.0'];
  const typed: RuleText = [spend, ' == "NY"'];
  const compiled = new CompiledDefinitions({
    fields: [
      makeField(1, 1, 'float'),
      { ...makeField(2, 0, 'float'), rule: [{ kind: 'field', id: 9 }] },
      { ...makeField(3, 0, 'integer'), rule: [spend] },
    ],
    segments: new Map(
      [gone, typed, [spend, ' == 0.0'], [{ kind: 'field', id: 2 }, ' == 0.0']].map(
        (rule, place) => {
          return [place + 1, { id: place + 1, name: `s${place}`, rule: rule as RuleText }] as const;
        },
      ),
    ),
    lists: new Map(),
    timeZone: 'Z',
  });
  assert.deepEqual(
    compiled.faults.map(({ kind, id }) => `${kind} ${id}`),
    ['field 2', 'field 3', 'segment 1', 'segment 2'],
  );
  const evaluation = compiled.newEvaluation();
  const places = { starts: new Uint32Array(4), ends: new Uint32Array(4), base: 0, nowMs };
  const record = { bytes: Buffer.alloc(64), memberships: undefined, withheld: undefined };
  evaluation.begin({ ...record, ...places });
  const truths = [...compiled.segments.values()].map(({ condition }) => condition(evaluation));
  assert.deepEqual(truths, [false, false, true, false]);
});

test('computed fields keep days, amounts and texts in the form of their types', () => {
  const trial = new RuleTrial({
    fields: { seen: 'date', spend: 'currency', state: 'string', tags: 'set', card: 'big integer' },
    computed: {
      next: ['date', 'seen + days(1)'],
      later: ['date', 'seen + duration("24h")'],
      net: ['currency', 'spend - 12.1'],
      label: ['string', '" " + state + " ü "'],
      blank: ['string', 'state.trim() + " " == "x " ? null : "  "'],
      all: ['set', 'coalesce(tags, tags)'],
      whole: ['positive integer', 'int(spend) - 300'],
      digits: ['big integer', 'coalesce(card, 5)'],
      yes: ['boolean', 'spend > 1'],
    },
    timeZone: 'America/New_York',
  });
  const valuesOf = (seen: string) => {
    const values = { seen, spend: 241.56, state: 'a "b"', tags: ['ä', 'b'], card: '12' };
    const evaluation = trial.begin({ values }, nowMs);
    return [...trial.compiled.computed.values()].map(({ readJson }) => readJson(evaluation));
  };
  assert.deepEqual(valuesOf('2026-03-07'), [
    ...['"2026-03-08"', '"2026-03-08T05:00:00Z"', '229.46', '"a \\"b\\" ü"', null],
    ...['["ä","b"]', null, '"12"', 'true'],
  ]);
  assert.deepEqual(valuesOf('2026-03-07T12:00:00Z').slice(0, 2), [
    ...['"2026-03-08T11:00:00Z"', '"2026-03-08T12:00:00Z"'],
  ]);
});

test('a day that has no midnight is a day of the calendar', () => {
  const trial = new RuleTrial(
    {
      fields: { seen: 'date' },
      computed: { next: ['date', 'seen + days(1)'] },
      timeZone: 'America/Sao_Paulo',
    },
    ['seen == timestamp("2018-11-04T03:00:00Z")', 'seen + days(1) == date("2018-11-05")'],
  );
  const evaluation = trial.begin({ values: { seen: '2018-11-04' } }, nowMs);
  assert.deepEqual(trial.truths(evaluation), [true, true]);
  assert.equal(trial.value(evaluation, 'next'), '2018-11-05');
});

test('what the years 1 to 9999 do not contain is null', () => {
  const trial = new RuleTrial(
    {
      fields: { seen: 'date' },
      computed: { next: ['date', 'seen + days(1)'], last: ['date', 'seen - days(1)'] },
      timeZone: 'Pacific/Apia',
    },
    ['seen < now || seen > now', 'seen + duration("48h") > now'],
  );
  for (const seen of ['0001-01-01', '9999-12-31', '9999-12-31T22:00:00Z']) {
    const evaluation = trial.begin({ values: { seen } }, nowMs);
    assert.deepEqual(trial.truths(evaluation), [true, false], seen);
    const isFirst = seen.startsWith('0001');
    assert.equal(trial.value(evaluation, isFirst ? 'last' : 'next'), null, seen);
  }
});
