/** The order of the checks of a call (token, limit, scope), and what each refusal costs. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { allocateRateLimitMemory, RateLimiter } from '../../src/domain/rate-limit.ts';
import {
  allocateFailedAuthenticationMemory,
  FailedAuthenticationLimiter,
} from '../../src/domain/token/failed-authentication.ts';
import type { Token } from '../../src/domain/token/token.ts';
import { admit, admitPriced } from '../../src/http/admission.ts';
import { sampleOrganization, sampleState, sampleToken } from './caller-samples.ts';

const reading = { kind: 'audience', scopes: ['contacts:read'] } as const;

/** A token of an organization with a limit of five units a second. */
function start(parts: Partial<Token> = {}) {
  const clock = () => 10_000;
  const { token, text } = sampleToken(1, parts);
  const state = sampleState(sampleOrganization(1, 5), [token]);
  const memory = allocateRateLimitMemory(clock() - 2_000);
  const failures = allocateFailedAuthenticationMemory();
  const context = {
    catalog: { current: () => state },
    failedAuthentication: new FailedAuthenticationLimiter({ memory: failures, thread: 1, clock }),
    limiter: new RateLimiter({ memory, thread: 1, clock }),
    clock,
    tokenUsed: () => undefined,
  };
  const credentials = { authorization: `Bearer ${text}`, address: '192.0.2.1' };
  return { context, credentials, token };
}

const wrong = { authorization: 'Bearer ush_wrong', address: '192.0.2.1' };

test('a valid token with the scope is admitted for one unit', () => {
  const { context, credentials, token } = start();
  const { caller, problem, head } = admit(context, credentials, reading);
  assert.equal(problem, undefined);
  assert.equal(caller?.token, token);
  assert.match(head, /"org";r=4/);
});

test('a missing scope is named with the command that grants it', () => {
  const { context, credentials } = start({ scopes: ['contacts:read', 'admin:read'] });
  assert.equal(
    admit(context, credentials, { ...reading, scopes: ['admin:read'] }).problem,
    undefined,
  );
  const { caller, problem } = admit(context, credentials, { ...reading, scopes: ['admin:write'] });
  assert.equal(caller, undefined);
  assert.equal(problem?.code, 'scope_missing');
  assert.deepEqual(problem?.members, { scope: 'admin:write' });
  assert.match(problem?.detail ?? '', /usher token create --scope admin:write/);
});

test('of two scopes the missing one is named, with the command that grants both', () => {
  const { context, credentials } = start({ scopes: ['admin:write', 'contacts:read'] });
  const both = { ...reading, scopes: ['admin:write', 'contacts:write'] } as const;
  const { problem } = admit(context, credentials, both);
  assert.deepEqual(
    [problem?.code, problem?.members],
    ['scope_missing', { scope: 'contacts:write' }],
  );
  assert.match(problem?.detail ?? '', /create --scope admin:write --scope contacts:write\.$/);
  const held = { ...reading, scopes: ['admin:write', 'contacts:read'] } as const;
  assert.equal(admit(context, credentials, held).problem, undefined);
});

test('an invalid token learns nothing about the limit; a missing scope costs a unit', () => {
  const { context, credentials } = start({ scopes: ['admin:read'] });
  assert.equal(admit(context, wrong, reading).problem?.code, 'token_invalid');
  assert.equal(admit(context, wrong, reading).head, '');
  assert.match(admit(context, credentials, reading).head, /"org";r=4/);
  assert.match(admit(context, credentials, { kind: 'audience' }).head, /"org";r=3/);
});

test('a call over the limit is refused before its scope is checked', () => {
  const { context, credentials } = start({ scopes: ['admin:read'] });
  for (let unit = 0; unit < 5; unit += 1) admit(context, credentials, reading);
  assert.equal(admit(context, credentials, reading).problem?.code, 'rate_limited');
});

test('a priced call costs what its body says, and one unit if the body is invalid', async () => {
  const { context, credentials } = start();
  const malformed = { code: 'body_malformed', detail: 'It is empty.' } as const;
  const asked: number[] = [];
  const price = async () => asked.push(1) * 2;
  assert.match((await admitPriced(context, credentials, { ...reading, price })).head, /"org";r=3/);
  const priced = { ...reading, price: async () => malformed };
  const refused = await admitPriced(context, credentials, priced);
  assert.equal(refused.problem, malformed);
  assert.match(refused.head, /"org";r=2/);
  assert.equal((await admitPriced(context, wrong, { ...reading, price })).head, '');
  assert.deepEqual(asked, [1], 'the body of a bad token is not read');
});
