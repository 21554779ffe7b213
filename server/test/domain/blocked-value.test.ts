/** Which values identify nobody. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  blockedForm,
  foldValue,
  isBlockedIdentity,
  isBlockedValue,
} from '../../src/domain/contact/blocked-value.ts';
import { usualBlocked } from '../../src/domain/contact/identity-type.ts';

const blockedTexts = [
  ...['null', 'NULL', ' Null ', 'undefined', 'NaN', 'none', '0', '0000', '[object Object]'],
  ...[
    'guest',
    'Anonymous',
    'ｎｕｌｌ',
    'ＧＵＥＳＴ',
    '０',
    'test@x.org',
    'TEST@hello.com',
    'noreply@x',
  ],
];
const otherTexts = [
  ...['nullable', '10', '007', '0.0', 'guests', 'a@x.org', 'contest@x.org', 'test', 'noreply'],
  ...['', '-', '00a', 'tester@x.org'],
];

test('values that sources write for nobody are blocked, in every case and form of Unicode', () => {
  for (const text of blockedTexts) assert.ok(isBlockedValue(usualBlocked, text), text);
});

test('zeros of every script and every form of Unicode are blocked, and other digits are not', () => {
  const digits = Array.from({ length: 0x11_0000 }, (_, code) => code)
    .filter((code) => code < 0xd800 || code > 0xdfff)
    .map((code) => String.fromCodePoint(code))
    .filter((text) => /^\p{Nd}$/u.test(text));
  const isZero = (text: string) => isBlockedValue(usualBlocked, text);
  const zeros = digits.filter(isZero);
  assert.equal(zeros.length, digits.length / 10);
  assert.ok(zeros.every((zero) => isZero(` ${zero}${zero}0 `) && !isZero(`${zero}1`)));
  for (const zero of ['٠', '۰', '०', '０', '\u{1d7ce}', '\u{1d7d8}', '⓪', '₀'])
    assert.ok(isZero(zero), zero);
  assert.ok(isBlockedValue(['123'], '١٢٣'));
  assert.ok(isBlockedValue([foldValue('١٢٣')], '123'));
});

test('values that only look like them are not blocked', () => {
  for (const text of otherTexts) assert.ok(!isBlockedValue(usualBlocked, text), text);
});

test('folding a folded value changes nothing, and no case makes a difference', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      assert.equal(foldValue(foldValue(text)), foldValue(text));
      assert.ok(isBlockedValue([foldValue(text)], text));
      assert.ok(isBlockedValue([foldValue(text.toUpperCase())], text.toLowerCase()));
    }),
    { numRuns: 2_000 },
  );
  for (const [one, other] of [
    ['STRASSE', 'straße'],
    ['ΟΔΟΣ', 'οδοσ'],
    ['J\u030c', 'ǰ'],
  ] as const) {
    assert.equal(foldValue(one), foldValue(other));
  }
});

test('a value is blocked in every notation of its type', () => {
  const phone = {
    normalisation: 'phone',
    blocked: [blockedForm('phone', '+1 (555) 555-0199')],
  } as const;
  for (const text of ['+15555550199', '+1 555 555 0199', '0015555550199']) {
    assert.ok(isBlockedIdentity(phone, text), text);
  }
  const email = {
    normalisation: 'email',
    blocked: [blockedForm('email', 'info@münchen.de')],
  } as const;
  assert.ok(isBlockedIdentity(email, 'INFO@xn--mnchen-3ya.de'));
  assert.ok(!isBlockedIdentity(email, 'info@muenchen.de'));
});

test('a text that is too long to be an identity is not folded', () => {
  assert.ok(!isBlockedValue(['guest'], `${' '.repeat(1_000_000)}guest`));
});

test('an organization blocks its own values instead', () => {
  assert.ok(isBlockedValue(['info@', 'x1'], 'Info@shop.com'));
  assert.ok(isBlockedValue(['info@', 'x1'], 'X1'));
  assert.ok(!isBlockedValue(['info@', 'x1'], 'null'));
  assert.ok(!isBlockedValue([], 'null'));
});
