/** Rate limiting: which limit bounds a caller, and what the headers and refusals say. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  allocateRateLimitMemory,
  type LimitRequest,
  RateLimiter,
  windowKey,
} from '../../src/domain/rate-limit.ts';
import type { Token } from '../../src/domain/token/token.ts';
import type { Caller } from '../../src/http/authenticate.ts';
import { textOf } from '../../src/http/head-pieces.ts';
import { limitRate, maxUnits } from '../../src/http/limit-rate.ts';
import { sampleOrganization, sampleToken } from './caller-samples.ts';

function makeCaller(
  parts: Partial<Token> = {},
  options: { id?: number; limit?: number } = {},
): Caller {
  const organization = sampleOrganization(options.id ?? 1, options.limit ?? 50);
  const noPlans = () => ({ lastKey: undefined, lastPlan: undefined, byFields: new Map() });
  return {
    token: sampleToken(parts.rowId ?? 1, parts).token,
    organization,
    plans: { display: noPlans(), raw: noPlans() },
    allowsAddress: () => true,
    looker: 'token:test',
  };
}

function startLimiter() {
  let nowMs = 10_000;
  const memory = allocateRateLimitMemory(nowMs);
  const requests: LimitRequest[] = [];
  const limiter = new RateLimiter({
    memory,
    thread: 1,
    clock: () => nowMs,
    grantLog: (_, request) => requests.push(request),
  });
  nowMs += 1_001;
  return {
    limiter,
    requests,
    wait: (ms: number) => {
      nowMs += ms;
    },
  };
}

/** The outcome with its header lines as one text. */
function limited(...asked: Parameters<typeof limitRate>) {
  const { head, problem } = limitRate(...asked);
  return { head: textOf(head), problem };
}

test("a look-up is charged to the organization's limit, and its answer says what is left", () => {
  const { limiter } = startLimiter();
  const taken = limited(limiter, makeCaller(), { kind: 'audience', units: 2 });
  assert.equal(taken.problem, undefined);
  assert.equal(taken.head, 'RateLimit-Policy: "org";q=50;w=1\r\nRateLimit: "org";r=48;t=1\r\n');
  const other = makeCaller({ rowId: 2 });
  assert.match(limited(limiter, other, { kind: 'audience', units: 48 }).head, /"org";r=0;t=1/);
});

test('a refusal says how long to wait, and what can be done', () => {
  const { limiter, wait } = startLimiter();
  const caller = makeCaller();
  limited(limiter, caller, { kind: 'audience', units: 50 });
  wait(500);
  const { head, problem } = limited(limiter, caller, { kind: 'audience', units: 1 });
  assert.equal(head, 'RateLimit-Policy: "org";q=50;w=1\r\nRateLimit: "org";r=0;t=1\r\n');
  assert.equal(problem?.code, 'rate_limited');
  assert.deepEqual(problem?.members, { retry_after_ms: 501 });
  assert.equal(problem?.retryAfterSeconds, 1);
  assert.equal(
    problem?.detail,
    "The organization's limit is reached. Try again in 501 ms, or have the limit raised: usher organization set NAME --rate-limit N.",
  );
});

test('a wait of over a second is rounded up to whole seconds', () => {
  const { limiter } = startLimiter();
  const caller = makeCaller();
  limited(limiter, caller, { kind: 'audience', units: 50 });
  const { problem } = limited(limiter, caller, { kind: 'audience', units: 1 });
  assert.deepEqual(problem?.members, { retry_after_ms: 1_001 });
  assert.equal(problem?.retryAfterSeconds, 2);
});

test("a token's share is reported beside the organization's limit, and bounds the token", () => {
  const { limiter } = startLimiter();
  const caller = makeCaller({ maxShare: 0.25 });
  const policy = 'RateLimit-Policy: "org";q=50;w=1, "token";q=12;w=1\r\n';
  const taken = limited(limiter, caller, { kind: 'audience', units: 10 });
  assert.equal(taken.head, `${policy}RateLimit: "org";r=40;t=1, "token";r=2;t=1\r\n`);
  const refused = limited(limiter, caller, { kind: 'audience', units: 3 });
  assert.equal(refused.head, `${policy}RateLimit: "org";r=40;t=1, "token";r=2;t=1\r\n`);
  assert.match(refused.problem?.detail ?? '', /this token's share of it, is reached/);
  const other = limited(limiter, makeCaller({ rowId: 2 }), { kind: 'audience', units: 40 });
  assert.equal(other.problem, undefined);
});

test("the rest of a share is reported even with the organization's last unit", () => {
  const { limiter } = startLimiter();
  limited(limiter, makeCaller({ rowId: 2 }), { kind: 'audience', units: 40 });
  const taken = limited(limiter, makeCaller({ maxShare: 0.25 }), { kind: 'audience', units: 10 });
  assert.equal(taken.problem, undefined);
  assert.match(taken.head, /RateLimit: "org";r=0;t=1, "token";r=2;t=1/);
});

test("a share is counted under its token's id, everything else under the organization's id", () => {
  const { limiter, requests } = startLimiter();
  const caller = makeCaller({ rowId: 7, maxShare: 0.5 }, { id: 3 });
  limited(limiter, caller, { kind: 'audience', units: 2 });
  limited(limiter, caller, { kind: 'ingest', units: 1 });
  assert.deepEqual(requests, [
    {
      ...{ key: windowKey('audience', 3), limit: 50, units: 2 },
      share: { key: windowKey('token', 7), limit: 25 },
    },
    { key: windowKey('ingest', 3), limit: 200, units: 1, share: null },
  ]);
});

test('tokens with shares are counted separately', () => {
  const { limiter } = startLimiter();
  for (const rowId of [1, 2]) {
    const caller = makeCaller({ rowId, maxShare: 0.1 });
    const { head } = limited(limiter, caller, { kind: 'audience', units: 5 });
    assert.match(head, /"token";r=0/);
  }
});

test('a share is at least one unit', () => {
  const { limiter } = startLimiter();
  const caller = makeCaller({ maxShare: 0.001 });
  assert.equal(maxUnits(caller, 'audience'), 1);
  assert.match(limited(limiter, caller, { kind: 'audience', units: 1 }).head, /"token";q=1;w=1/);
});

for (const [kind, limit] of [
  ['administration', 20],
  ['ingest', 200],
] as const) {
  test(`${kind} has a limit of its own, ${limit} a second, without shares`, () => {
    const { limiter } = startLimiter();
    const caller = makeCaller({ maxShare: 0.1 });
    assert.equal(maxUnits(caller, kind), limit);
    const taken = limited(limiter, caller, { kind, units: limit });
    assert.equal(
      taken.head,
      `RateLimit-Policy: "org";q=${limit};w=1\r\nRateLimit: "org";r=0;t=1\r\n`,
    );
    const { problem } = limited(limiter, caller, { kind, units: 1 });
    assert.equal(
      problem?.detail,
      `The limit of ${kind} requests is reached. Try again in 1001 ms.`,
    );
    assert.equal(limited(limiter, caller, { kind: 'audience', units: 5 }).problem, undefined);
  });
}

test('organizations are counted separately', () => {
  const { limiter } = startLimiter();
  for (const id of [1, 2]) {
    const caller = makeCaller({}, { id, limit: 3 });
    assert.match(limited(limiter, caller, { kind: 'audience', units: 3 }).head, /"org";r=0/);
  }
});

test('the most units of one request are the lower of limit and share', () => {
  assert.equal(maxUnits(makeCaller(), 'audience'), 50);
  assert.equal(maxUnits(makeCaller({ maxShare: 0.5 }), 'audience'), 25);
  assert.equal(maxUnits(makeCaller({ maxShare: 1 }), 'audience'), 50);
});
