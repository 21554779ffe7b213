/** The only normaliser of identities. */
import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  identityDigest,
  isIdentityProblem,
  normalEmailPattern,
  normaliseIdentity,
  parseIdentity,
} from '../../src/domain/contact/identity.ts';
import { identityFault } from '../../src/domain/contact/identity-fault.ts';
import {
  builtInIdentityTypes,
  isIdentityTypeName,
  type Normalisation,
  normalisations,
  usualSettings,
} from '../../src/domain/contact/identity-type.ts';

const types = new Map(builtInIdentityTypes.map((type) => [type.name, type]));

function parse(text: string) {
  const parsed = parseIdentity(text, types);
  return isIdentityProblem(parsed) ? parsed.code : `${parsed.type.name} ${parsed.value}`;
}

const emails: readonly (readonly [string, string | undefined])[] = [
  ['tom@hello.com', 'tom@hello.com'],
  [' Tom@HELLO.com\t', 'tom@hello.com'],
  ['\ufefftom@hello.com', 'tom@hello.com'],
  ['tom+news@hello.com', 'tom+news@hello.com'],
  ['t.o.m@hello.com', 't.o.m@hello.com'],
  ["o'brien@hello.com", "o'brien@hello.com"],
  // NFC composes the letters. Only ASCII letters of the local part become lower-case.
  ['JOSE\u0301@ex.org', 'jos\u00c9@ex.org'],
  ['tom@B\u00dcCHER.example', 'tom@xn--bcher-kva.example'],
  ['tom@xn--bcher-kva.example', 'tom@xn--bcher-kva.example'],
  // NFC turns U+212A, the Kelvin sign, into the letter K.
  ['\u212aim@hello.com', 'kim@hello.com'],
  ['kim@hello.\u212aom', 'kim@hello.kom'],
  ['é@hello.com', 'é@hello.com'],
  ['ToM@HeLLo.cOm', 'tom@hello.com'],
  ['tom', undefined],
  ['@hello.com', undefined],
  ['tom@', undefined],
  ['tom@@hello.com', undefined],
  ['a@b@hello.com', undefined],
  ['to m@hello.com', undefined],
  ['tom@hel lo.com', undefined],
  ['tom@hello..com', undefined],
  ['tom@.hello.com', undefined],
  ['tom@hello.com.', undefined],
  ['tom@%68ello.com', undefined],
  ['tom\u0000@hello.com', undefined],
  ['\ud800@hello.com', undefined],
  ['', undefined],
  [`${'a'.repeat(500)}@hello.com`, `${'a'.repeat(500)}@hello.com`],
  [`${'a'.repeat(503)}@hello.com`, undefined],
];

for (const [text, expected] of emails) {
  test(`the e-mail ${JSON.stringify(text).slice(0, 40)} is ${expected === undefined ? 'refused' : 'normalised'}`, () => {
    assert.equal(normaliseIdentity('email', text), expected);
  });
}

test('the pattern of normalised e-mail addresses matches only those', () => {
  for (const text of ['tom+news@hello.com', "!#$%&'*+/=?^_`{|}~-.9z@a-b.c_d.e"]) {
    assert.match(text, normalEmailPattern);
    assert.equal(normaliseIdentity('email', text), text);
  }
  for (const text of ['Tom@hello.com', ' tom@hello.com', 'tom@hello.com ', 'tom@hello-.com']) {
    assert.doesNotMatch(text, normalEmailPattern);
  }
});

test('phones become E.164, and numbers without a country are refused', () => {
  assert.equal(normaliseIdentity('phone', ' +1 (212) 555-0100 '), '+12125550100');
  assert.equal(normaliseIdentity('phone', '0044 20 7946 0958'), '+442079460958');
  assert.equal(normaliseIdentity('phone', '212 555 0100'), undefined);
  assert.equal(normaliseIdentity('phone', '+1234567890123456'), undefined);
});

for (const [normalisation, text, words] of [
  ['email', 'tom', 'has no @'],
  ['email', 'a@b@hello.com', 'has more than one @'],
  ['email', '@hello.com', 'has nothing before the @'],
  ['email', 'tom@ ', 'has nothing after the @'],
  ['email', 'to m@hello.com', 'has a space inside'],
  ['email', 'tom@hello.com.', 'ends in a dot'],
  ['email', 'tom@hello..com', 'has two dots in a row after the @'],
  ['email', 'tom@%68ello.com', 'has a sign after the @ that no domain has'],
  ['email', `${'a'.repeat(503)}@hello.com`, 'is longer than 512 bytes'],
  ['email', 'tom@hello-.com', 'is not a valid value of the identity type kind'],
  ['phone', '212 555 0100', 'has no country code: it begins with neither + nor 00'],
  ['phone', 'call +1 212', 'has letters or other signs that no phone number has'],
  ['phone', '+1 212', 'has fewer than 7 digits'],
  ['phone', '+1234567890123456', 'has more than 15 digits'],
  ['exact', 'a\nb', 'has a control character'],
  ['email-hash', 'abc', 'is not a SHA-256 of 64 hexadecimal digits'],
] as const) {
  test(`the ${normalisation} ${JSON.stringify(text).slice(0, 30)} ${words}`, () => {
    assert.equal(normaliseIdentity(normalisation, text), undefined);
    assert.equal(identityFault({ name: 'kind', normalisation }, text), words);
  });
}

test('exact values are trimmed and keep their case', () => {
  assert.equal(normaliseIdentity('exact', '  AbC:1 '), 'AbC:1');
  assert.equal(normaliseIdentity('exact', '   '), undefined);
  assert.equal(normaliseIdentity('exact', 'a\nb'), undefined);
});

test('normalising twice changes nothing', () => {
  const texts = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.emailAddress(),
    fc.tuple(fc.string({ unit: 'grapheme' }), fc.domain()).map(([a, b]) => `${a}@${b}`),
  );
  fc.assert(
    fc.property(fc.constantFrom(...normalisations), texts, (kind, text) => {
      const once = normaliseIdentity(kind, text);
      if (once !== undefined) assert.equal(normaliseIdentity(kind, once), once);
    }),
    { numRuns: 3_000 },
  );
});

test('the type ends at the first colon and the value may hold more', () => {
  assert.equal(parse('email:tom@hello.com'), 'email tom@hello.com');
  assert.equal(parse('email:a:b@hello.com'), 'email a:b@hello.com');
  assert.equal(parse('simonid:0190A000-0000-7000-8000-000000000000').split(' ')[0], 'simonid');
});

test('each kind of invalid identity has its own code', () => {
  assert.equal(parse('tom@hello.com'), 'identity_malformed');
  assert.equal(parse(':tom'), 'identity_malformed');
  assert.equal(parse(''), 'identity_malformed');
  assert.equal(parse('__proto__:tom'), 'identity_type_unknown');
  assert.equal(parse('constructor:tom'), 'identity_type_unknown');
  assert.equal(parse('email:nobody'), 'identity_value_invalid');
  assert.equal(parse('email-hash:abc'), 'identity_value_invalid');
});

test('no problem repeats the value', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 6 }), (secret) => {
      const parsed = parseIdentity(`email:${secret}`, types);
      if (isIdentityProblem(parsed)) assert.ok(!JSON.stringify(parsed).includes(secret));
    }),
  );
});

test('an e-mail and its hash lead to one index entry', () => {
  const digest = hash('sha256', 'tom@hello.com', 'hex');
  assert.deepEqual(identityDigest('email', 'tom@hello.com'), identityDigest('email-hash', digest));
});

const bounds: readonly (readonly [Normalisation, string, boolean])[] = [
  ['exact', 'a'.repeat(512), true],
  ['exact', 'a'.repeat(513), false],
  ['exact', 'é'.repeat(256), true],
  ['exact', `${'é'.repeat(256)}a`, false],
  ['exact', `${'€'.repeat(170)}aa`, true],
  ['exact', `${'€'.repeat(170)}aaa`, false],
  ['exact', '😀'.repeat(128), true],
  ['exact', `${'😀'.repeat(128)}a`, false],
  ['exact', `${' '.repeat(2_047)}a`, true],
  ['exact', `${' '.repeat(2_048)}a`, false],
  ['exact', 'a\ud800', false],
  ['email', `é${'a'.repeat(500)}@hello.com`, true],
  ['email', `é${'a'.repeat(501)}@hello.com`, false],
  ['phone', '+1234567', true],
  ['phone', '+123456', false],
  ['phone', '+123456789012345', true],
  ['phone', '+1234567890123456', false],
  ['phone', '+0234567', false],
  ['phone', '001234567', true],
  ['phone', '0001234567', false],
  ['phone', 'x+1234567', false],
  ['phone', '+1234567x', false],
  ['phone', '+1 (23)-4.5 67', true],
  ['email-hash', 'A'.repeat(64), true],
  ['email-hash', ` ${'0'.repeat(64)} `, true],
  ['email-hash', 'a'.repeat(63), false],
  ['email-hash', 'a'.repeat(65), false],
  ['email-hash', 'g'.repeat(64), false],
  ['contact-id', ' 0190A000-0000-7000-8000-000000000000 ', true],
  ['contact-id', 'x0190a000-0000-7000-8000-000000000000', false],
  ['contact-id', '0190a000-0000-7000-8000-0000000000000', false],
  ['contact-id', '0190a000-0000-7000-8000-00000000000', false],
  ['contact-id', '0190a0000-000-7000-8000-000000000000', false],
  ['contact-id', '0190a00000007000800000000000000', false],
  ['contact-id', '', false],
];

for (const [kind, text, isValue] of bounds) {
  const words = `${text.trim().slice(0, 20)} (${text.length} characters)`;
  test(`${words} is ${isValue ? 'a' : 'no'} value of ${kind}`, () => {
    assert.equal(normaliseIdentity(kind, text) !== undefined, isValue);
  });
}

test('values are found as they were stored: their digests are those of the plain values', () => {
  const digest = (kind: Normalisation, value: string) =>
    identityDigest(kind, value).toString('hex');
  const sha256 = (text: string) => hash('sha256', text, 'hex').slice(0, 32);
  assert.equal(digest('exact', 'AbC'), sha256('AbC'));
  assert.equal(digest('phone', '+12125550100'), sha256('+12125550100'));
  assert.equal(
    digest('contact-id', '0190a000-0000-7000-8000-00000000000f'),
    '0190a0000000700080000000 0000000f'.replace(' ', ''),
  );
  const into = Buffer.alloc(16);
  assert.equal(identityDigest('exact', 'AbC', into), into);
  assert.equal(into.toString('hex'), sha256('AbC'));
  assert.equal(identityDigest('exact', 'AbC').length, 16);
});

test('the digest of a text of any length and script is the first half of its SHA-256', () => {
  const isRight = (text: string) =>
    assert.equal(
      identityDigest('exact', text).toString('hex'),
      hash('sha256', text, 'hex').slice(0, 32),
    );
  for (let length = 1; length <= 130; length += 1) {
    isRight('x'.repeat(length));
    isRight(`${'y'.repeat(length - 1)}\u007f`);
    isRight(`${'y'.repeat(length - 1)}\u0080`);
    isRight(`\u00e9${'z'.repeat(length - 1)}`);
  }
  fc.assert(fc.property(fc.string({ unit: 'grapheme', maxLength: 80 }), isRight));
  fc.assert(fc.property(fc.string({ unit: 'binary-ascii', maxLength: 60 }), isRight));
});

test('a problem names the type, what it takes, and the next step', () => {
  const problem = (text: string) => {
    const parsed = parseIdentity(text, types);
    return isIdentityProblem(parsed) ? parsed : assert.fail('it is an identity');
  };
  assert.match(problem('tom@hello.com').detail, /write email:<address>/);
  assert.match(problem('tom').detail, /for example email:tom@hello\.com\.$/);
  const known = ['id', 'simonid', 'email', 'email-hash'];
  assert.deepEqual(problem('x:1').members, { known_types: known, suggestion: 'email:' });
  assert.match(problem('x:1').detail, /id, simonid, email, email-hash/);
  assert.deepEqual(problem('email:1').members, { identity_type: 'email' });
  assert.match(problem('email:1').detail, /email must be an e-mail address.* at most 512 bytes/);
  assert.match(problem('email-hash:1').detail, /64 hexadecimal digits/);
  assert.match(problem('id:1').detail, /a UUID/);
  assert.deepEqual(problem('a').members, {});
});

test('a problem says what a value of each kind is', () => {
  const told = (normalisation: Normalisation) => {
    const type = { id: 2, name: 'mine', normalisation, ...usualSettings };
    const parsed = parseIdentity('mine:\u0000', new Map([['mine', type]]));
    return isIdentityProblem(parsed) ? parsed.detail : assert.fail('it is an identity');
  };
  assert.match(told('phone'), /^The value of mine must be a phone number in E\.164 form/);
  assert.match(told('exact'), /^The value of mine must be at least one character, without control/);
});

test('the ids of the built-in types never change, because stored records contain them', () => {
  const numbers = builtInIdentityTypes.map(({ name, id }) => `${name} ${id}`);
  assert.deepEqual(numbers, ['id 0', 'simonid 0', 'email 1', 'email-hash 1']);
});

test('names of identity types are short words in small letters', () => {
  for (const name of ['a', 'a-b_9', `a${'b'.repeat(63)}`])
    assert.ok(isIdentityTypeName(name), name);
  for (const name of ['', '9a', 'A', 'a b', 'a.b', '-a', `a${'b'.repeat(64)}`]) {
    assert.ok(!isIdentityTypeName(name), name);
  }
});
