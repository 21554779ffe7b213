/** Rules that are read from text: names to ids, types, and what is refused with which words. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type RuleText, ruleTextOf } from '../../src/domain/rule/rule-text.ts';
import { checkRule } from '../../src/membership/check/check-rule.ts';
import { parseRule } from '../../src/membership/check/parse-rule.ts';
import { sampleNames } from './rule-samples.ts';

/** The saved text with its type, or the problem. */
function read(text: string, context = sampleNames): string {
  const parsed = parseRule(text, context);
  if ('problem' in parsed) return parsed.problem.detail;
  const checked = checkRule(parsed.rule, context);
  if ('problem' in checked) return checked.problem.detail;
  return `${checked.type}: ${ruleTextOf(checked.rule, context)}`;
}

test('a valid rule is saved as it was written, and has a type', () => {
  for (const [type, text] of [
    ['boolean', 'total_spend > 1000.0 && in_segment("Buyers") && in_flow(142309)'],
    ['boolean', 'state in ["NY", "NJ"] || "gold" in tags || !has(state)'],
    ['boolean', 'loyalty > 123456789012345678901234567890'],
    ['boolean', '-5 < loyalty'],
    ['boolean', 'state == "\\u009bNew\u00a0York"'],
    ['boolean', 'last_purchase < now - days(90) // not for three months\n && vip'],
    ['boolean', 'now - last_purchase > duration("1h30m")'],
    ['boolean', 'received_campaign("spring", days(30)) && in_variant(142309, "A")'],
    ['boolean', 'in_variant(777, "whatever other tools report")'],
    ['boolean', 'in_list("Press \\"A\\"") && state.size() == 2 && state.trim().startsWith("N")'],
    ['boolean', 'last_purchase in [date("2024-02-29"), timestamp("2024-05-01T10:00:00+02:00")]'],
    ['boolean', 'vip == true'],
    ['text', 'total_spend > 1000.0 ? "gold" : "basic"'],
    ['text', 'vip ? state : null'],
    ['text', 'coalesce(state, string(orders)) + "!"'],
    ['number', 'total_spend - discount * 2.0'],
    ['integer', 'orders / 2 % 3 + round(total_spend) + int(loyalty)'],
    ['date', 'last_purchase + days(3) + duration("2h")'],
    ['set', 'coalesce(tags, tags)'],
  ] as const) {
    assert.equal(read(text), `${type}: ${text}`);
  }
});

test('an integer literal beside a number with decimals gets decimals when it is saved', () => {
  for (const [text, saved] of [
    ['total_spend > 1000', 'total_spend > 1000.0'],
    ['-5 < discount', '-5.0 < discount'],
    ['total_spend in [1, 2.5, 0x10]', 'total_spend in [1.0, 2.5, 16.0]'],
    ['coalesce(total_spend, 0) * 2 > orders + 1', 'coalesce(total_spend, 0.0) * 2.0 > orders + 1'],
    ['(vip ? 1 : total_spend) > 7', '(vip ? 1.0 : total_spend) > 7.0'],
    ['orders > 1000', 'orders > 1000'],
  ] as const) {
    assert.equal(read(text), `boolean: ${saved}`);
    assert.equal(read(saved), `boolean: ${saved}`, 'and is saved unchanged the next time');
  }
});

/** A rule, and its problem after `Line`. */
const refused: readonly (readonly [text: string, problem: string])[] = [
  ['', '1, column 1: The rule is empty.'],
  ['total_spnd > 1', '1, column 1: There is no field "total_spnd". Did you mean total_spend?'],
  ['in_segment("Buyer")', '1, column 12: There is no segment "Buyer". Did you mean "Buyers"?'],
  ['in_list("Buyers")', '1, column 9: There is no list "Buyers".'],
  ['TOTAL_SPEND > 1', '1, column 1: There is no field "TOTAL_SPEND". Did you mean total_spend?'],
  [
    'state == Boston',
    '1, column 10: There is no field "Boston". If it is a text, write it in quotes.',
  ],
  ['NOT vip', '1, column 5: Unexpected "vip" after "NOT". Did you mean !?'],
  ['state == \u201cNY\u201d', '1, column 10: Unexpected "\u201c". Did you mean "?'],
  [
    'state in ("NY", "NJ")',
    '1, column 15: A list of values stands in square brackets. Did you mean in [...]?',
  ],
  ['total_spend > 1,000', '1, column 16: Unexpected ",". A number has no commas.'],
  [
    'last_purchase > 2024-05-01',
    '1, column 17: A date and a whole number cannot be compared or combined. Did you mean date("2024-05-01")?',
  ],
  ['total_spend = 1', '1, column 13: Unexpected "=". Did you mean ==?'],
  ['orders <> 1', '1, column 9: Unexpected "<>". Did you mean !=?'],
  ['orders=>1', '1, column 7: Unexpected "=>". Did you mean >=?'],
  ['orders =< 1', '1, column 8: Unexpected "=<". Did you mean <=?'],
  ['orders =! 1', '1, column 8: Unexpected "=!". Did you mean !=?'],
  ['orders ≥ 1', '1, column 8: Unexpected "≥". Did you mean >=?'],
  ['orders = 1', '1, column 8: Unexpected "=". Did you mean ==?'],
  ['vip\n  and vip', '2, column 3: Unexpected "and". Did you mean &&?'],
  ['total_spend >', '1, column 14: The rule ends, but a value is missing.'],
  ['(total_spend', '1, column 13: The rule ends, but ")" is missing.'],
  ['state == "NY', '1, column 10: The text that begins here has no closing quote.'],
  [
    'state == null',
    '1, column 1: A rule does not compare with null: has(FIELD) says whether there is a value. Did you mean !has(state)?',
  ],
  [
    'null != state',
    '1, column 9: A rule does not compare with null: has(FIELD) says whether there is a value. Did you mean has(state)?',
  ],
  [
    '\ufeffvip',
    '1, column 1: The character U+FEFF (a byte order mark) is not allowed. Delete it. Inside a text in quotes, write \\ufeff.',
  ],
  [
    'vip\u00a0&& vip',
    '1, column 4: The character U+00A0 (a no-break space) is not allowed. Write a usual space, or delete it.',
  ],
  [
    'state == "\u009b"',
    '1, column 11: The character U+009B (a control character) is not allowed. Delete it. Inside a text in quotes, write \\u009b.',
  ],
  [
    'vip // \u202e',
    '1, column 8: The character U+202E (a sign that changes the direction of text) is not allowed. Delete it. Inside a text in quotes, write \\u202e.',
  ],
  ['vip == TRUE', '1, column 8: There is no field "TRUE". Did you mean true?'],
  ['state is null', '1, column 7: Unexpected "is". Did you mean !has(state)?'],
  ['state IS NOT NULL', '1, column 7: Unexpected "is not". Did you mean has(state)?'],
  ['state is "NY"', '1, column 7: Unexpected "is". Did you mean ==?'],
  ['state not in ["NY"]', '1, column 7: Unexpected "not". Did you mean !(state in ["NY"])?'],
  ['state like "N%"', '1, column 7: Unexpected "like". Did you mean state.contains("...")?'],
  ['state in [null]', '1, column 11: A list contains no null. Use has(FIELD).'],
  [
    'state == 5',
    '1, column 10: A text and a whole number cannot be compared or combined. Did you mean "5"?',
  ],
  [
    'orders == "5"',
    '1, column 11: A whole number and a text cannot be compared or combined. Did you mean 5?',
  ],
  [
    'last_purchase > "2024-05-01"',
    '1, column 17: A date and a text cannot be compared or combined. Did you mean date("2024-05-01")?',
  ],
  [
    'last_purchase < now - 90',
    '1, column 23: A date - a whole number is not possible. Did you mean days(90)?',
  ],
  [
    'last_purchase < days(90)',
    '1, column 17: A date and a number of days cannot be compared or combined. Did you mean now - days(90)?',
  ],
  [
    'days(90) > last_purchase',
    '1, column 1: A number of days and a date cannot be compared or combined. Did you mean now - days(90)?',
  ],
  ['date("2024-02-30") < now', '1, column 1: The day is a day that its month does not have.'],
  [
    'now - last_purchase > duration("30d")',
    '1, column 23: duration takes hours, minutes and seconds: "1h30m". Did you mean days(30)?',
  ],
  ['tags.contains("a")', '1, column 1: This is a set. Did you mean "VALUE" in FIELD?'],
  [
    '"a" in state',
    '1, column 8: This is a text, not a list or a set. Did you mean FIELD.contains("VALUE")?',
  ],
  [
    'state && vip',
    '1, column 1: This is a text, but true or false is needed. Did you mean has(state)?',
  ],
  ['vip > true', '1, column 1: true and false have no order. Use == or !=.'],
  [
    'hidden > 1.0',
    '1, column 1: Rules may not use the field "hidden". Set its flag first: usher field set hidden --condition on',
  ],
  [
    'loyalty + 1 > 2',
    '1, column 1: A big integer cannot be calculated with. Did you mean int(FIELD) or double(FIELD)?',
  ],
  [
    'orders > 99999999999999999999',
    '1, column 10: This number has more digits than the value beside it can have.',
  ],
  [
    'state.matches("(a+)+$")',
    '1, column 6: A rule has no regular expressions. Use startsWith, endsWith or contains.',
  ],
  ['tags.exists(t, t == "a")', '1, column 5: A rule has no loops, such as "exists".'],
  [
    'coalesc(state, "a") == "a"',
    '1, column 1: There is no function "coalesc". Did you mean coalesce?',
  ],
  [
    'tags[0] == "a"',
    '1, column 1: A rule has no access by index. For a set, use "VALUE" in FIELD.',
  ],
  ['{"a": 1} == 2', '1, column 1: A rule has no maps.'],
  ['state.length > 2', '1, column 1: A field has no members. Give the name of the field alone.'],
  ['orders == 5u', '1, column 11: A rule has no unsigned numbers. Write the number without the u.'],
  ['if == 1', '1, column 1: The word "if" is reserved, so a rule cannot use it.'],
  [
    'in_variant(142309, "a")',
    '1, column 20: The flow 142309 has no variant "a". It has "A", "B", "Voucher". Did you mean "A"?',
  ],
  [
    'vip && in_variant(142309, "Vuocher")',
    '1, column 27: The flow 142309 has no variant "Vuocher". It has "A", "B", "Voucher". Did you mean "Voucher"?',
  ],
  [
    'in_variant(142309, "C")',
    '1, column 20: The flow 142309 has no variant "C". It has "A", "B", "Voucher".',
  ],
  ['in_variant(7, "A")', '1, column 15: The flow 7 has no variants. Did you mean in_flow(7)?'],
  [
    'in_flow("Spring mail")',
    '1, column 9: Rules name flows by their ids. The flow "Spring mail" has the id 142309. Did you mean 142309?',
  ],
  [
    'in_variant("Sprng mail", "A")',
    '1, column 12: Rules name flows by their ids. The flow "Spring mail" has the id 142309. Did you mean 142309?',
  ],
  ['in_flow("Autumn")', '1, column 9: Rules name flows by their ids. There is no flow "Autumn".'],
  ['in_flow("142309")', '1, column 9: The id of a flow has no quotes. Did you mean 142309?'],
  [
    'in_variant(142309)',
    '1, column 1: in_variant takes a flow and a variant. Did you mean in_variant(142309, "A")?',
  ],
  [
    'in_segment(state)',
    '1, column 1: in_segment takes one name in quotes. Did you mean in_segment("NAME")?',
  ],
  ['has("state")', '1, column 1: has takes the name of one field. Did you mean has(FIELD)?'],
];

test('a rule that is not valid is refused with its place and what to write instead', () => {
  for (const [text, problem] of refused) assert.equal(read(text), `Line ${problem}`);
});

test('a rule keeps its meaning when a field gets a name that rules reserve', () => {
  const parsed = parseRule('vip && orders > 3', sampleNames);
  const rule = 'rule' in parsed ? parsed.rule : [];
  const renamed = {
    ...sampleNames,
    nameOf: (kind: 'field' | 'segment' | 'list' | 'flow', id: number) =>
      id === 4 ? 'while' : sampleNames.nameOf(kind, id),
  };
  const checked = checkRule(rule, renamed);
  assert.ok('type' in checked);
  assert.deepEqual(checked.inputs, [4, 3]);
  assert.equal(ruleTextOf(checked.rule, renamed), 'while && orders > 3');
});

test('a problem of a stored rule names the place in the text with current names', () => {
  const rule: RuleText = [{ kind: 'field', id: 1 }, ' > 1.0 &&\n ', { kind: 'field', id: 99 }];
  const checked = checkRule(rule, sampleNames);
  assert.equal(
    'problem' in checked && checked.problem.detail,
    'Line 2, column 2: This field no longer exists.',
  );
  const typed: RuleText = [{ kind: 'field', id: 1 }, ' > 1.0 && ', { kind: 'field', id: 2 }];
  const mixed = checkRule([...typed, ' > 5'], sampleNames);
  assert.match(
    'problem' in mixed ? mixed.problem.detail : '',
    /^Line 1, column 30: A text and a whole number .*"5"/,
  );
});

test('the expression of a computed field may use every field', () => {
  assert.equal(
    read('hidden * 2.0', { ...sampleNames, usesAllFields: true }),
    'number: hidden * 2.0',
  );
});

test('hostile texts are refused within 100 ms', () => {
  const nested = (open: string, close: string, count: number) =>
    `${open.repeat(count)}1${close.repeat(count)}`;
  const deep = /nested more than 100 levels deep/;
  for (const [text, problem] of [
    ['x'.repeat(10_000_000), /longer than 65536 bytes/],
    ['é'.repeat(40_000), /longer than 65536 bytes/],
    [`orders in [${'1,'.repeat(1_000_000)}1]`, /longer than 65536 bytes/],
    [`orders in [${'1,'.repeat(30_000)}1]`, /more than 1000 values and operators.*in_list/],
    [`vip${' || vip'.repeat(1_000)}`, /more than 1000 values/],
    [nested('(', ')', 1_000), deep],
    [nested('[', ']', 1_000), deep],
    [nested('abs(', ')', 1_000), deep],
    [`${'!'.repeat(60_000)}vip`, deep],
    [`${'- // a\n'.repeat(5_000)}1 == 1`, deep],
    [`1${'+1'.repeat(300)} == 2`, deep],
    [`${'vip ? '.repeat(1_000)}1`, deep],
    [`state${'.trim()'.repeat(1_000)}`, deep],
    [`min(${'1,'.repeat(100)}1) == 1`, /at most 32 arguments/],
    [`state == "${'\u0301'.repeat(20_000)}"`, /256 combining marks/],
    [`${'\\'.repeat(60_000)}`, /Unexpected/],
    [`"${'\\'.repeat(60_001)}"`, /no closing quote/],
    ['"\u0000" == state\u0000', /U\+0000/],
  ] as const) {
    const start = performance.now();
    assert.match(read(text), problem);
    assert.ok(performance.now() - start < 100, `took long: ${text.slice(0, 20)}`);
  }
  assert.match(read(`vip${' || vip'.repeat(400)}`), /^boolean/);
});
