/** Rules that are kept with references by id, and the places in what cannot be saved. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fieldTypes } from '../../src/domain/contact/field.ts';
import { ruleProblem } from '../../src/domain/rule/rule-problem.ts';
import {
  isRuleText,
  type RuleReferenceKind,
  type RuleText,
  referencesOf,
  ruleTextOf,
} from '../../src/domain/rule/rule-text.ts';
import { canFill, ruleTypeOf } from '../../src/domain/rule/rule-type.ts';

const rule: RuleText = [
  { kind: 'field', id: 7 },
  ' > 100.0 && in_segment(',
  { kind: 'segment', id: 2 },
  ') && in_flow(',
  { kind: 'flow', id: 142_309 },
  ') && ',
  { kind: 'field', id: 7 },
  ' < 900.0',
];

function named(names: Readonly<Record<string, string>>) {
  return { nameOf: (kind: RuleReferenceKind, id: number) => names[`${kind} ${id}`] };
}

test('a rule shows the current names, and quotes those of segments', () => {
  assert.equal(
    ruleTextOf(rule, named({ 'field 7': 'total_spend', 'segment 2': 'Buyers "VIP"' })),
    'total_spend > 100.0 && in_segment("Buyers \\"VIP\\"") && in_flow(142309) && total_spend < 900.0',
  );
  assert.match(ruleTextOf(rule, named({ 'field 7': 'spend' })), /^spend > .*"gone_segment_2"/);
});

test('a rule lists what it uses once', () => {
  assert.deepEqual(referencesOf(rule), [
    { kind: 'field', id: 7 },
    { kind: 'segment', id: 2 },
    { kind: 'flow', id: 142_309 },
  ]);
});

test('a rule is told from other JSON', () => {
  assert.ok(isRuleText(JSON.parse(JSON.stringify(rule))));
  for (const other of ['a', null, [1], [{ kind: 'field' }], [{ kind: 'x', id: 1 }], [null], {}]) {
    assert.equal(isRuleText(other), false, JSON.stringify(other));
  }
});

test('a problem says the line and the column in characters, and what to write instead', () => {
  const text = '"😀" == x\n  && 💡spendd';
  const problem = ruleProblem(text, {
    at: text.indexOf('spendd'),
    reason: 'There is no field "spendd".',
    suggestion: 'spend',
  });
  assert.deepEqual(problem, {
    code: 'rule_invalid',
    detail: 'Line 2, column 7: There is no field "spendd". Did you mean spend?',
    members: { line: 2, column: 7, suggestion: 'spend' },
  });
});

test('an expression fills fields of its type, and whole numbers fill every number field', () => {
  const filled = (type: Parameters<typeof canFill>[0]) =>
    fieldTypes.filter((field) => canFill(type, field));
  for (const field of fieldTypes) assert.ok(canFill(ruleTypeOf(field), field));
  assert.deepEqual(filled('integer'), [
    ...(['currency', 'float', 'integer', 'positive integer', 'rate'] as const),
  ]);
  assert.deepEqual(filled('number'), ['currency', 'float', 'rate']);
  assert.deepEqual(filled('text'), ['string', 'text']);
  assert.deepEqual(filled('days'), []);
});
