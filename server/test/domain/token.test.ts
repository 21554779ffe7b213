/**
 * Tokens: their text, what a reference finds, and that rights can be passed on but never extended.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import {
  cidrHolds,
  compileAddressList,
  normaliseCidr,
} from '../../src/domain/token/address-list.ts';
import {
  generateToken,
  isLive,
  matchesDigest,
  parseTokenId,
  type Scope,
  scopes,
  type Token,
  tokenDigest,
  tokenIdPart,
} from '../../src/domain/token/token.ts';
import { matchTokenReference } from '../../src/domain/token/token-reference.ts';
import { excessRights, type TokenRights } from '../../src/domain/token/token-rights.ts';

const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

const someToken = fc
  .uint8Array({ minLength: 41, maxLength: 41 })
  .map((bytes) => generateToken((size) => bytes.subarray(0, size)));

test('a new token is read back with its id, and matches only its own digest', () => {
  fc.assert(
    fc.property(someToken, someToken, ({ id, text }, other) => {
      assert.match(text, /^ush_[0-9A-Za-z]{12}_[0-9A-Za-z]{49}$/);
      assert.equal(parseTokenId(text), id);
      const stored = storedToken({ digest: tokenDigest(text) });
      assert.ok(matchesDigest(text, stored));
      if (other.text !== text) assert.ok(!matchesDigest(other.text, stored));
    }),
  );
});

test('a token with one wrong character is refused without a look-up', () => {
  const slip = fc.record({
    token: someToken,
    place: fc.nat({ max: 65 }),
    letter: fc.constantFrom(...alphabet),
  });
  fc.assert(
    fc.property(slip, ({ token, place, letter }) => {
      fc.pre(token.text[place] !== letter);
      const wrong = token.text.slice(0, place) + letter + token.text.slice(place + 1);
      assert.equal(parseTokenId(wrong), undefined);
    }),
    { numRuns: 1_000 },
  );
});

test('a token is two numbers in base 62 and a check, from 41 random bytes', () => {
  const bytes = Uint8Array.from({ length: 41 }, (_, at) => at + 1);
  const sizes: number[] = [];
  const { id, text } = generateToken((size) => {
    sizes.push(size);
    return bytes;
  });
  assert.deepEqual(sizes, [41]);
  assert.equal(id, '0M9ODf6X0ft3');
  assert.equal(text, 'ush_0M9ODf6X0ft3_2NedrGwnz0Lr6GwfShiHaCXWEPoVWXBUElBWyAgkW770vlu76');
  assert.match(generateToken((size) => new Uint8Array(size)).text, /^ush_0{12}_0{43}1hzYl2$/);
});

test('a text in another form is not a token, even with a valid check', () => {
  const { text } = generateToken((size) => new Uint8Array(size).fill(5));
  const body = text.slice(0, -6);
  assert.equal(parseTokenId(checked(body)), tokenIdPart(text));
  const others = [
    `xsh${body.slice(3)}`,
    body.replace('ush_', 'ush-'),
    body.replace(/_([^_]*)$/, '-$1'),
  ];
  for (const other of [...others, `${body.slice(0, 20)}.${body.slice(21)}`, `${body}a`]) {
    assert.equal(parseTokenId(checked(other)), undefined, other);
  }
});

test('the id is read from its position, and a text of another length has none', () => {
  const { id, text } = generateToken((size) => new Uint8Array(size).fill(9));
  assert.equal(tokenIdPart(text), id);
  for (const other of ['', id, `${text}a`, text.slice(1)]) assert.equal(tokenIdPart(other), '');
});

test('the names of scopes never change, because tokens contain them', () => {
  const names = ['contacts:read', 'contacts:write', 'events:write', 'admin:read', 'admin:write'];
  assert.deepEqual([...scopes], [...names, 'privacy:write', 'admin:approve']);
});

/** Appends the check characters of a token to the text. */
function checked(text: string): string {
  let rest = crc32(text);
  let check = '';
  while (check.length < 6) {
    check = (alphabet[rest % 62] ?? '') + check;
    rest = (rest - (rest % 62)) / 62;
  }
  return text + check;
}

test('a text that is not a token has no id', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 80 }), (text) => {
      assert.equal(parseTokenId(text), undefined);
    }),
  );
  assert.equal(parseTokenId(`ush_${'é'.repeat(12)}_${'a'.repeat(49)}`), undefined);
});

test('a token lives until it expires or is revoked', () => {
  assert.ok(isLive(storedToken({}), 10));
  assert.ok(isLive(storedToken({ expiresAtMs: 11 }), 10));
  assert.ok(!isLive(storedToken({ expiresAtMs: 10 }), 10));
  assert.ok(
    !isLive(storedToken({ revokedAtMs: 99 }), 10),
    'revoked is revoked, whatever the clock',
  );
});

test('a reference is an id, the last 3 characters or the e-mail of a live token', () => {
  const tokens = [
    storedToken({ id: 'aaaaaaaaaaaa', lastCharacters: 'x7Q', createdBy: 'ana@example.com' }),
    storedToken({ id: 'bbbbbbbbbbbb', lastCharacters: 'x7q', createdBy: 'bo@example.com' }),
    storedToken({ id: 'cccccccccccc', lastCharacters: 'zzz', createdBy: 'bo@example.com' }),
    storedToken({ id: 'dddddddddddd', lastCharacters: 'x7Q', revokedAtMs: 1 }),
    storedToken({ id: 'eeeeeeeeeeee', lastCharacters: 'x7Q', expiresAtMs: 5 }),
  ];
  const idsOf = (reference: string) =>
    matchTokenReference(tokens, reference, 10).map(({ id }) => id);
  assert.deepEqual(
    idsOf('x7Q'),
    ['aaaaaaaaaaaa'],
    'the case of letters matters, and dead tokens do not',
  );
  assert.deepEqual(idsOf(' Ana@Example.com '), ['aaaaaaaaaaaa'], 'e-mails are normalised');
  assert.deepEqual(idsOf('bo@example.com'), ['bbbbbbbbbbbb', 'cccccccccccc']);
  assert.deepEqual(idsOf('dddddddddddd'), ['dddddddddddd'], 'an id also finds a revoked token');
  assert.deepEqual(idsOf('aaaaaaaaaaa'), []);
  assert.deepEqual(idsOf(''), []);
});

const networks = ['10.0.0.0/8', '10.1.0.0/16', '10.1.2.3', '192.0.2.0/24', '::1', '2001:db8::/32'];

const someRights: fc.Arbitrary<TokenRights> = fc.record({
  scopes: fc.subarray<Scope>([...scopes], { minLength: 1 }),
  fields: fc.option(fc.subarray(['a', 'b', 'c'], { minLength: 1 })),
  identityTypes: fc.option(fc.subarray(['email', 'user_id'], { minLength: 1 })),
  addresses: fc.option(fc.subarray(networks, { minLength: 1 })),
  maxShare: fc.option(fc.constantFrom(0.1, 0.5, 1)),
  dataset: fc.option(fc.constantFrom('crm', 'shop')),
  expiresAtMs: fc.option(fc.integer({ min: 1, max: 100 })),
});

const someAct = fc.record({
  scope: fc.constantFrom(...scopes),
  field: fc.constantFrom('a', 'b', 'c', 'd'),
  identityType: fc.constantFrom('email', 'user_id', 'phone'),
  address: fc.constantFrom('10.9.9.9', '10.1.9.9', '10.1.2.3', '192.0.2.9', '::1', '2001:db8::5'),
  share: fc.constantFrom(0.05, 0.3, 0.9, 1),
  dataset: fc.constantFrom('crm', 'shop', 'web'),
  timeMs: fc.integer({ min: 0, max: 120 }),
});

type Act = typeof someAct extends fc.Arbitrary<infer T> ? T : never;

test('rights within other rights allow nothing that the others refuse', () => {
  fc.assert(
    fc.property(someRights, someRights, someAct, (wanted, held, act) => {
      if (excessRights(wanted, held).length > 0) return;
      if (allows(wanted, act)) assert.ok(allows(held, act));
    }),
    { numRuns: 5_000 },
  );
});

test('rights are within themselves, and each excess right is reported with its path', () => {
  fc.assert(
    fc.property(someRights, (rights) => {
      assert.deepEqual(excessRights(rights, rights), []);
    }),
  );
  const held: TokenRights = {
    scopes: ['admin:write'],
    fields: ['a'],
    identityTypes: ['email'],
    addresses: ['10.0.0.0/8'],
    maxShare: 0.5,
    dataset: 'crm',
    expiresAtMs: 10,
  };
  const wanted: TokenRights = {
    scopes: ['admin:write', 'contacts:read'],
    fields: null,
    identityTypes: ['email', 'phone'],
    addresses: ['11.0.0.0/8'],
    maxShare: null,
    dataset: null,
    expiresAtMs: 11,
  };
  assert.deepEqual(
    excessRights(wanted, held).map(({ path }) => path),
    [
      '/scopes/1',
      '/fields',
      '/identity_types/1',
      '/addresses/0',
      '/max_share',
      '/dataset',
      '/expires',
    ],
  );
});

test('a token without a list has more rights than one with a list', () => {
  const rights = { identityTypes: null, maxShare: null, dataset: null, expiresAtMs: null };
  const all: TokenRights = { ...rights, scopes: [], fields: null, addresses: null };
  const held = { ...all, addresses: ['10.0.0.0/8', '::1'] };
  assert.deepEqual(excessRights(all, held), [
    { path: '/addresses', detail: 'The calling token itself is limited to 10.0.0.0/8, ::1.' },
  ]);
  assert.deepEqual(excessRights(held, all), []);
});

test('addresses are allowed by the networks that hold them, mapped ones too', () => {
  const allows = compileAddressList(['10.0.0.0/8', '2001:db8::/32']);
  assert.ok(allows('10.200.3.4'));
  assert.ok(allows('::ffff:10.200.3.4'));
  assert.ok(allows('2001:db8::9'));
  assert.ok(!allows('11.0.0.1'));
  assert.ok(!allows('2001:db9::1'));
  assert.ok(!allows('not an address'));
  assert.ok(compileAddressList(null)('anything'));
});

test('networks are parsed strictly and stored in one form', () => {
  assert.equal(normaliseCidr(' 10.0.0.0/8 '), '10.0.0.0/8');
  assert.equal(normaliseCidr('192.0.2.1'), '192.0.2.1/32');
  assert.equal(normaliseCidr('::ffff:10.0.0.0/104'), '10.0.0.0/8');
  assert.equal(normaliseCidr('::1'), '::1/128');
  for (const wrong of [
    '',
    '10.0.0.0/33',
    '10.0.0.0/08',
    '10.0.0/8',
    '::1/129',
    'fe80::1%eth0',
    'localhost',
  ]) {
    assert.equal(normaliseCidr(wrong), undefined, wrong);
  }
  assert.ok(cidrHolds('10.0.0.0/8', '10.1.0.0/16'));
  assert.ok(
    !cidrHolds('10.1.0.0/16', '10.0.0.0/8'),
    'the wider network is not within the narrower one',
  );
  assert.ok(!cidrHolds('::/0', '10.0.0.0/8'), 'IPv4 and IPv6 networks never contain each other');
});

function allows(rights: TokenRights, act: Act): boolean {
  return (
    rights.scopes.includes(act.scope) &&
    (rights.fields === null || rights.fields.includes(act.field)) &&
    (rights.identityTypes === null || rights.identityTypes.includes(act.identityType)) &&
    compileAddressList(rights.addresses)(act.address) &&
    act.share <= (rights.maxShare ?? 1) &&
    (rights.dataset === null || rights.dataset === act.dataset) &&
    (rights.expiresAtMs === null || act.timeMs < rights.expiresAtMs)
  );
}

function storedToken(parts: Partial<Token>): Token {
  return {
    id: 'aaaaaaaaaaaa',
    rowId: 1,
    organizationId: 1,
    name: null,
    createdBy: 'ana@example.com',
    lastCharacters: 'abc',
    digest: new Uint8Array(32),
    scopes: ['contacts:read'],
    fields: null,
    identityTypes: null,
    addresses: null,
    maxShare: null,
    dataset: null,
    createdAtMs: 0,
    expiresAtMs: null,
    lastUsedAtMs: null,
    revokedAtMs: null,
    ...parts,
  };
}
