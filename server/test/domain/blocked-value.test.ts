/** Which values identify nobody. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isBlockedValue, usualBlocked } from '../../src/domain/contact/blocked-value.ts';

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

test('values that only look like them are not blocked', () => {
  for (const text of otherTexts) assert.ok(!isBlockedValue(usualBlocked, text), text);
});

test('an organization blocks its own values instead', () => {
  assert.ok(isBlockedValue(['info@', 'x1'], 'Info@shop.com'));
  assert.ok(isBlockedValue(['info@', 'x1'], 'X1'));
  assert.ok(!isBlockedValue(['info@', 'x1'], 'null'));
  assert.ok(!isBlockedValue([], 'null'));
});
