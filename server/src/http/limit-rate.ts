/**
 * Takes units of the organization's limit for a known caller, and reports the units that are left
 * in `RateLimit-Policy` and `RateLimit` (IETF draft-ietf-httpapi-ratelimit-headers).
 */
import type { Problem } from '../domain/problem.ts';
import {
  type LimitKind,
  type LimitRequest,
  type RateLimiter,
  windowKey,
} from '../domain/rate-limit.ts';
import type { Caller } from './authenticate.ts';
import { type FixedText, fixedText, type HeadPieces } from './head-pieces.ts';
import { fixedRateLimits } from './limits.ts';

/** The limits a call can count towards. A token's share is counted with its organization's. */
export type CountedKind = Exclude<LimitKind, 'token'>;

export interface LimitOutcome {
  /** Header lines for every answer. */
  readonly head: HeadPieces;
  /** Set when the units were not granted. */
  readonly problem: Problem | undefined;
}

/** Takes `units` of the caller's limit, all or none. */
export function limitRate(
  limiter: RateLimiter,
  caller: Caller,
  options: { readonly kind: CountedKind; readonly units: number },
): LimitOutcome {
  const limits = limitsOf(caller, options.kind);
  const { units } = options;
  const taken = limiter.take(units === 1 ? limits.request : { ...limits.request, units });
  const head = headOf(limits, limiter.left, limiter.shareLeft);
  return { head, problem: taken >= 0 ? undefined : overLimit(-taken, limits.words) };
}

function headOf({ request, head }: CallerLimits, left: number, shareLeft: number): HeadPieces {
  if (request.share === null) return [head, left, endOfLimit];
  return [head, left, startOfShare, shareLeft, endOfLimit];
}

const startOfShare = fixedText(';t=1, "token";r=');
const endOfLimit = fixedText(';t=1\r\n');

/** The most units that one request of this caller can be granted. */
export function maxUnits(caller: Caller, kind: CountedKind): number {
  const { request } = limitsOf(caller, kind);
  return Math.min(request.limit, request.share?.limit ?? request.limit);
}

interface CallerLimits {
  /** For one unit, as most calls ask. */
  readonly request: LimitRequest;
  /** Header lines up to the number of units left. */
  readonly head: FixedText;
  readonly words: LimitWords;
}

/** Which limit was reached, and what the caller can do. */
interface LimitWords {
  readonly reached: string;
  readonly remedy: string;
}

const compiled = new WeakMap<Caller, Map<string, CallerLimits>>();

function limitsOf(caller: Caller, kind: CountedKind): CallerLimits {
  let ofCaller = compiled.get(caller);
  if (ofCaller === undefined) {
    ofCaller = new Map();
    compiled.set(caller, ofCaller);
  }
  const known = ofCaller.get(kind);
  if (known !== undefined) return known;
  const limits = compileLimits(caller, kind);
  ofCaller.set(kind, limits);
  return limits;
}

function compileLimits(caller: Caller, kind: CountedKind): CallerLimits {
  const { organization } = caller.organization;
  const limit = kind === 'audience' ? organization.rateLimit : fixedRateLimits[kind];
  const { maxShare, rowId } = caller.token;
  const hasShare = kind === 'audience' && maxShare !== null;
  const share = hasShare
    ? { key: windowKey('token', rowId), limit: Math.max(1, Math.floor(limit * maxShare)) }
    : null;
  const isUser = kind === 'console';
  const name = isUser ? 'user' : 'org';
  const own = share === null ? '' : `, "token";q=${share.limit};w=1`;
  return {
    request: { key: windowKey(kind, isUser ? rowId : organization.id), limit, units: 1, share },
    head: fixedText(`RateLimit-Policy: "${name}";q=${limit};w=1${own}\r\nRateLimit: "${name}";r=`),
    words: limitWords(kind, hasShare),
  };
}

function limitWords(kind: CountedKind, hasShare: boolean): LimitWords {
  if (kind !== 'audience') {
    return { reached: `The limit of ${kind} requests is reached`, remedy: '' };
  }
  const reached = hasShare
    ? "The organization's limit, or this token's share of it, is reached"
    : "The organization's limit is reached";
  const remedy = ', or have the limit raised: usher organization set NAME --rate-limit N';
  return { reached, remedy };
}

function overLimit(retryAfterMs: number, { reached, remedy }: LimitWords): Problem {
  return {
    code: 'rate_limited',
    detail: `${reached}. Try again in ${retryAfterMs} ms${remedy}.`,
    members: { retry_after_ms: retryAfterMs },
    retryAfterSeconds: Math.max(1, Math.ceil(retryAfterMs / 1_000)),
  };
}
