/**
 * Authentication: which headers contain a token, which tokens are valid, and what a failure costs.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  allocateFailedAuthenticationMemory,
  FailedAuthenticationLimiter,
} from '../../src/domain/token/failed-authentication.ts';
import type { Token } from '../../src/domain/token/token.ts';
import { authenticate, type Caller, isProblem, TokenProof } from '../../src/http/authenticate.ts';
import { sampleOrganization, sampleState, sampleToken } from './caller-samples.ts';

const address = '192.0.2.1';

function start(parts: Partial<Token> = {}) {
  let nowMs = 1_000_000;
  const { token, text } = sampleToken(1, parts);
  let snapshot = sampleState(sampleOrganization(), [token]);
  const used: (readonly [Token, number])[] = [];
  const context = {
    catalog: { current: () => snapshot },
    failedAuthentication: new FailedAuthenticationLimiter({
      memory: allocateFailedAuthenticationMemory(),
      thread: 1,
      clock: () => nowMs,
    }),
    clock: () => nowMs,
    tokenUsed: (one: Token, atMs: number) => void used.push([one, atMs]),
  };
  return {
    token,
    text,
    used,
    call: (
      authorization: string | undefined,
      options: { from?: string; proof?: TokenProof } = {},
    ) =>
      authenticate(context, {
        authorization,
        address: options.from ?? address,
        proof: options.proof,
      }),
    wait: (ms: number) => {
      nowMs += ms;
    },
    change: (tokens: readonly Token[], organization = sampleOrganization()) => {
      snapshot = sampleState(organization, tokens);
    },
  };
}

function caller(result: ReturnType<typeof authenticate>): Caller {
  if (isProblem(result)) assert.fail(result.code);
  return result;
}

function problem(result: ReturnType<typeof authenticate>) {
  if (!isProblem(result)) assert.fail('it is a caller');
  return result;
}

test('a valid token identifies its caller, and its use is reported', () => {
  const { call, text, token, used } = start();
  const found = caller(call(`Bearer ${text}`));
  assert.equal(found.token, token);
  assert.equal(found.organization.organization.id, 1);
  assert.ok(found.allowsAddress('203.0.113.9'));
  assert.deepEqual(found.plans.raw, {
    lastKey: undefined,
    lastPlan: undefined,
    byFields: new Map(),
  });
  assert.deepEqual(found.plans.display, found.plans.raw);
  assert.notEqual(found.plans.display, found.plans.raw);
  assert.deepEqual(used, [[token, 1_000_000]]);
});

const named: readonly (readonly [string, (text: string) => string])[] = [
  ['with an upper-case scheme', (text) => `BEARER ${text}`],
  ['with a lower-case scheme', (text) => `bearer ${text}`],
  ['after several spaces', (text) => `Bearer    ${text}`],
  ['before trailing spaces', (text) => `bearer ${text}   `],
];

for (const [words, write] of named) {
  test(`a token ${words} is read`, () => {
    const { call, text, token } = start();
    assert.equal(caller(call(write(text))).token, token);
  });
}

const refused: readonly (readonly [string, (text: string) => string])[] = [
  ['another scheme', (text) => `Basic ${text}`],
  ['a word before the scheme', (text) => `x bearer ${text}`],
  ['no space after the scheme', (text) => `bearer${text}`],
  ['a tab', (text) => `bearer\t${text}`],
  ['no scheme', (text) => text],
  ['text after the token', (text) => `bearer ${text} x`],
  ['text after the token and a capitalised scheme', (text) => `Bearer ${text} x`],
  ['an equals sign before the token', (text) => `bearer =${text}`],
  ['no token', () => 'Bearer '],
  ['an empty header', () => ''],
  ['another secret', (text) => `Bearer ${text.slice(0, 20)}${'x'.repeat(text.length - 20)}`],
  [
    'another last character',
    (text) => `Bearer ${text.slice(0, -1)}${text.endsWith('a') ? 'b' : 'a'}`,
  ],
  ['an unknown token', () => `Bearer ${sampleToken(2).text}`],
];

for (const [words, write] of refused) {
  test(`a header with ${words} is refused as an invalid token`, () => {
    const { call, text, used } = start();
    const found = problem(call(write(text)));
    assert.equal(found.code, 'token_invalid');
    assert.deepEqual(used, []);
  });
}

test('a request without the header is told that it is missing', () => {
  const { call } = start();
  assert.equal(problem(call(undefined)).code, 'token_missing');
});

test('a token that expired, was revoked, or lost its organization is invalid', () => {
  const { call, text, token, wait, change } = start({ expiresAtMs: 1_000_010 });
  caller(call(`Bearer ${text}`));
  wait(10);
  assert.equal(problem(call(`Bearer ${text}`)).code, 'token_invalid');
  change([{ ...token, expiresAtMs: null, revokedAtMs: 5 }]);
  assert.equal(problem(call(`Bearer ${text}`)).code, 'token_invalid');
  change([{ ...token, expiresAtMs: null }], sampleOrganization(2));
  assert.equal(problem(call(`Bearer ${text}`)).code, 'token_invalid');
});

test('a token for some addresses is refused from others, which does not count as a failure', () => {
  const { call, text, used } = start({ addresses: ['192.0.2.0/24', '2001:db8::/32'] });
  for (const from of ['192.0.2.9', '::ffff:192.0.2.9', '2001:db8::9']) {
    caller(call(`Bearer ${text}`, { from }));
  }
  assert.equal(used.length, 3);
  for (let count = 0; count < 30; count += 1) {
    const found = problem(call(`Bearer ${text}`, { from: '2001:db9::9' }));
    assert.equal(found.code, 'address_not_allowed');
  }
  assert.equal(used.length, 3);
});

test('twenty failures of an address, of any kind, are answered; the next must wait', () => {
  const { call, text, wait } = start();
  for (let count = 0; count < 10; count += 1) {
    assert.equal(problem(call(undefined)).code, 'token_missing');
    assert.equal(problem(call('Bearer x')).code, 'token_invalid');
  }
  const found = problem(call('Bearer x'));
  assert.equal(found.code, 'rate_limited');
  assert.deepEqual(found.members, { retry_after_ms: 3_000 });
  assert.equal(found.retryAfterSeconds, 3);
  caller(call(`Bearer ${text}`));
  assert.equal(problem(call('Bearer x', { from: '192.0.2.2' })).code, 'token_invalid');
  wait(2_500);
  const later = problem(call(undefined));
  assert.equal(later.code, 'rate_limited');
  assert.equal(later.retryAfterSeconds, 1);
});

const waits: readonly (readonly [waitMs: number, leftMs: number, seconds: number])[] = [
  [999.5, 2_001, 3],
  [1_500, 1_500, 2],
  [2_999.5, 1, 1],
];

for (const [waitMs, leftMs, seconds] of waits) {
  test(`a caller that must wait ${leftMs} ms is told to wait ${seconds} s`, () => {
    const { call, wait } = start();
    for (let count = 0; count < 20; count += 1) problem(call('Bearer x'));
    wait(waitMs);
    const found = problem(call('Bearer x'));
    assert.equal(found.code, 'rate_limited');
    assert.deepEqual(found.members, { retry_after_ms: leftMs });
    assert.equal(found.retryAfterSeconds, seconds);
  });
}

test('a malformed header and an invalid token have different problems', () => {
  const { call } = start();
  assert.match(problem(call('Basic x')).detail, /is not of the form/);
  assert.match(problem(call('Bearer x')).detail, /unknown, expired or revoked/);
  assert.match(problem(call(`Bearer ${sampleToken(2).text}`)).detail, /expired or revoked/);
});

test('a proof saves the digest for the same token, and for no other', () => {
  const { call, text, token, change } = start();
  const proof = new TokenProof();
  problem(call(`Bearer ${text.slice(0, 20)}${'x'.repeat(46)}`, { proof }));
  assert.equal(proof.token, undefined, 'a failure proves nothing');
  caller(call(`Bearer ${text}`, { proof }));
  assert.equal(proof.token, token);
  // The owner of the proof guarantees the bytes, so the digest is not compared again.
  const withoutDigest = `Bearer ${text.slice(0, 20)}${'x'.repeat(46)}`;
  caller(call(withoutDigest, { proof }));
  change([{ ...token }]);
  assert.equal(problem(call(withoutDigest, { proof })).code, 'token_invalid');
});

test("a caller's compiled plan is kept until its token or its organization changes", () => {
  const { call, text, token, change } = start();
  const organization = sampleOrganization();
  const other = sampleToken(3);
  change([token, other.token], organization);
  const first = caller(call(`Bearer ${text}`));
  assert.equal(caller(call(`Bearer ${text}`)), first);
  assert.notEqual(caller(call(`Bearer ${other.text}`)), first);
  assert.equal(caller(call(`Bearer ${text}`)), first);
  const changed = { ...token, addresses: ['203.0.113.0/24'] };
  change([changed], organization);
  assert.equal(problem(call(`Bearer ${text}`)).code, 'address_not_allowed');
  change([token], sampleOrganization());
  assert.notEqual(caller(call(`Bearer ${text}`)), first);
});
