/** Codes of authenticators, with the test vectors of the standard. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { newTotpSecret, totpCode, totpStepOf } from '../../src/users/totp.ts';

/** RFC 6238, appendix B: the secret is 12345678901234567890; the last 6 of its 8 digits. */
const secret = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';
const vectors: readonly (readonly [seconds: number, code: string])[] = [
  [59, '287082'],
  [1_111_111_109, '081804'],
  [1_111_111_111, '050471'],
  [1_234_567_890, '005924'],
  [2_000_000_000, '279037'],
  [20_000_000_000, '353130'],
];

test('codes are those of RFC 6238', () => {
  for (const [seconds, code] of vectors) {
    assert.equal(totpCode(secret, Math.floor(seconds / 30)), code);
  }
});

test('a code works for the step before and after its own, once, and no longer', () => {
  const step = 41_152_263;
  const code = totpCode(secret, step);
  const at = (offset: number, afterStep = 0) =>
    totpStepOf(secret, code, { nowMs: (step + offset) * 30_000, afterStep });
  assert.deepEqual(
    [-2, -1, 0, 1, 2].map((offset) => at(offset)),
    [undefined, step, step, step, undefined],
  );
  assert.equal(at(0, step), undefined, 'it was used');
  assert.equal(at(0, step - 1), step);
  assert.equal(totpStepOf(secret, '', { nowMs: step * 30_000, afterStep: 0 }), undefined);
});

test('a new secret is 160 random bits in base32', () => {
  assert.match(newTotpSecret(randomBytes), /^[A-Z2-7]{32}$/);
  assert.equal(
    newTotpSecret(() => Buffer.from('12345678901234567890')),
    secret,
  );
});
