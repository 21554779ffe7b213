/**
 * A call of the look-up's paths that no route answers, for its method or for what it accepts: the
 * caller is asked for all the same, and the call costs a unit, so that every answer to a good token
 * tells how the limit stands.
 */
import type { Problem } from '../domain/problem.ts';
import type { RateLimiter } from '../domain/rate-limit.ts';
import { type AuthenticationContext, authenticate, isProblem } from './authenticate.ts';
import { limitRate } from './limit-rate.ts';

export interface RefusedCall {
  readonly url: string;
  readonly authorization: string | undefined;
  readonly address: string;
}

/**
 * What to refuse it with, and the header lines of the limit. A token that fails is told so first:
 * its failures are counted everywhere.
 */
export function refuseBelowAudience(
  context: AuthenticationContext & { readonly limiter: RateLimiter },
  { url, authorization, address }: RefusedCall,
  problem: Problem,
): { readonly problem: Problem; readonly head: string } {
  if (authorization === undefined || !url.startsWith('/audience/')) return { problem, head: '' };
  const caller = authenticate(context, { authorization, address });
  if (isProblem(caller)) return { problem: caller, head: '' };
  const limit = limitRate(context.limiter, caller, { kind: 'audience', units: 1 });
  return { problem: limit.problem ?? problem, head: limit.head };
}
