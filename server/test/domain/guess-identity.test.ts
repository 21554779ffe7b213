/** What a text that a person typed is read as. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { guessIdentities } from '../../src/domain/contact/guess-identity.ts';
import {
  builtInIdentityTypes,
  type Normalisation,
  usualSettings,
} from '../../src/domain/contact/identity-type.ts';

const own = (id: number, name: string, normalisation: Normalisation) => ({
  ...usualSettings,
  ...{ id, name, normalisation },
});
const types = new Map(
  [
    ...builtInIdentityTypes,
    own(2, 'user_id', 'exact'),
    own(3, 'phone', 'phone'),
    own(4, 'work_email', 'email'),
  ].map((type) => [type.name, type] as const),
);
const guess = (text: string, locale = 'en') =>
  guessIdentities(text, types, locale).map(({ type, value }) => `${type.name}:${value}`);

test('a text is read as every type that it fits, the likeliest first', () => {
  const uuid = '0199e0d6-7c1b-7000-8000-0123456789ab';
  const digest = 'ab'.repeat(32);
  const readings: Readonly<Record<string, readonly string[]>> = {
    ' Tom@Hello.com ': ['email:tom@hello.com', 'work_email:tom@hello.com', 'user_id:Tom@Hello.com'],
    '+41 (79) 123-45-67': ['phone:+41791234567', 'user_id:+41 (79) 123-45-67'],
    '0041791234567': ['phone:+41791234567', 'user_id:0041791234567'],
    '41791234567': ['user_id:41791234567', 'phone:+41791234567'],
    '4711': ['user_id:4711'],
    [uuid.toUpperCase()]: [`id:${uuid}`, `user_id:${uuid.toUpperCase()}`],
    [digest]: [`email-hash:${digest}`, `user_id:${digest}`],
    'Tom Miller': ['user_id:Tom Miller'],
    '   ': [],
  };
  for (const [text, expected] of Object.entries(readings)) assert.deepEqual(guess(text), expected);
});

test('a type in front counts first, and is part of the text for the other types', () => {
  assert.deepEqual(guess('user_id:7'), ['user_id:7']);
  assert.deepEqual(guess('phone:41791234567'), ['phone:+41791234567', 'user_id:phone:41791234567']);
  assert.deepEqual(guess('email:nobody'), ['user_id:email:nobody']);
});

test('a phone number without a country is also read with that of the locale', () => {
  const phones = (text: string, locale: string) =>
    guess(text, locale)
      .filter((one) => one.startsWith('phone:'))
      .map((one) => one.slice('phone:'.length));
  const readings: readonly (readonly [locale: string, text: string, first: string | undefined])[] =
    [
      ['en-US', '425 555 1018', '+14255551018'],
      ['en-US', '(425) 555-1018', '+14255551018'],
      ['en-US', '1 425 555 1018', '+14255551018'],
      ['en-US', 'phone:4255551018', '+14255551018'],
      ['de-DE', '0151/1234567', '+491511234567'],
      ['de-DE', '151 1234567', '+491511234567'],
      ['it-IT', '06 1234 5678', '+390612345678'],
      ['hu-HU', '06 20 123 4567', '+36201234567'],
      ['ru-RU', '8 912 345-67-89', '+79123456789'],
      ['es-ES', '612 345 678', '+34612345678'],
      ['de-DE', '+1 425 555 1018', '+14255551018'],
      ['de-DE', '0041 79 123 45 67', '+41791234567'],
      // Too short for a number of North America, and no country is known.
      ['en-US', '555 1018', '+5551018'],
      ['de', '0151 1234567', undefined],
    ];
  for (const [locale, text, first] of readings) {
    assert.equal(phones(text, locale)[0], first, `${locale} ${text}`);
  }
  assert.deepEqual(phones('425 555 1018', 'en-US'), ['+14255551018', '+4255551018']);
  assert.deepEqual(phones('1 425 555 1018', 'en-US'), ['+14255551018']);
});

test('types that the caller may not use are not read', () => {
  const some = new Map([...types].filter(([name]) => name === 'phone'));
  assert.deepEqual(guessIdentities('tom@hello.com', some, 'en-US'), []);
  assert.deepEqual(guessIdentities('user_id:41791234567', some, 'en-US'), []);
});
